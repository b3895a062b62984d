import type { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import httpRouterHandler, { type Route as RouterRoute } from '@middy/http-router';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { z } from 'zod';
import type { Caller } from '../../domain/cases/case-file.ts';
import { type FieldError, invalid, type Refusal, refuse } from '../../domain/refusal.ts';
import { pathWithoutTexts } from '../logger.ts';
import { type IdempotentRequest, idempotentRequest } from '../table/idempotency.ts';
import { isTableBusy } from '../table/table.ts';
import { authorizerClaims, callerOf } from './caller.ts';
import { withProtectingHeaders } from './headers.ts';
import { cameThroughTheFront, notThroughTheFront } from './origin.ts';
import { problem } from './problem.ts';
import type { AnyRoute, Route } from './route.ts';

/** A request that has been parsed and admitted. */
export interface Request<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  caller: Caller;
  /** The version that the caller has read, from `If-Match`. */
  ifMatch?: number;
  /** Present when a POST carries an `Idempotency-Key`. */
  idempotent?: IdempotentRequest;
  correlationId: string;
}

/** The form of an answer whose body is a text, where that is not JSON. */
interface TextForm {
  contentType: string;
  headers?: Record<string, string>;
}

/** An answer: what to say, or a refusal. `status` differs from the route's only when an earlier answer is repeated. */
export type Outcome = { accepted: true; body: unknown; status?: number; as?: TextForm } | Refusal;

type ApiRoute = RouterRoute<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;

/** Implements a declared route. */
export const on = <P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  route: Route<P, Q, B, A>,
  handle: (request: Request<z.infer<P>, z.infer<Q>, z.infer<B>>) => Promise<Outcome>,
): ApiRoute => ({
  method: route.method,
  path: route.path,
  handler: async (event: APIGatewayProxyEventV2) => {
    const request = parseRequest(route, event);
    if (!('caller' in request)) return problem(request);
    const outcome = await handle(request);
    if (!outcome.accepted) return problem(outcome);
    return outcome.as
      ? textAnswer(route.status, outcome.body, outcome.as)
      : answer(outcome.status ?? route.status, outcome.body);
  },
});

/** The handler of a capability's API: routes requests, answers every error as a problem, logs start and end once each. */
export const api = (logger: Logger, ...routes: ApiRoute[]) =>
  middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use({
      before: ({ event, context }) => {
        const { method, path } = event.requestContext.http;
        logger.resetKeys();
        logger.appendKeys({ requestId: event.requestContext.requestId, functionRequestId: context.awsRequestId });
        logger.info('request', { method, path: pathWithoutTexts(path) });
        if (cameThroughTheFront(event.headers)) return undefined;
        logger.info('answer', { status: 403 });
        return withProtectingHeaders(notThroughTheFront());
      },
      after: (request) => {
        logger.info('answer', { status: request.response?.statusCode });
        if (request.response) request.response = withProtectingHeaders(request.response);
      },
      onError: (request) => {
        logger.error('fault', request.error instanceof Error ? request.error : new Error(String(request.error)));
        request.response = withProtectingHeaders(
          problem(
            isTableBusy(request.error)
              ? refuse('TRY_AGAIN', 'Too much is going on just now')
              : refuse('INTERNAL', 'The request was not carried out'),
          ),
        );
      },
    })
    .handler(
      httpRouterHandler<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>({
        routes,
        notFoundResponse: ({ method, path }) => problem(refuse('NOT_FOUND', `There is no route ${method} ${path}`)),
      }),
    );

/** JSON bodies end here; attachments travel by other ways. */
const MAX_BODY_BYTES = 1024 * 1024;

