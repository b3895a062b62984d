import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { z } from 'zod';
import { refuse } from '../../domain/refusal.ts';
import { problem } from '../api/problem.ts';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { services } from '../services.ts';
import { isTableBusy } from '../table/table.ts';
import type { RawRequest } from './adapters/adapter.ts';
import { type Received, receive } from './receive.ts';

const deps = services(readEnv(functionEnv.inbound).TABLE_NAME);

const Path = z.object({ channelId: z.string().max(63) });

export const handler = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  const { requestId } = event.requestContext;
  const channelId = Path.safeParse(event.pathParameters).data?.channelId ?? '';
  const about = { requestId, channelId };
  logger.info('request', about);
  const received = await receive(deps, { channelId, request: rawRequest(event), correlationId: requestId }).catch(
    (error: unknown): Received => {
      logger.error('fault', { ...about, error: error instanceof Error ? error : String(error) });
      return isTableBusy(error)
        ? refuse('TRY_AGAIN', 'Too much is going on just now')
        : refuse('INTERNAL', 'The message was not taken in');
    },
  );
  const answer = httpAnswer(received);
  logger.info('answer', { ...about, status: answer.statusCode });
  return answer;
};

const rawRequest = (event: APIGatewayProxyEventV2): RawRequest => {
  const { http, domainName } = event.requestContext;
  const query = event.rawQueryString ? `?${event.rawQueryString}` : '';
  return {
    method: http.method,
    url: `https://${event.headers.host ?? domainName}${event.rawPath}${query}`,
    headers: Object.fromEntries(
      Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value ?? '']),
    ),
    query: Object.fromEntries(new URLSearchParams(event.rawQueryString)),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
  };
};

const httpAnswer = (received: Received): APIGatewayProxyStructuredResultV2 => {
  if ('code' in received) return problem(received);
  if ('contentType' in received) {
    const { status, contentType, body } = received;
    return { statusCode: status, headers: { 'content-type': contentType }, body };
  }
  return {
    statusCode: received.status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(received.body),
  };
};
