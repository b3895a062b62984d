import { readFileSync } from 'node:fs';
import { SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../functions/api/caller.ts';
import { PROBLEMS } from '../../functions/api/problem.ts';
import { allRoutes } from '../../functions/docs/openapi.ts';
import { type Answer, type Client, clientOf } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();

const ID = '019c0000-0000-7000-8000-000000000000';
const UUIDS =
  /\{(caseId|otherId|activityId|articleId|leadId|opportunityId|attachmentId|deliveryId|exportId|intakeId)\}/g;
const pathOf = (route: { path: string }, caseId = ID): string =>
  route.path
    .replaceAll('{caseId}', caseId)
    .replaceAll(UUIDS, ID)
    .replaceAll(/\{\w+\}/g, 'none');

/** Calls a route with what it takes at least: an empty body says nothing, and is refused before anything is looked up. */
const call = (client: Client, route: { method: string; path: string }, caseId?: string): Promise<Answer> => {
  const path = pathOf(route, caseId);
  switch (route.method) {
    case 'GET':
      return client.get(path);
    case 'DELETE':
      return client.delete(path);
    case 'PUT':
      return client.put(path, {});
    case 'PATCH':
      return client.patch(path, {});
    default:
      return client.post(path, {});
  }
};

const nameOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`;

/** The table in the documentation: each route with the roles that may call it. */
const documented = new Map(
  [...readFileSync('docs/authorisation.md', 'utf8').matchAll(/^\| `(\w+ \/v1\S*)` \| ([a-z, ]+) \|$/gm)].map(
    ([, route = '', roles = '']) => [route, roles.split(', ')],
  ),
);

/** Admins are supervisors, and supervisors are agents. */
const INCLUDED: Record<Role, readonly Role[]> = {
  agent: ['agent'],
  supervisor: ['agent', 'supervisor'],
  admin: ['agent', 'supervisor', 'admin'],
  integration: ['integration'],
};

describe('the table of roles and routes', () => {
  it('is what the documentation says, route by route', () => {
    expect(Object.fromEntries(allRoutes.map((route) => [nameOf(route), [...route.roles].sort()]))).toEqual(
      Object.fromEntries([...documented].map(([route, roles]) => [route, [...roles].sort()])),
    );
  });

  it.each(['agent', 'supervisor', 'admin', 'integration'] as const)(
    'turns %s away from every route that it does not name them for, and from no other',
    async (role) => {
      const client = await service.as(`table-${role}`, role);
      const wrong: string[] = [];
      for (const route of allRoutes) {
        const roles = documented.get(nameOf(route)) ?? [];
        const { status, body } = await call(client, route);
        const isRefused = status === 403 && body.code === 'FORBIDDEN';
        if (isRefused === INCLUDED[role].some((one) => roles.includes(one))) wrong.push(`${nameOf(route)}: ${status}`);
        // Whatever else is wrong with the request: the route itself answers, and by a code of the contract.
        if (status >= 500 || (status >= 400 && (!(body.code in PROBLEMS) || /no route/.test(body.detail))))
          wrong.push(`${nameOf(route)}: ${status} ${JSON.stringify(body)}`);
      }
      expect(wrong).toEqual([]);
    },
  );

  it('turns away whoever has no role, from everything', async () => {
    const client = await service.as('table-nobody');
    const answers = await Promise.all(allRoutes.map((route) => call(client, route)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
  });
});

describe('a token', () => {
  const tokens: Record<string, string> = {};

  beforeAll(async () => {
    const good = await service.host.token({ sub: 'anna', roles: ['admin'] });
    const [head = '', claims = '', signature = ''] = good.split('.');
    const payload = JSON.parse(Buffer.from(claims, 'base64url').toString());
    const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const signedBy = (claimed: object, secret: string, alg: string) =>
      new SignJWT({ ...claimed }).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
    Object.assign(tokens, {
      'that is none': 'nonsense',
      'without a signature': `${head}.${claims}.`,
      'by the algorithm “none”': `${encoded({ alg: 'none' })}.${claims}.`,
      'with a signature of another algorithm': await signedBy(
        payload,
        'a secret of more than thirty-two bytes',
        'HS256',
      ),
      'with claims that were changed': `${head}.${encoded({ ...payload, sub: 'root' })}.${signature}`,
      'with a signature that was changed': `${head}.${claims}.${signature.slice(0, -4)}AAAA`,
    });
  });

  it.each([
    'that is none',
    'without a signature',
    'by the algorithm “none”',
    'with a signature of another algorithm',
    'with claims that were changed',
    'with a signature that was changed',
  ])('%s opens no route', async (kind) => {
    const client = clientOf(service.host.url, tokens[kind]);
    const answers = await Promise.all(allRoutes.map((route) => call(client, route)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`))).toEqual(
      new Set(['401 {"message":"Unauthorized"}']),
    );
  });
});

