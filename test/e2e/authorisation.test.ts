import { readFileSync } from 'node:fs';
import {
  type CryptoKey,
  decodeProtectedHeader,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Role } from '../../functions/api/caller.ts';
import { encodeCursor } from '../../functions/api/cursor.ts';
import { PROBLEMS } from '../../functions/api/problem.ts';
import { allRoutes } from '../../functions/docs/openapi.ts';
import { openDataFolder } from '../../infra/local/data-folder.ts';
import { localIdentity } from '../../infra/local/identity.ts';
import { type Answer, type Client, clientOf } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

/** The key that the local user pool will sign with: made before the service, which holds its folder as long as it runs. */
const issuer = {} as { key: CryptoKey; publicKey: CryptoKey; otherKey: CryptoKey };
const service = withService({
  async prepare(folder) {
    const data = openDataFolder(folder);
    await localIdentity(data, { issuer: 'https://issuer.invalid', audience: ['local'] });
    const { d, p, q, dp, dq, qi, ...open } = data.read('signing key') as Record<string, string>;
    data.close();
    issuer.key = (await importJWK({ ...open, d, p, q, dp, dq, qi }, 'RS256')) as CryptoKey;
    issuer.publicKey = (await importJWK(open, 'RS256', { extractable: true })) as CryptoKey;
    issuer.otherKey = (await generateKeyPair('RS256')).privateKey;
  },
});

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
  const hour = 3600;
  /** Claims and heads by which a token is none, each signed by the issuer's own key where it does not say otherwise. */
  const forged: Record<string, () => Promise<string>> = {
    'that is missing': async () => '',
    'that is none': async () => 'nonsense',
    'of three empty parts': async () => '..',
    'without a signature': async () => `${good.head}.${good.claims}.`,
    'by the algorithm “none”': async () => `${encoded({ alg: 'none' })}.${good.claims}.`,
    'by a secret, as HS256': () =>
      signed({}, new TextEncoder().encode('a secret of more than thirty-two bytes'), 'HS256'),
    'by the public key, as the secret of HS256': async () =>
      signed({}, new TextEncoder().encode(await exportSPKI(issuer.publicKey)), 'HS256'),
    'by another key with the id of the right one': () => signed({}, issuer.otherKey),
    'with claims that were changed': async () =>
      `${good.head}.${encoded({ ...good.payload, sub: 'root' })}.${good.signature}`,
    'with a signature that was changed': async () => `${good.head}.${good.claims}.${good.signature.slice(0, -4)}AAAA`,
    'of another issuer': () => signed({ iss: 'https://issuer.invalid' }),
    'of an issuer that only begins alike': () => signed({ iss: `${good.payload.iss}.invalid` }),
    'without an issuer': () => signed({ iss: undefined }),
    'for another audience': () => signed({ aud: 'another', client_id: good.payload.aud }),
    'of another client, without an audience': () => signed({ aud: undefined, client_id: 'another' }),
    'for nobody': () => signed({ aud: undefined, client_id: undefined }),
    'that has expired': () => signed({ iat: now() - 2 * hour, exp: now() - hour }),
    'that never expires': () => signed({ exp: undefined }),
    'that is not valid yet': () => signed({ nbf: now() + hour }),
    'that is made tomorrow': () => signed({ iat: now() + 24 * hour, exp: now() + 25 * hour }),
  };
  const now = () => Math.floor(Date.now() / 1000);
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  let good: { token: string; head: string; claims: string; signature: string; payload: JWTPayload };

  const signed = (changed: object, key: CryptoKey | Uint8Array = issuer.key, alg = 'RS256'): Promise<string> =>
    new SignJWT({ ...good.payload, ...changed })
      .setProtectedHeader({ ...decodeProtectedHeader(good.token), alg })
      .sign(key);

  beforeAll(async () => {
    const token = await service.host.token({ sub: 'anna', roles: ['admin'] });
    const [head = '', claims = '', signature = ''] = token.split('.');
    good = { token, head, claims, signature, payload: JSON.parse(Buffer.from(claims, 'base64url').toString()) };
  });

  it('that the same key signs with the same claims is good: what is refused below is refused for what it says', async () => {
    expect((await clientOf(service.host.url, await signed({})).get('/v1/cases')).status).toBe(200);
  });

  it.each(Object.keys(forged))('%s opens no route', async (kind) => {
    const client = clientOf(service.host.url, await forged[kind]?.());
    const answers = await Promise.all(allRoutes.map((route) => call(client, route)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`))).toEqual(
      new Set(['401 {"message":"Unauthorized"}']),
    );
  });
});

describe('a cursor', () => {
  const lists = allRoutes.filter(({ query }) => query instanceof z.ZodObject && 'cursor' in query.shape);
  const at = (route: { path: string }, cursor: string): string =>
    `${pathOf(route)}?limit=1&cursor=${cursor}${route.path === '/v1/search' ? '&q=printer' : ''}`;

  it('of another list, of nonsense or with a checksum that was changed is refused by every list', async () => {
    for (const _ of [1, 2]) await service.opened();
    const { nextCursor } = (await service.anna.get('/v1/cases?limit=1')).body;
    const { at: position } = JSON.parse(Buffer.from(nextCursor, 'base64url').toString());
    const changed = Buffer.from(JSON.stringify({ at: `${position}0`, sum: '0'.repeat(16) })).toString('base64url');
    const forged = [nextCursor, changed, 'nonsense', '%00', 'A'.repeat(3999), encodeCursor('another list', position)];
    const wrong: string[] = [];
    for (const route of lists) {
      for (const cursor of route.path === '/v1/cases' ? forged.slice(1) : forged) {
        const { status } = await service.admin.get(at(route, cursor));
        if (![400, 404].includes(status)) wrong.push(`${route.path} ${cursor}: ${status}`);
      }
    }
    expect(lists.length).toBeGreaterThan(30);
    expect(wrong).toEqual([]);
  });

  it('that somebody makes who knows how it is made shows nothing that they may not see, and breaks nothing', async () => {
    const list = `cases ${JSON.stringify({ status: 'active' })}`;
    for (const position of ['', ' ', '~~~~', '\uffff', '0', `CASE#${ID}`, 'x'.repeat(2000)]) {
      const { status } = await service.anna.get(`/v1/cases?status=active&cursor=${encodeCursor(list, position)}`);
      expect([200, 400], position).toContain(status);
    }
  });
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
const NOT_THERE = { status: 404, body: { code: 'NOT_FOUND' } };

/** Calls a route of a case with a body that is refused for nothing else than the case. */
const callOfCase = (client: Client, route: { method: string; path: string }, caseId: string): Promise<Answer> => {
  const path = pathOf(route, caseId);
  const body = BODIES[nameOf(route)] ?? {};
  switch (route.method) {
    case 'GET':
      return client.get(path);
    case 'DELETE':
      return client.delete(path);
    case 'PUT':
      return client.put(path, body);
    case 'PATCH':
      return client.patch(path, body);
    default:
      return client.post(path, body);
  }
};

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

  it.each(ofCase.map((route) => [nameOf(route), route] as const))(
    'is not there for an outsider: %s',
    async (_, route) => {
      expect(await callOfCase(outsider, route, caseId)).toMatchObject(
        route.roles.includes('agent') ? NOT_THERE : { status: 403 },
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

describe('an integration that is held to customers', () => {
  let shop: Client;
  const theirs: Record<'account' | 'contact' | 'stranger', string> = { account: '', contact: '', stranger: '' };
  const cases: typeof theirs = { ...theirs };

  beforeAll(async () => {
    theirs.account = await service.customer({ kind: 'account' });
    theirs.contact = await service.customer({ parentId: theirs.account });
    theirs.stranger = await service.customer();
    for (const who of ['account', 'contact', 'stranger'] as const) {
      cases[who] = (await service.opened({ customerId: theirs[who], queueId: 'default' })).caseId;
    }
    shop = await service.as('shop', 'integration');
    const held = await service.admin.put('/v1/settings/integrations/shop', {
      name: 'Shop',
      customers: [theirs.account],
    });
    expect(held.status).toBe(200);
  });

  it('finds a case of its customer, and of its customer’s contact', async () => {
    for (const caseId of [cases.account, cases.contact]) {
      expect((await shop.get(`/v1/cases/${caseId}`)).body).toMatchObject({ caseId });
    }
  });

  it.each(ofCase.filter(({ roles }) => roles.includes('integration')).map((route) => [nameOf(route), route] as const))(
    'finds no case of anybody else: %s',
    async (_, route) => {
      expect(await callOfCase(shop, route, cases.stranger)).toMatchObject(NOT_THERE);
    },
  );

  it('sees nobody else’s cases in a list', async () => {
    await service.anna.put(`/v1/cases/${cases.account}/links/${cases.stranger}`, { kind: 'relatesTo' });
    const child = await service.opened({ parentId: cases.account, customerId: theirs.stranger });
    await service.settled();
    const lists = ['/v1/cases', '/v1/cases?status=active', `/v1/cases?customerId=${theirs.stranger}`];
    const ofItsOwn = [`/v1/cases/${cases.account}/links`, `/v1/cases/${cases.account}/children`];
    const families = ['/v1/cases?hierarchy=parentsAndChildren', '/v1/queues/default/items'];
    for (const path of [...lists, ...ofItsOwn, ...families]) {
      const { status, body } = await shop.get(path);
      expect(status, path).toBe(200);
      expect(JSON.stringify(body.items), path).not.toContain(cases.stranger);
      expect(JSON.stringify(body.items), path).not.toContain(`"caseId":"${child.caseId}"`);
    }
    expect(JSON.stringify((await shop.get('/v1/cases')).body)).toContain(cases.contact);
  });

  it('opens cases of its customer, and for anybody else there is nobody to open one for', async () => {
    const opening = (fields: object) => shop.post('/v1/cases', { title: 'Mine', origin: 'api', ...fields });
    expect((await opening({ customerId: theirs.contact })).status).toBe(201);
    const refused = async (fields: object) => {
      const { status, body } = await opening(fields);
      return [status, body.code, body.detail];
    };
    const nobody = await refused({ customerId: 'nobody' });
    expect(await refused({ customerId: theirs.stranger })).toEqual(
      nobody.map((part) => (typeof part === 'string' ? part.replace('nobody', theirs.stranger) : part)),
    );
    const own = { customerId: theirs.account };
    expect(await refused({ ...own, parentId: cases.stranger })).toEqual([
      400,
      'VALIDATION_FAILED',
      expect.stringMatching(/there is no case/),
    ]);
    expect(await refused({ ...own, previousCaseId: cases.stranger })).toEqual([
      400,
      'VALIDATION_FAILED',
      expect.stringMatching(/there is no case/),
    ]);
  });

  it('is held from the answer on, and others are not', async () => {
    expect((await service.integration.get(`/v1/cases/${cases.stranger}`)).status).toBe(200);
    await service.admin.put('/v1/settings/integrations/shop', { name: 'Shop', customers: [theirs.stranger] });
    expect((await shop.get(`/v1/cases/${cases.stranger}`)).status).toBe(200);
    expect(await shop.get(`/v1/cases/${cases.account}`)).toMatchObject(NOT_THERE);
    await service.admin.delete('/v1/settings/integrations/shop');
    expect((await shop.get(`/v1/cases/${cases.account}`)).status).toBe(200);
  });
});
