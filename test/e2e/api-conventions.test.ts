import { describe, expect, it } from 'vitest';
import { allRoutes } from '../../functions/docs/openapi.ts';
import { clientOf, everyItem } from '../support/api-client.ts';
import { MONDAY, withService } from '../support/service.ts';

const service = withService();

describe('callers', () => {
  it('who show no token, or one of another issuer, are turned away by the gateway', async () => {
    expect((await service.nobody.get('/v1/cases')).status).toBe(401);
    expect((await clientOf(service.host.url, 'a.b.c').get('/v1/cases')).body).toEqual({ message: 'Unauthorized' });
  });

  it.each([
    ['an agent', 'anna', 'PUT', '/v1/settings/case-settings', { maxChildren: 5 }],
    ['a supervisor', 'supervisor', 'PUT', '/v1/settings/calendars/desk', { timeZone: 'UTC', weekly: {} }],
    ['an agent', 'anna', 'POST', '/v1/queues', { name: 'Mine', visibility: 'public' }],
    ['an integration', 'integration', 'POST', '/v1/customers', { name: 'Ada', kind: 'contact' }],
  ] as const)('%s is refused what only others may do (%s %s)', async (_, who, method, path, body) => {
    const client = service[who];
    const answer = method === 'PUT' ? await client.put(path, body) : await client.post(path, body);
    expect(answer).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  });

  it('are the actors of what they do, whatever they send', async () => {
    const opened = await service.anna.post('/v1/cases', {
      title: 'x',
      origin: 'web',
      customerId: await service.customer(),
      createdBy: 'ben',
    });
    expect(opened).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    const { caseId } = await service.opened({}, service.integration);
    const [created] = await everyItem(service.anna, `/v1/cases/${caseId}/audit`);
    expect(created).toMatchObject({ action: 'case.created', actor: 'erp', cause: 'user', at: MONDAY });
  });
});

describe('every answer', () => {
  it('tells browsers and caches to keep it to themselves', async () => {
    const protecting = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };
    for (const path of ['/v1/cases', '/v1/cases/none', '/v1/nothing', '/openapi.json']) {
      const { headers } = await service.anna.get(path);
      expect(Object.fromEntries(headers)).toMatchObject(protecting);
      expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });
});

describe('bad input', () => {
  it('is told with the path of each field that is wrong', async () => {
    const answer = await service.anna.post('/v1/cases', {
      title: ' ',
      origin: 'Web',
      priority: 'huge',
      customerId: 'x',
      nonsense: 1,
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({
      type: 'urn:docket:problem:validation-failed',
      status: 400,
      code: 'VALIDATION_FAILED',
    });
    expect(answer.body.errors.map(({ path }: { path: string }) => path)).toEqual(['title', 'origin', 'priority', '']);
  });

  it.each([
    ['text that is not JSON', '{', 'application/json', 400, 'VALIDATION_FAILED'],
    ['a form', 'title=x', 'application/x-www-form-urlencoded', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'a body over a mebibyte',
      JSON.stringify({ title: 'x'.repeat(1_100_000) }),
      'application/json',
      413,
      'PAYLOAD_TOO_LARGE',
    ],
  ])('such as %s is refused', async (_, body, contentType, status, code) => {
    const answer = await service.anna.post('/v1/cases', body, { headers: { 'content-type': contentType } });
    expect(answer).toMatchObject({ status, body: { code } });
  });

  it('that nests without end is refused, however many brackets its texts hold', async () => {
    const nested = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    expect((await service.anna.post('/v1/cases', nested)).body.code).toBe('VALIDATION_FAILED');
    expect((await service.opened({ description: `"${nested}` })).description).toBe(`"${nested}`);
  });

  it('that names what does not exist says which field names it', async () => {
    const answer = await service.anna.post('/v1/cases', { title: 'x', origin: 'web', customerId: 'nobody-known' });
    expect(answer.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'customerId' }] });
  });

  it('on an unknown route is a problem too, known case or not', async () => {
    expect((await service.anna.get('/v1/nonsense')).body.code).toBe('NOT_FOUND');
    expect((await service.anna.get('/v1/cases/x/y/z')).body.code).toBe('NOT_FOUND');
    expect((await service.anna.get('/v1/cases/019c0000-0000-7000-8000-000000000000')).body.code).toBe('NOT_FOUND');
  });
});

