import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();

const queue = (id: string, fields: object = {}) =>
  service.supervisor.put(`/v1/queues/${id}`, { name: id, visibility: 'public', ...fields });
const user = (id: string, fields: object = {}) => service.admin.put(`/v1/users/${id}`, { name: id, ...fields });
const team = (id: string, members: string[], fields: object = {}) =>
  service.admin.put(`/v1/teams/${id}`, { name: id, members, ...fields });
const putRules = (id: string, rules: object[], defaultQueueId = 'default') =>
  service.admin.put(`/v1/settings/routing-rule-sets/${id}`, { name: id, rules, defaultQueueId });
const activate = async (id: string, rules: object[], defaultQueueId?: string) => {
  const { status } = await putRules(id, rules, defaultQueueId);
  expect(status).toBe(200);
  await service.admin.post(`/v1/settings/routing-rule-sets/${id}/activate`);
};
const simulate = async (fields: object, more: object = {}) =>
  (await service.anna.post('/v1/routing/simulations', { case: fields, ...more })).body;
const dryRun = (id: string, body: object) =>
  service.admin.post(`/v1/settings/routing-rule-sets/${id}/dry-run`, { from: '2026-03-01T00:00:00Z', ...body });
const routed = async (fields: object = {}) => {
  const { caseId } = await service.opened(fields);
  await service.settled();
  return (await service.supervisor.get(`/v1/cases/${caseId}`)).body;
};
const timeline = async (caseId: string) => everyItem(service.supervisor, `/v1/cases/${caseId}/timeline`);
const always = { all: [] };

describe('a rule that asks for skills', () => {
  it('matches only where a member has all of them: of their own, as a language, or through a team', async () => {
    await user('greta', { skills: ['vip'], languages: ['DE'] });
    await user('hans', { skills: ['vip', 'de'], active: false });
    await team('network', ['greta'], { skills: ['vpn'] });
    await queue('skilled', { members: ['hans'] });
    const rule = { id: 'skilled', when: always, queueId: 'skilled', requiredSkills: ['VIP', 'de', 'vpn'] };
    await activate('skills', [rule]);
    const lacking = await simulate({ title: 'x' });
    expect(lacking).toEqual({
      queueId: 'default',
      ruleSetId: 'skills',
      ruleSetVersion: 1,
      because: 'no rule matched',
      trace: [
        {
          ruleId: 'skilled',
          matched: false,
          because: 'it holds for every case, but nobody of queue skilled has the skills vip, de, vpn',
        },
      ],
    });
    expect((await routed()).queueId).toBe('default');

    await queue('skilled', { members: ['hans', 'greta'] });
    const because = 'it holds for every case, and greta has the skills vip, de, vpn';
    expect(await simulate({})).toMatchObject({ queueId: 'skilled', ruleId: 'skilled', because });
    expect((await routed()).queueId).toBe('skilled');
    await user('greta', { skills: ['vip'] });
    expect((await routed()).queueId).toBe('default');
    await team('network', ['greta'], { skills: ['vpn', 'de', 'vip'] });
    expect((await routed()).queueId).toBe('skilled');
    await queue('skilled', { members: ['team:network'] });
    expect(await simulate({})).toMatchObject({ because: expect.stringContaining('team:network has the skills') });
  });
});

describe('a rule that names an owner', () => {
  it('gives the case to them, in their default queue if they have one', async () => {
    await queue('desk-of-ida');
    await user('ida', { defaultQueueId: 'desk-of-ida' });
    await user('joe');
    await team('rota', ['joe']);
    await activate('owners', [
      { id: 'to-ida', when: { field: 'origin', op: 'eq', value: 'phone' }, ownerId: 'user:ida' },
      { id: 'to-rota', when: { field: 'origin', op: 'eq', value: 'chat' }, ownerId: 'team:rota' },
      { id: 'to-joe', when: always, ownerId: 'joe', requiredSkills: ['juggling'] },
    ]);
    expect(await routed({ origin: 'phone' })).toMatchObject({ ownerId: 'ida', queueId: 'desk-of-ida' });
    const ofTeam = await routed({ origin: 'chat' });
    expect([ofTeam.ownerId, ofTeam.queueId]).toEqual(['team:rota', undefined]);
    expect(await routed()).toMatchObject({ queueId: 'default' });
    await user('joe', { skills: ['juggling'] });
    expect(await routed()).toMatchObject({ ownerId: 'joe' });
  });

  it('is passed over when they have left, and the trace says so', async () => {
    await user('ida', { active: false });
    const { trace, ownerId } = await simulate({ origin: 'phone' });
    expect(trace[0]).toEqual({
      ruleId: 'to-ida',
      matched: false,
      because: 'origin is "phone", but there is no active user or team ida',
    });
    expect(ownerId).toBe('joe');
    expect((await routed({ origin: 'phone' })).ownerId).toBe('joe');
  });

  it('must name a team that there is', async () => {
    const { body } = await putRules('broken', [{ id: 'a', when: always, ownerId: 'team:none' }]);
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'rules.0.ownerId' }] });
  });
});

