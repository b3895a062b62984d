import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JWTPayload } from 'jose';
import { z } from 'zod';
import { HostProblem } from './host-problem.ts';
import type { Identity, JwtRules } from './identity.ts';
import type { Invoke, Outcome } from './lambda.ts';
import type { Measure } from './metrics.ts';
import { ACCOUNT, type CloudApp, propertiesOf } from './template.ts';

/** The gateway's own limits. */
const BODY_LIMIT = 10 * 1024 * 1024;
const ANSWER_LIMIT_MS = 30_000;

const Integration = z.object({
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
});
const Route = z.object({
  RouteKey: z.string(),
  Target: z.string(),
  AuthorizationType: z.enum(['JWT', 'NONE']).default('NONE'),
  AuthorizerId: z.string().optional(),
  AuthorizationScopes: z.array(z.string()).default([]),
});
const Authorizer = z.object({
  AuthorizerType: z.literal('JWT'),
  JwtConfiguration: z.object({ Issuer: z.string(), Audience: z.array(z.string()) }),
});
const Cors = z.object({
  AllowOrigins: z.array(z.string()).default([]),
  AllowMethods: z.array(z.string()).default([]),
  AllowHeaders: z.array(z.string()).default([]),
  ExposeHeaders: z.array(z.string()).default([]),
  AllowCredentials: z.boolean().default(false),
  MaxAge: z.number().optional(),
});
const Api = z.object({ ProtocolType: z.literal('HTTP'), CorsConfiguration: Cors.optional() });

export interface ApiRoute {
  readonly key: string;
  readonly method: string;
  readonly segments: readonly string[];
  readonly functionArn: string;
  readonly rules: JwtRules | undefined;
  readonly scopes: readonly string[];
}
export interface ApiDefinition {
  readonly id: string;
  readonly routes: readonly ApiRoute[];
  readonly cors: z.infer<typeof Cors> | undefined;
  /** Of the first authorizer: whom local tokens are issued by and for. */
  readonly rules: JwtRules;
}

/** Reads the HTTP API of the templates. */
export function apiOf(app: CloudApp): ApiDefinition {
  const [api, another] = app.ofType('AWS::ApiGatewayV2::Api');
  if (!api || another)
    throw new HostProblem('The local host serves exactly one HTTP API; the templates have none or several.');
  const byName = <T>(type: string, schema: z.ZodType<T>) =>
    new Map(app.ofType(type).map((resource) => [resource.name, propertiesOf(resource, schema)]));
  const integrations = byName('AWS::ApiGatewayV2::Integration', Integration);
  const authorizers = new Map(
    [...byName('AWS::ApiGatewayV2::Authorizer', Authorizer)].map(([name, { JwtConfiguration: jwt }]) => [
      name,
      { issuer: jwt.Issuer, audience: jwt.Audience },
    ]),
  );
  const routes = app.ofType('AWS::ApiGatewayV2::Route').map((resource) => {
    const route = propertiesOf(resource, Route);
    const integration = integrations.get(route.Target.replace(/^integrations\//, ''));
    const rules = route.AuthorizerId === undefined ? undefined : authorizers.get(route.AuthorizerId);
    if (!integration || (route.AuthorizationType === 'JWT' && !rules)) {
      throw new HostProblem(`The route ${route.RouteKey} names an integration or authorizer that no template has.`);
    }
    const [method = '', path = ''] = route.RouteKey.split(' ');
    return {
      key: route.RouteKey,
      method,
      segments: segmentsOf(path),
      functionArn: integration.IntegrationUri,
      rules: route.AuthorizationType === 'JWT' ? rules : undefined,
      scopes: route.AuthorizationScopes,
    };
  });
  const [rules = { issuer: 'https://issuer.invalid', audience: ['local'] }] = authorizers.values();
  return { id: api.name, routes, cors: propertiesOf(api, Api).CorsConfiguration, rules };
}

const segmentsOf = (path: string) => path.split('/').filter((segment) => segment !== '');

/** The most specific route wins: fixed words before parameters before {proxy+}, then a method before ANY, then $default. */
export function matchRoute(
  routes: readonly ApiRoute[],
  method: string,
  path: string,
): { route: ApiRoute; parameters: Record<string, string> } | undefined {
  const asked = segmentsOf(path);
  const candidates = routes.flatMap((route) => {
    if (route.key === '$default') return { route, parameters: {}, rank: '9' };
    if (route.method !== 'ANY' && route.method !== method) return [];
    const parameters: Record<string, string> = {};
    let rank = '';
    for (const [index, segment] of route.segments.entries()) {
      const name = /^\{(.+?)(\+)?\}$/.exec(segment);
      const value = asked[index];
      if (name?.[1] !== undefined && name[2]) {
        if (value === undefined) return [];
        parameters[name[1]] = asked.slice(index).map(decode).join('/');
        return { route, parameters, rank: `${rank}2${route.method === 'ANY' ? 1 : 0}` };
      }
      if (value === undefined || (name?.[1] === undefined && segment !== value)) return [];
      if (name?.[1] !== undefined) parameters[name[1]] = decode(value);
      rank += name ? '1' : '0';
    }
    if (route.segments.length !== asked.length) return [];
    return { route, parameters, rank: `${rank}0${route.method === 'ANY' ? 1 : 0}` };
  });
  return candidates.sort((a, b) => (a.rank < b.rank ? -1 : 1))[0];
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Claims as a function gets them: everything is a string, a list is `[a b]`. */
export const claimStrings = (claims: JWTPayload): Record<string, string> =>
  Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      Array.isArray(value) ? `[${value.join(' ')}]` : String(value),
    ]),
  );

