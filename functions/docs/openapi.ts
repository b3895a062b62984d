import { z } from 'zod';
import { createDocument } from 'zod-openapi';
import { Slug } from '../../domain/cases/case.ts';
import { IntakeAnswer } from '../../domain/intake/intake.ts';
import type { RefusalCode } from '../../domain/refusal.ts';
import { Instant } from '../../domain/time.ts';
import { PROBLEMS, Problem } from '../api/problem.ts';
import { type AnyRoute, NoBody } from '../api/route.ts';
import { articleRoutes, caseKnowledgeRoutes } from '../articles/articles.routes.ts';
import { caseRoutes } from '../cases/cases.routes.ts';
import { channelSettingRoutes, intakeRoutes } from '../channels/channels.routes.ts';
import { convertRoutes } from '../convert/convert.routes.ts';
import { customFieldRoutes } from '../custom-fields/custom-fields.routes.ts';
import { customerRoutes } from '../customers/customers.routes.ts';
import { entitlementRoutes } from '../entitlements/entitlements.routes.ts';
import { attachmentRoutes } from '../files/attachments.routes.ts';
import { hierarchyRoutes } from '../hierarchy/hierarchy.routes.ts';
import { linkRoutes } from '../links/links.routes.ts';
import { mergeRoutes } from '../merge/merge.routes.ts';
import { integrationRoutes } from '../people/integrations.routes.ts';
import { peopleRoutes } from '../people/people.routes.ts';
import { portabilityRoutes } from '../portability/portability.routes.ts';
import { caseStageRoutes, processFlowRoutes } from '../process/process.routes.ts';
import { queueRoutes } from '../queues/queues.routes.ts';
import { redriveRoutes } from '../redrive/redrive.routes.ts';
import { replyRoutes } from '../replies/replies.routes.ts';
import { reportRoutes } from '../reports/reports.routes.ts';
import { routingRoutes } from '../routing/routing.routes.ts';
import { searchRoutes } from '../search/search.routes.ts';
import { settingRoutes } from '../settings/settings.routes.ts';
import { slaRoutes } from '../sla/sla.routes.ts';
import { statusRoutes } from '../statuses/statuses.routes.ts';
import { templateRoutes } from '../templates/templates.routes.ts';
import { webhookRoutes } from '../webhooks/webhooks.routes.ts';

/** Every route of the contract that needs a token. */
export const allRoutes: readonly AnyRoute[] = [
  caseRoutes,
  articleRoutes,
  caseKnowledgeRoutes,
  channelSettingRoutes,
  intakeRoutes,
  replyRoutes,
  attachmentRoutes,
  convertRoutes,
  hierarchyRoutes,
  linkRoutes,
  customerRoutes,
  peopleRoutes,
  integrationRoutes,
  entitlementRoutes,
  mergeRoutes,
  portabilityRoutes,
  queueRoutes,
  redriveRoutes,
  reportRoutes,
  searchRoutes,
  routingRoutes,
  settingRoutes,
  customFieldRoutes,
  processFlowRoutes,
  caseStageRoutes,
  templateRoutes,
  slaRoutes,
  statusRoutes,
  webhookRoutes,
].flatMap((routes): AnyRoute[] => Object.values(routes));

/** What any route may refuse with. */
const ALWAYS = ['VALIDATION_FAILED', 'UNAUTHENTICATED', 'FORBIDDEN', 'TRY_AGAIN', 'INTERNAL'] as const;

type Document = Parameters<typeof createDocument>[0];

/** The OpenAPI document, from the same schemas that validate requests. */
export const openApiDocument = () =>
  createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Docket',
      version: '1',
      description: 'Case management. Errors are RFC 9457 problems whose `code` is stable.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    security: [{ bearer: [] }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    paths: allRoutes.reduce<NonNullable<Document['paths']>>(
      (paths, route) => {
        paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
        return paths;
      },
      { ...openPaths },
    ),
  });

/** What the gateway says before a function is asked. */
const GatewayAnswer = z.object({ message: z.string() }).meta({ id: 'GatewayAnswer' });

/** The gateway's own answers, to any route; some of their statuses are a function's too. */
const BY_GATEWAY: Readonly<Record<number, string>> = {
  401: 'No valid token',
  413: 'A body of more than 10 MB',
  429: 'Too many requests',
  431: 'An address and headers of more than 10 kB together',
  503: 'No answer in time',
};

const json = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } });

/** An answer for each status of these codes, and for each of the gateway's. */
const answersOf = (codes: readonly RefusalCode[]) => {
  const statuses = new Set([...codes.map((code) => PROBLEMS[code].status), ...Object.keys(BY_GATEWAY).map(Number)]);
  return Object.fromEntries(
    [...statuses].map((status) => {
      const own = codes.filter((code) => PROBLEMS[code].status === status).join(', ');
      const { [status]: gateways } = BY_GATEWAY;
      return [
        String(status),
        {
          description: [own, gateways && `${gateways}: the gateway answers`].filter(Boolean).join('; '),
          content: {
            ...(own && { 'application/problem+json': { schema: Problem } }),
            ...(gateways && { 'application/json': { schema: GatewayAnswer } }),
          },
        },
      ];
    }),
  );
};