describe('a spam rule', () => {
  const spam = { id: 'casino', when: { field: 'title', op: 'eq', value: 'Casino' }, spam: true };

  it('cancels a new case with a note, in no queue, with its clocks, and says which rule it was', async () => {
    await service.admin.put('/v1/settings/slas/quick', {
      name: 'Quick',
      isDefault: true,
      items: [{ id: 'r', kpi: 'resolve', targetMinutes: 60 }],
    });
    await activate('spam', [spam]);
    const file = await routed({ title: 'Casino' });
    expect(file).toMatchObject({ status: 'cancelled', statusReason: 'cancelled', sla: { status: 'cancelled' } });
    expect([file.queueId, file.ownerId]).toEqual([undefined, undefined]);
    expect(await everyItem(service.supervisor, '/v1/queues/default/items')).not.toContainEqual(
      expect.objectContaining({ caseId: file.caseId }),
    );
    const posts = await timeline(file.caseId);
    const told = (type: string) => posts.find((post) => post.type === type);
    expect(told('case.routed')).toMatchObject({ spam: true, ruleId: 'casino', cause: 'routing' });
    expect(told('case.cancelled')).toMatchObject({ note: 'spam', cause: 'routing', actor: 'system' });
    expect((await routed({ title: 'Casinos' })).status).toBe('active');
  });

  it('holds for a case that is routed again, but never for a parent with active children', async () => {
    const one = await service.opened({ queueId: 'default', title: 'Casino' });
    const again = await service.supervisor.post(`/v1/cases/${one.caseId}/route`);
    expect(again).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    const parent = await service.opened({ queueId: 'default', title: 'Casino' });
    await service.opened({ parentId: parent.caseId });
    const kept = await service.supervisor.post(`/v1/cases/${parent.caseId}/route`);
    expect(kept.body).toMatchObject({ status: 'active', queueId: 'default' });
    const reopened = await service.supervisor.post(`/v1/cases/${one.caseId}/reactivate`);
    expect(reopened.body).toMatchObject({ status: 'active', queueId: 'default' });
  });

  it('asks for no skills and has no other target', async () => {
    for (const more of [{ requiredSkills: ['x'] }, { queueId: 'default' }, { spam: false }]) {
      expect((await putRules('broken', [{ ...spam, ...more }])).body.code).toBe('VALIDATION_FAILED');
    }
  });
});

describe('a simulation', () => {
  it('says what the real routing then does, rule by rule', async () => {
    await queue('vip');
    await queue('billing');
    await service.admin.put('/v1/settings/subjects/money', { name: 'Money' });
    await service.admin.put('/v1/settings/subjects/invoices', { name: 'Invoices', parentId: 'money' });
    await activate('tiers', [
      { id: 'gold', when: { field: 'customer.tier', op: 'eq', value: 'gold' }, queueId: 'vip' },
      { id: 'money', when: { field: 'subjectId', op: 'under', value: 'money' }, queueId: 'billing' },
    ]);
    const gold = await service.customer({ tier: 'gold' });
    const plain = await service.customer();
    const cases = [
      { customerId: gold, subjectId: 'invoices' },
      { customerId: plain, subjectId: 'invoices' },
      { customerId: plain },
    ];
    for (const fields of cases) {
      const said = await simulate({ title: 'x', origin: 'web', ...fields });
      const done = await routed(fields);
      expect(done.queueId).toBe(said.queueId);
      const post = (await timeline(done.caseId)).find(({ type }) => type === 'case.routed');
      expect(post).toMatchObject({ because: said.because, ruleSetVersion: said.ruleSetVersion });
      expect(post.ruleId).toBe(said.ruleId);
    }
    expect((await simulate(cases[1]!)).trace).toEqual([
      { ruleId: 'gold', matched: false, because: 'customer.tier is absent' },
      { ruleId: 'money', matched: true, because: 'subjectId is "invoices", under "money"' },
    ]);
  });

  it('tries a customer whom nobody knows, and a rule set that is not active', async () => {
    expect(await simulate({}, { customer: { tier: 'gold' } })).toMatchObject({ queueId: 'vip', ruleId: 'gold' });
    await putRules('draft', [{ id: 'all', when: always, queueId: 'billing' }]);
    expect(await simulate({}, { ruleSetId: 'draft' })).toMatchObject({ ruleSetId: 'draft', queueId: 'billing' });
    const before = await service.anna.get('/v1/cases?status=active');
    expect(before.body.items).toEqual((await service.anna.get('/v1/cases?status=active')).body.items);
  });

  it.each([
    ['a customer', { case: { customerId: 'nobody' } }, 'case.customerId'],
    ['a subject', { case: { subjectId: 'nothing' } }, 'case.subjectId'],
    ['a rule set', { case: {}, ruleSetId: 'none' }, 'ruleSetId'],
  ])('names %s that does not exist', async (_, body, path) => {
    const answer = await service.anna.post('/v1/routing/simulations', body);
    expect(answer.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path }] });
  });
});

