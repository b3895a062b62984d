import { Logger } from '@aws-lambda-powertools/logger';
import { ThrottlingException, TransactionInProgressException } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { api, on } from '../../functions/api/api.ts';
import { declareRoute } from '../../functions/api/route.ts';

const route = declareRoute({
  method: 'GET',
  path: '/v1/thing',
  tag: 'Things',
  summary: 'Read a thing',
  roles: ['agent'],
  answer: z.object({}),
});

const answerTo = async (fault: Error) => {
  const handler = api(
    new Logger({ logLevel: 'SILENT' }),
    on(route, async () => {
      throw fault;
    }),
  );
  const event = {
    version: '2.0',
    rawPath: '/v1/thing',
    headers: {},
    requestContext: {
      requestId: 'r1',
      http: { method: 'GET', path: '/v1/thing' },
      authorizer: { jwt: { claims: { sub: 'anna', 'cognito:groups': '[agent]' } } },
    },
  } as unknown as APIGatewayProxyEventV2;
  return handler(event, {} as Context);
};

it.each([
  ['is throttled', new ThrottlingException({ message: 'slow down', $metadata: {} })],
  [
    'is still carrying out the same transaction',
    new TransactionInProgressException({ message: 'wait', $metadata: {} }),
  ],
])('a request whose table %s may be sent again in a moment', async (_, fault) => {
  const { statusCode, headers, body } = await answerTo(fault);
  expect([statusCode, headers?.['retry-after'], JSON.parse(String(body)).code]).toEqual([503, '1', 'TRY_AGAIN']);
});

it('a request that meets a mistake of ours is told so, and not what it was', async () => {
  const { statusCode, body } = await answerTo(new TypeError('secret is undefined'));
  expect(statusCode).toBe(500);
  expect(JSON.parse(String(body))).toMatchObject({ code: 'INTERNAL' });
  expect(body).not.toContain('secret');
});