describe('a repeated request', () => {
  it('gets the first answer, also when five of it arrive at once', async () => {
    const body = { title: 'Once', origin: 'web', customerId: await service.customer() };
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => service.anna.post('/v1/cases', body, { key: 'five' })));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => answer.body.caseId)).size).toBe(1);
    const list = await everyItem(service.anna, `/v1/cases?customerId=${body.customerId}`);
    expect(list.map(({ title }) => title)).toEqual(['Once']);
  });

  it('with another body is refused', async () => {
    const body = { title: 'Once', origin: 'web', customerId: await service.customer() };
    await service.anna.post('/v1/cases', body, { key: 'mismatch' });
    const answer = await service.anna.post('/v1/cases', { ...body, title: 'Twice' }, { key: 'mismatch' });
    expect(answer).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_MISMATCH' } });
  });

  it('of another caller, or on another case, is another request', async () => {
    const [one, two] = [await service.opened(), await service.opened()];
    const narrative = { resolutionType: 'problemSolved', resolution: 'Done' };
    const first = await service.anna.post(`/v1/cases/${one.caseId}/resolve`, narrative, { key: 'same' });
    expect((await service.anna.post(`/v1/cases/${two.caseId}/resolve`, narrative, { key: 'same' })).body.caseId).toBe(
      two.caseId,
    );
    expect((await service.ben.post(`/v1/cases/${one.caseId}/resolve`, narrative, { key: 'same' })).body.code).toBe(
      'ALREADY_RESOLVED',
    );
    expect(await service.anna.post(`/v1/cases/${one.caseId}/resolve`, narrative, { key: 'same' })).toMatchObject({
      status: 200,
      body: first.body,
    });
  });

  it('of a refusal is decided anew', async () => {
    const { caseId } = await service.opened();
    const note = { type: 'task', body: 'Call back' };
    await service.anna.post(`/v1/cases/${caseId}/activities`, note);
    const narrative = { resolutionType: 'problemSolved', resolution: 'Done' };
    expect((await service.anna.post(`/v1/cases/${caseId}/resolve`, narrative, { key: 'open' })).body.code).toBe(
      'OPEN_ACTIVITIES',
    );
    const [task] = (await everyItem(service.anna, `/v1/cases/${caseId}/timeline`)).filter(
      ({ kind }) => kind === 'activity',
    );
    await service.anna.patch(`/v1/cases/${caseId}/activities/${task.activityId}`, { state: 'completed' });
    expect((await service.anna.post(`/v1/cases/${caseId}/resolve`, narrative, { key: 'open' })).status).toBe(200);
  });
});

describe('the version of a case', () => {
  it('is its ETag, and a change that rests on an older one is refused', async () => {
    const { caseId } = await service.opened();
    const read = await service.anna.get(`/v1/cases/${caseId}`);
    expect(read.headers.get('etag')).toBe('"1"');
    expect((await service.anna.patch(`/v1/cases/${caseId}`, { title: 'Second' }, { ifMatch: 1 })).body.version).toBe(2);
    const stale = await service.ben.patch(`/v1/cases/${caseId}`, { title: 'Third' }, { ifMatch: 1 });
    expect(stale).toMatchObject({ status: 412, body: { code: 'STALE_VERSION' } });
  });

  it('does not move when a case is routed, or when an edit changes nothing', async () => {
    const { caseId, title } = await service.opened();
    await service.settled();
    expect((await service.anna.patch(`/v1/cases/${caseId}`, { title }, { ifMatch: 1 })).body.version).toBe(1);
    expect((await everyItem(service.anna, `/v1/cases/${caseId}/audit`)).map(({ action }) => action)).toEqual([
      'case.created',
      'case.routed',
    ]);
  });
});