/** What whoever sends messages may be refused with. */
const TO_SENDERS = [
  'SIGNATURE_INVALID',
  'TOO_OLD',
  'NOT_FOUND',
  'MESSAGE_ID_REUSED',
  'PAYLOAD_TOO_LARGE',
  'RATE_LIMITED',
  'INTERNAL',
  'TRY_AGAIN',
] as const;

/** What needs no token: a message is admitted by its channel's signature, and anybody may ask whether the service is up. */
const openPaths: NonNullable<Document['paths']> = {
  '/v1/channels/{channelId}/inbound': {
    post: {
      operationId: 'postChannelsChannelIdInbound',
      summary: 'Send a message to a channel',
      description:
        'Admitted by the signature of the channel’s kind over the raw body; by default Standard Webhooks’, where `webhook-id` tells repeats apart. What a kind of channel takes, and answers, is as its provider wants it.',
      tags: ['Channels'],
      security: [],
      requestParams: {
        path: z.object({ channelId: Slug }),
        header: z.object({
          'webhook-id': z.string().optional(),
          'webhook-timestamp': z.string().optional(),
          'webhook-signature': z.string().optional(),
        }),
      },
      requestBody: { required: true, ...json(z.unknown()) },
      responses: {
        '200': { description: 'A repeat, or nothing to do', ...json(IntakeAnswer) },
        '202': { description: 'Taken in', ...json(IntakeAnswer) },
        ...answersOf(['VALIDATION_FAILED', ...TO_SENDERS]),
      },
    },
  },
  '/v1/channels/{channelId}/email': {
    post: {
      operationId: 'postChannelsChannelIdEmail',
      summary: 'Send a mail to a mailbox',
      description:
        'The raw mail (RFC 5322), signed by Standard Webhooks over its bytes. A Message-ID that came before is a repeat.',
      tags: ['Channels'],
      security: [],
      requestParams: {
        path: z.object({ channelId: Slug }),
        header: z.object({
          'webhook-id': z.string(),
          'webhook-timestamp': z.string(),
          'webhook-signature': z.string(),
        }),
      },
      requestBody: {
        required: true,
        content: { 'message/rfc822': { schema: z.string().meta({ format: 'binary' }) } },
      },
      responses: {
        '200': { description: 'A repeat', ...json(IntakeAnswer) },
        '202': { description: 'Taken in', ...json(IntakeAnswer) },
        ...answersOf([...TO_SENDERS, 'UNSUPPORTED_MEDIA_TYPE']),
      },
    },
  },
  '/health': {
    get: {
      operationId: 'getHealth',
      summary: 'Ask whether the service answers, and its time',
      tags: ['Service'],
      security: [],
      responses: { '200': { description: 'It does', ...json(z.object({ now: Instant, speed: z.number() })) } },
    },
  },
};

const operation = (route: AnyRoute) => {
  const hasParams = route.params instanceof z.ZodObject && Object.keys(route.params.shape).length > 0;
  const hasQuery = route.query instanceof z.ZodObject && Object.keys(route.query.shape).length > 0;
  return {
    operationId: operationId(route),
    summary: route.summary,
    description: [route.description, `Roles: ${route.roles.join(', ')}.`].filter(Boolean).join(' '),
    tags: [route.tag],
    requestParams: {
      ...(hasParams && route.params instanceof z.ZodObject && { path: route.params }),
      ...(hasQuery && route.query instanceof z.ZodObject && { query: route.query }),
      ...headersOf(route),
    },
    ...(route.body !== NoBody && {
      requestBody: { required: true, content: { 'application/json': { schema: route.body } } },
    }),
    responses: {
      [`${route.status}`]: {
        description: 'Done',
        content: Object.fromEntries(route.media.map((type) => [type, { schema: route.answer }])),
      },
      ...problemsOf(route),
    },
  };
};

const operationId = ({ method, path, tag }: AnyRoute): string =>
  `${method.toLowerCase()} ${path.replace('/v1/', '')} ${tag}`
    .replace(/[^A-Za-z]+(.)?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? '')
    .replace(
      new RegExp(`${tag.replaceAll(/[^A-Za-z]+(.)?/g, (_: string, letter?: string) => letter?.toUpperCase() ?? '')}$`),
      '',
    );

const headersOf = (route: AnyRoute) => {
  const headers = {
    ...(route.method === 'POST' && {
      'Idempotency-Key': z.string().min(1).max(255).optional().describe('A repeat within 7 days gets the first answer'),
    }),
    ...(route.path.includes('{') &&
      route.method !== 'GET' && {
        'If-Match': z.string().optional().describe('The `ETag` of what was read; 412 when it has changed since'),
      }),
  };
  return Object.keys(headers).length > 0 ? { header: z.object(headers) } : {};
};

/** One answer for each status that the route's refusals have, with their codes. */
const problemsOf = (route: AnyRoute) => {
  const codes = new Set([
    ...ALWAYS,
    ...route.refusals,
    ...(route.path.includes('{') ? (['NOT_FOUND'] as const) : []),
    ...(route.path.includes('{caseId}') && route.method !== 'GET'
      ? (['STALE_VERSION', 'MERGED_ELSEWHERE'] as const)
      : []),
    ...(route.method === 'POST' ? (['IDEMPOTENCY_MISMATCH'] as const) : []),
    ...(route.body === NoBody ? [] : (['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const)),
  ]);
  return answersOf([...codes]);
};