describe('a dry run', () => {
  it('tells page by page where past cases would have gone, and moves none', async () => {
    await service.clockTo('2026-05-04T09:00:00.000Z');
    await activate('before', [{ id: 'phone', when: { field: 'origin', op: 'eq', value: 'phone' }, queueId: 'vip' }]);
    const opened: string[] = [];
    for (const [n, origin] of ['phone', 'phone', 'web', 'web', 'chat'].entries()) {
      await service.clockTo(`2026-05-0${4 + n}T10:00:00.000Z`);
      opened.push((await routed({ origin, title: n === 2 ? 'Casino' : `Case ${n}` })).caseId);
    }
    // What people decided is not what rules decided.
    await service.opened({ queueId: 'billing' });
    await service.supervisor.post(`/v1/cases/${opened[0]}/route`, { queueId: 'billing' });
    await putRules('draft', [
      { id: 'casino', when: { field: 'title', op: 'eq', value: 'Casino' }, spam: true },
      { id: 'web', when: { field: 'origin', op: 'in', value: ['web', 'phone'] }, queueId: 'billing' },
    ]);
    const span = { from: '2026-05-04T00:00:00Z', to: '2026-05-09T00:00:00Z' };
    const whole = (await dryRun('draft', span)).body;
    expect(whole).toMatchObject({ ruleSetId: 'draft', examined: 5 });
    expect(whole.nextCursor).toBeUndefined();
    expect(whole.queues).toEqual([
      { queueId: 'billing', before: 0, after: 3 },
      { queueId: 'default', before: 3, after: 1 },
      { before: 0, after: 1 },
      { queueId: 'vip', before: 2, after: 0 },
    ]);
    expect(whole.moved.map((one: { caseId: string }) => one.caseId)).toEqual(opened.slice(0, 4));
    expect(whole.moved[2]).toMatchObject({
      title: 'Casino',
      routedOn: '2026-05-06T10:00:00.000Z',
      before: { queueId: 'default', ruleSetId: 'before', because: 'no rule matched' },
      after: { spam: true, ruleId: 'casino', because: 'title is "Casino"' },
    });

    const paged = { examined: 0, moved: [] as string[] };
    let cursor: string | undefined;
    do {
      const { body } = await dryRun('draft', { ...span, limit: 2, ...(cursor && { cursor }) });
      expect(body.examined).toBeLessThanOrEqual(2);
      paged.examined += body.examined;
      paged.moved.push(...body.moved.map((one: { caseId: string }) => one.caseId));
      cursor = body.nextCursor;
    } while (cursor);
    expect(paged).toEqual({ examined: 5, moved: opened.slice(0, 4) });
    expect((await service.supervisor.get(`/v1/cases/${opened[2]}`)).body).toMatchObject({ status: 'active' });
    expect((await dryRun('before', { from: '2026-05-05T00:00:00Z', to: '2026-05-09T00:00:00Z' })).body).toMatchObject({
      examined: 4,
      moved: [],
    });
  });

  it('goes on over quiet months, and refuses a cursor that belongs to other rules', async () => {
    const empty = await dryRun('draft', { from: '2025-01-01T00:00:00Z', to: '2025-04-01T00:00:00Z' });
    expect(empty.body).toMatchObject({ examined: 0, queues: [], moved: [], nextCursor: expect.any(String) });
    let cursor = empty.body.nextCursor;
    let pages = 1;
    for (; cursor; pages += 1) {
      const body = { from: '2025-01-01T00:00:00Z', to: '2025-04-01T00:00:00Z', cursor };
      cursor = (await dryRun('draft', body)).body.nextCursor;
    }
    expect(pages).toBe(3);
    const { nextCursor } = (await dryRun('draft', { limit: 1 })).body;
    await putRules('draft', []);
    expect((await dryRun('draft', { limit: 1, cursor: nextCursor })).body.errors).toMatchObject([{ path: 'cursor' }]);
  });

  it('is for administrators, over a span of time, of a rule set that there is', async () => {
    const body = { from: '2026-01-01T00:00:00Z' };
    const path = '/v1/settings/routing-rule-sets/draft/dry-run';
    expect((await service.supervisor.post(path, body)).body.code).toBe('FORBIDDEN');
    expect((await dryRun('nothing', body)).body.code).toBe('NOT_FOUND');
    const never = { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' };
    expect((await dryRun('draft', never)).body).toMatchObject({ errors: [{ path: 'from' }] });
  });
});