const parseRequest = <P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  route: Route<P, Q, B, A>,
  event: APIGatewayProxyEventV2,
): Request<z.infer<P>, z.infer<Q>, z.infer<B>> | Refusal => {
  const caller = callerOf(authorizerClaims(event));
  if (!caller) return refuse('UNAUTHENTICATED', 'The token names nobody');
  if (!route.roles.some((role) => caller.roles.includes(role))) {
    return refuse('FORBIDDEN', `Needs one of the roles ${route.roles.join(', ')}`);
  }
  const json = parseBody(event);
  if (!json.accepted) return json;
  const errors: FieldError[] = [];
  const params = parsePart(route.params, event.pathParameters ?? {}, 'path', errors);
  const query = parsePart(route.query, event.queryStringParameters ?? {}, 'query', errors);
  const body = parsePart(route.body, json.value, '', errors);
  const ifMatch = parseIfMatch(event.headers['if-match'], errors);
  const key = event.headers['idempotency-key'];
  if (key !== undefined && (key.length === 0 || key.length > 255)) {
    errors.push({ path: 'header.idempotency-key', message: '1 to 255 characters' });
  }
  if (errors.length > 0 || !params || !query || !body) {
    return {
      ...refuse('VALIDATION_FAILED', errors.map(({ path, message }) => `${path}: ${message}`).join('; ')),
      errors,
    };
  }
  return {
    params: params.data,
    query: query.data,
    body: body.data,
    caller,
    ...(ifMatch !== undefined && { ifMatch }),
    ...(key &&
      route.method === 'POST' && { idempotent: idempotentRequest(caller.userId, event.rawPath, key, json.value) }),
    correlationId: event.requestContext.requestId,
  };
};

const parsePart = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
  errors: FieldError[],
): { data: z.infer<Schema> } | undefined => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { data: parsed.data };
  errors.push(
    ...parsed.error.issues.map(({ path, message }) => ({
      path: [...(where ? [where] : []), ...path].join('.'),
      message,
    })),
  );
  return undefined;
};

const parseBody = (event: APIGatewayProxyEventV2): { accepted: true; value: unknown } | Refusal => {
  // A missing body is an empty one: what is required is then named, and what is optional need not be sent.
  if (!event.body) return { accepted: true, value: {} };
  const bytes = Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) return refuse('PAYLOAD_TOO_LARGE', `A body holds at most ${MAX_BODY_BYTES} bytes`);
  if (!/^application\/([\w.-]+\+)?json\b/i.test(event.headers['content-type'] ?? '')) {
    return refuse('UNSUPPORTED_MEDIA_TYPE', 'Send content-type: application/json');
  }
  const text = bytes.toString('utf8');
  if (nesting(text) > MAX_NESTING) return invalid('', `is nested deeper than ${MAX_NESTING} levels`);
  try {
    return { accepted: true, value: JSON.parse(text) };
  } catch {
    return { ...refuse('VALIDATION_FAILED', 'The body is not JSON'), errors: [{ path: '', message: 'is not JSON' }] };
  }
};

/** Conditions nest; schemas that follow them would run out of stack on what no person writes. */
const MAX_NESTING = 64;

/** How deep a JSON text nests; what stands in strings does not count. */
const nesting = (text: string): number => {
  let [depth, deepest] = [0, 0];
  for (const [character] of text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').matchAll(/[[\]{}]/g)) {
    if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
};

const parseIfMatch = (header: string | undefined, errors: FieldError[]): number | undefined => {
  if (header === undefined || header.trim() === '*') return undefined;
  const version = /^"(\d{1,15})"$/.exec(header.trim())?.[1];
  if (!version) errors.push({ path: 'header.if-match', message: 'is an ETag in quotes' });
  return version ? Number(version) : undefined;
};

const Etagged = z.object({ version: z.int() });

const answer = (statusCode: number, body: unknown): APIGatewayProxyStructuredResultV2 => {
  const versioned = Etagged.safeParse(body);
  return {
    statusCode,
    headers: { 'content-type': 'application/json', ...(versioned.success && { etag: `"${versioned.data.version}"` }) },
    body: JSON.stringify(body),
  };
};

const textAnswer = (
  statusCode: number,
  body: unknown,
  { contentType, headers }: TextForm,
): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: { 'content-type': contentType, ...headers },
  body: String(body),
});

/** All routes of an API must be implemented once each: what is declared and what is wired are compared by a test. */
export const routesOf = (routes: Readonly<Record<string, AnyRoute>>): AnyRoute[] => Object.values(routes);
