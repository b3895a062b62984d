import { S3Client } from '@aws-sdk/client-s3';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { z } from 'zod';
import { MAX_FILE_BYTES } from '../../domain/files/judge-file.ts';
import { refuse } from '../../domain/refusal.ts';
import { withProtectingHeaders } from '../api/headers.ts';
import { cameThroughTheFront, hostOf, notThroughTheFront } from '../api/origin.ts';
import { problem } from '../api/problem.ts';
import { functionEnv, readEnv } from '../env.ts';
import { fileStore, S3_OPTIONS } from '../files/file-store.ts';
import { guardedHttp } from '../http/guarded-http.ts';
import { logger } from '../logger.ts';
import { services } from '../services.ts';
import { isTableBusy } from '../table/table.ts';
import type { RawRequest } from './adapters/adapter.ts';
import { type Received, receive } from './receive.ts';

const env = readEnv(functionEnv.inbound);
/** A provider's file may be as large as one that we keep; the sender waits meanwhile. */
const LIMITS = { connectMs: 3_000, totalMs: 10_000, answerBytes: MAX_FILE_BYTES + 1 };

const deps = {
  ...services(env.TABLE_NAME),
  files: fileStore(new S3Client(S3_OPTIONS), env.ATTACHMENT_BUCKET),
  http: guardedHttp({ addresses: env.OUTBOUND_ADDRESSES, limits: LIMITS }),
};

const Path = z.object({ channelId: z.string().max(63) });

export const handler = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  const { requestId } = event.requestContext;
  const channelId = Path.safeParse(event.pathParameters).data?.channelId ?? '';
  const about = { requestId, channelId };
  logger.info('request', about);
  if (!cameThroughTheFront(event.headers)) return withProtectingHeaders(notThroughTheFront());
  const door = event.routeKey.endsWith('/email') ? 'email' : 'inbound';
  const received = await receive(deps, { channelId, door, request: rawRequest(event), correlationId: requestId }).catch(
    (error: unknown): Received => {
      logger.error('fault', { ...about, error: error instanceof Error ? error : String(error) });
      return isTableBusy(error)
        ? refuse('TRY_AGAIN', 'Too much is going on just now')
        : refuse('INTERNAL', 'The message was not taken in');
    },
  );
  const answer = withProtectingHeaders(httpAnswer(received));
  logger.info('answer', { ...about, status: answer.statusCode });
  return answer;
};

const rawRequest = (event: APIGatewayProxyEventV2): RawRequest => {
  const { http, domainName } = event.requestContext;
  const query = event.rawQueryString ? `?${event.rawQueryString}` : '';
  return {
    method: http.method,
    url: `https://${hostOf(event.headers) ?? domainName}${event.rawPath}${query}`,
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