/** Content that travels as text; anything else reaches the function in base64, forms and untyped bodies too. */
const isText = (contentType: string) => /^(text\/|application\/(json|xml|javascript)\b)/i.test(contentType);

export interface HttpApiOptions {
  readonly api: ApiDefinition;
  readonly invoke: Invoke;
  readonly identity: Identity;
  readonly now: () => number;
  readonly measure: Measure;
  /** Answers requests that only the local host has; false for any other. */
  readonly own: (request: IncomingMessage, path: string, body: Buffer, response: ServerResponse) => Promise<boolean>;
  /** Last change to a body, for what only the host knows. */
  readonly amend: (route: ApiRoute, body: string) => string;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
}
const message = (status: number, text: string, headers = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ message: text }),
});

/** Answers requests as API Gateway's HTTP API would, by the routes of the templates. */
export function httpApi(options: HttpApiOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const body = await readBody(request);
      if (body && (await options.own(request, url.pathname, body, response))) return;
      const requestId = randomUUID();
      const answer = body
        ? await serve(options, request, url, body, requestId)
        : message(413, 'Request Entity Too Large');
      const headers = {
        ...answer.headers,
        'content-length': Buffer.byteLength(answer.body ?? ''),
        'apigw-requestid': requestId,
        ...corsHeaders(options.api, request),
      };
      if (answer.status >= 500) options.measure('AWS/ApiGateway', '5xx', { ApiId: options.api.id }, 1);
      response.writeHead(answer.status, headers).end(answer.body);
    } catch (error) {
      console.error(error);
      const { status, headers, body } = message(500, 'Internal Server Error');
      if (!response.headersSent) response.writeHead(status, headers).end(body);
    }
  };
}

async function serve(
  options: HttpApiOptions,
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  requestId: string,
): Promise<Answer> {
  const { api, identity, invoke } = options;
  const method = request.method ?? 'GET';
  if (api.cors && method === 'OPTIONS' && request.headers['access-control-request-method']) return { status: 204 };
  const found = matchRoute(api.routes, method, url.pathname);
  if (!found) return message(404, 'Not Found');

  const { route } = found;
  let authorizer: object | undefined;
  if (route.rules) {
    const token = (request.headers.authorization ?? '').replace(/^Bearer\s+/i, '');
    const claims = await identity.verify(token, route.rules);
    if (!claims) return message(401, 'Unauthorized', { 'www-authenticate': 'Bearer' });
    const granted = String(claims.scope ?? '').split(' ');
    if (route.scopes.length > 0 && !route.scopes.some((scope) => granted.includes(scope)))
      return message(403, 'Forbidden');
    authorizer = { jwt: { claims: claimStrings(claims), scopes: route.scopes.length > 0 ? route.scopes : null } };
  }

  const event = eventOf(options, request, url, body, { ...found, authorizer, requestId });
  const outcome = await withinLimit(invoke(route.functionArn, event));
  if (outcome === 'late') return message(503, 'Service Unavailable');
  const answer = outcome.ok ? answerOf(outcome.payload) : undefined;
  if (!answer) return message(500, 'Internal Server Error');
  return typeof answer.body === 'string' ? { ...answer, body: options.amend(route, answer.body) } : answer;
}