describe('lists', () => {
  it('give every case once over their pages, the newest first', async () => {
    const customerId = await service.customer();
    const opened = [];
    for (let n = 0; n < 7; n += 1) opened.push((await service.opened({ customerId, title: `Case ${n}` })).caseId);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await service.anna.get(`/v1/cases?customerId=${customerId}&limit=3${cursor}`);
      expect(page.body.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.body.items.map(({ caseId }: { caseId: string }) => caseId));
      cursor = page.body.nextCursor ? `&cursor=${page.body.nextCursor}` : '';
    } while (cursor);
    expect(seen).toEqual(opened.reverse());
  });

  it('of a status go over all its shards in order of modification', async () => {
    const all = await everyItem(service.anna, '/v1/cases?status=active');
    const times = all.map(({ modifiedOn }) => modifiedOn);
    expect(times).toEqual([...times].sort().reverse());
    expect(new Set(all.map(({ caseId }) => caseId)).size).toBe(all.length);
    const two = await service.anna.get('/v1/cases?status=active&limit=2');
    expect(two.body.items.map(({ caseId }: { caseId: string }) => caseId)).toEqual(
      all.slice(0, 2).map(({ caseId }) => caseId),
    );
  });

  it('of an account include the cases of its contacts', async () => {
    const accountId = await service.customer({ kind: 'account', name: 'Analytical Engines' });
    const contact = await service.customer({ parentId: accountId });
    const { caseId } = await service.opened({ customerId: contact });
    expect((await everyItem(service.anna, `/v1/cases?customerId=${accountId}`)).map((item) => item.caseId)).toEqual([
      caseId,
    ]);
    expect((await everyItem(service.anna, `/v1/cases?customerId=${contact}`)).map((item) => item.caseId)).toEqual([
      caseId,
    ]);
  });

  it('filter within what leads', async () => {
    const customerId = await service.customer();
    const urgent = await service.opened({ customerId, priority: 'urgent', labels: ['vip'] });
    await service.opened({ customerId });
    for (const filter of ['priority=urgent', 'label=vip', 'priority=urgent&origin=web']) {
      const found = await everyItem(service.anna, `/v1/cases?customerId=${customerId}&${filter}`);
      expect(found.map(({ caseId }) => caseId)).toEqual([urgent.caseId]);
    }
  });

  it('refuse a cursor that was changed, or that belongs to another list', async () => {
    const customerId = await service.customer();
    for (let n = 0; n < 3; n += 1) await service.opened({ customerId });
    const { body } = await service.anna.get(`/v1/cases?customerId=${customerId}&limit=1`);
    const tampered = Buffer.from(body.nextCursor, 'base64url').toString().replace('2026', '2025');
    for (const path of [
      `/v1/cases?customerId=${customerId}&cursor=${Buffer.from(tampered).toString('base64url')}`,
      `/v1/cases?status=active&cursor=${body.nextCursor}`,
      '/v1/cases?cursor=nonsense',
    ]) {
      expect(await service.anna.get(path)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    }
  });
});

describe('the OpenAPI document', () => {
  it('is served without a token, describes every route once, and tells the codes of each', async () => {
    const { status, body } = await service.nobody.get('/openapi.json');
    expect(status).toBe(200);
    expect(body.openapi).toBe('3.1.1');
    const described = Object.entries<Record<string, { operationId: string }>>(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const open = ['GET /health', 'POST /v1/channels/{channelId}/email', 'POST /v1/channels/{channelId}/inbound'];
    expect(described.sort()).toEqual([...allRoutes.map(({ method, path }) => `${method} ${path}`), ...open].sort());
    const ids = Object.values<Record<string, { operationId: string }>>(body.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(body.paths['/v1/cases/{caseId}/resolve'].post.responses['409'].description).toContain('ALREADY_RESOLVED');
  });

  it('has a page to read it, with everything that the page needs', async () => {
    for (const [path, type] of [
      ['/docs', 'text/html; charset=utf-8'],
      ['/docs/swagger-ui.css', 'text/css; charset=utf-8'],
      ['/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
    ]) {
      const response = await fetch(`${service.host.url}${path}`);
      expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    }
  });
});