describe('a case in a private queue', () => {
  let caseId: string;
  let outsider: Client;

  beforeAll(async () => {
    await service.supervisor.post('/v1/queues', {
      id: 'secret',
      name: 'Secret',
      visibility: 'private',
      members: ['anna'],
    });
    caseId = (await service.opened({ queueId: 'secret' }, service.supervisor)).caseId;
    await service.settled();
    outsider = await service.as('outsider', 'agent');
  });

  const ofCase = allRoutes.filter(({ path }) => path.includes('{caseId}'));
  const BODIES: Record<string, object> = {
    'PATCH /v1/cases/{caseId}': { title: 'Mine' },
    'POST /v1/cases/{caseId}/resolve': { resolutionType: 'problemSolved', resolution: 'x' },
    'POST /v1/cases/{caseId}/assign': { ownerId: 'outsider' },
    'PUT /v1/cases/{caseId}/parent': { parentId: ID },
    'POST /v1/cases/{caseId}/activities': { type: 'note', body: 'x' },
    'PATCH /v1/cases/{caseId}/activities/{activityId}': { state: 'completed' },
    'POST /v1/cases/{caseId}/activities/{activityId}/move': { caseId: ID },
    'POST /v1/cases/{caseId}/attachments': { name: 'a.txt', contentType: 'text/plain', size: 1 },
    'POST /v1/cases/{caseId}/broadcast': { text: 'x', visibility: 'internal' },
    'POST /v1/cases/{caseId}/replies': { text: 'x' },
    'POST /v1/cases/{caseId}/stage': { stage: 'research' },
    'POST /v1/cases/{caseId}/merge': { caseIds: [ID] },
    'POST /v1/cases/{caseId}/unmerge': { caseId: ID },
    'POST /v1/cases/{caseId}/convert': { to: 'lead' },
    'PUT /v1/cases/{caseId}/links/{otherId}': { kind: 'relatesTo' },
    'POST /v1/cases/{caseId}/sla/{kpi}/acknowledge': { reasonCode: 'x', note: 'x' },
  };

  it.each(ofCase.map((route) => [nameOf(route), route] as const))(
    'is not there for an outsider: %s',
    async (name, route) => {
      const path = pathOf(route, caseId);
      const body = BODIES[name] ?? {};
      const answer =
        route.method === 'GET'
          ? await outsider.get(path)
          : route.method === 'DELETE'
            ? await outsider.delete(path)
            : await { POST: outsider.post, PUT: outsider.put, PATCH: outsider.patch }[route.method](path, body);
      expect(answer).toMatchObject(
        route.roles.includes('agent') ? { status: 404, body: { code: 'NOT_FOUND' } } : { status: 403 },
      );
    },
  );

  it('is in no list, search or report of an outsider', async () => {
    for (const path of ['/v1/cases', '/v1/cases?status=active', '/v1/search?q=printer', '/v1/queues/secret/items']) {
      expect(JSON.stringify((await outsider.get(path)).body)).not.toContain(caseId);
      expect(JSON.stringify((await service.anna.get(path)).body)).toContain(caseId);
    }
  });
});