function withinLimit(work: Promise<Outcome>): Promise<Outcome | 'late'> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve('late'), ANSWER_LIMIT_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** The event of payload format 2.0. */
function eventOf(
  { api, now }: HttpApiOptions,
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  {
    route,
    parameters,
    authorizer,
    requestId,
  }: {
    route: ApiRoute;
    parameters: Record<string, string>;
    authorizer: object | undefined;
    requestId: string;
  },
) {
  const { cookie, ...headers } = request.headersDistinct;
  const joined = Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values?.join(',')]));
  const query: Record<string, string> = {};
  for (const [name, value] of url.searchParams)
    query[name] = query[name] === undefined ? value : `${query[name]},${value}`;
  const text = isText(joined['content-type'] ?? '');
  const timeEpoch = now();
  return {
    version: '2.0',
    routeKey: route.key,
    // This gateway, other than its siblings, hands the path over decoded.
    rawPath: decode(url.pathname),
    rawQueryString: url.search.slice(1),
    ...(cookie ? { cookies: cookie.flatMap((one) => one.split('; ')) } : {}),
    headers: joined,
    ...(Object.keys(query).length > 0 ? { queryStringParameters: query } : {}),
    requestContext: {
      accountId: ACCOUNT,
      apiId: api.id,
      ...(authorizer ? { authorizer } : {}),
      domainName: joined.host ?? 'localhost',
      domainPrefix: api.id,
      http: {
        method: request.method ?? 'GET',
        path: decode(url.pathname),
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: joined['user-agent'] ?? '',
      },
      requestId,
      routeKey: route.key,
      stage: '$default',
      time: commonLogTime(timeEpoch),
      timeEpoch,
    },
    ...(Object.keys(parameters).length > 0 ? { pathParameters: parameters } : {}),
    ...(body.length > 0 ? { body: body.toString(text ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: body.length > 0 && !text,
  };
}

/** 09/Mar/2026:13:30:00 +0000 */
function commonLogTime(ms: number): string {
  const [, day, month, year, time] = /, (\d+) (\w+) (\d+) (\S+)/.exec(new Date(ms).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}

const FunctionAnswer = z.object({
  statusCode: z.coerce.number().int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  cookies: z.array(z.string()).default([]),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
});

const Structured = z.object({ statusCode: z.unknown() });

/** What the function meant; undefined where the gateway would answer 500. */
function answerOf(payload: unknown): Answer | undefined {
  if (Structured.safeParse(payload).data?.statusCode === undefined) {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(payload) };
  }
  const parsed = FunctionAnswer.safeParse(payload);
  if (!parsed.success) return undefined;
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const lowered = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  return {
    status: statusCode,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...lowered,
      ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}),
    },
    body: isBase64Encoded ? Buffer.from(body, 'base64') : body,
  };
}

function corsHeaders({ cors }: ApiDefinition, request: IncomingMessage): Record<string, string> {
  const { origin } = request.headers;
  if (!cors || origin === undefined || !(cors.AllowOrigins.includes('*') || cors.AllowOrigins.includes(origin)))
    return {};
  const shared = {
    'access-control-allow-origin': cors.AllowOrigins.includes('*') ? '*' : origin,
    ...(cors.AllowCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...(cors.ExposeHeaders.length > 0 ? { 'access-control-expose-headers': cors.ExposeHeaders.join(',') } : {}),
  };
  if (request.method !== 'OPTIONS') return shared;
  return {
    ...shared,
    'access-control-allow-methods': cors.AllowMethods.join(','),
    'access-control-allow-headers': cors.AllowHeaders.join(','),
    ...(cors.MaxAge === undefined ? {} : { 'access-control-max-age': String(cors.MaxAge) }),
  };
}

/** The whole body, or undefined when it is over the limit; the rest is then thrown away as it comes. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(Buffer.from(chunk));
  }
  return size > BODY_LIMIT ? undefined : Buffer.concat(chunks);
}
