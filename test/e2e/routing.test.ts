import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Client, everyItem } from '../support/api-client.ts';
import { posts } from '../support/diary.ts';
import { withService } from '../support/service.ts';

const service = withService();

type Body = Answer['body'];

const got = async (caseId: string, by: Client = service.anna): Promise<Body> =>
  (await by.get(`/v1/cases/${caseId}`)).body;
const refusal = ({ status, body }: Answer) => [status, body.code];
const item = (queueId: string, caseId: string) => `/v1/queues/${queueId}/items/${caseId}`;
const pick = (queueId: string, caseId: string, by: Client = service.anna) => by.post(`${item(queueId, caseId)}/pick`);
const release = (queueId: string, caseId: string, by: Client = service.anna) =>
  by.post(`${item(queueId, caseId)}/release`);
const routed = async (fields: object): Promise<Body> => {
  const { caseId } = await service.opened(fields);
  await service.settled();
  return got(caseId);
};
const routingOf = async (caseId: string): Promise<Body> => (await posts(service.anna, caseId, 'case.routed')).at(-1);
const idsOf = async (client: Client, path: string): Promise<string[]> =>
  (await everyItem(client, path)).map(({ caseId }) => caseId);

const RULES = {
  name: 'Help desk',
  rules: [
    { id: 'gold', when: { field: 'customer.tier', op: 'eq', value: 'gold' }, queueId: 'gold' },
    { id: 'hardware', when: { field: 'subjectId', op: 'under', value: 'hardware' }, queueId: 'hardware' },
    {
      id: 'urgent-mail',
      when: {
        all: [
          { field: 'origin', op: 'eq', value: 'email' },
          { field: 'priority', op: 'gte', value: 'high' },
        ],
      },
      queueId: 'urgent',
    },
    { id: 'contracts', when: { field: 'caseType', op: 'eq', value: 'request' }, ownerId: 'ben' },
    { id: 'old', when: { field: 'labels', op: 'eq', value: 'old' }, queueId: 'doomed' },
  ],
  defaultQueueId: 'front',
};

beforeAll(async () => {
  const { admin } = service;
  await admin.put('/v1/users/dora', { name: 'Dora' });
  for (const id of ['gold', 'hardware', 'urgent', 'front', 'doomed', 'other']) {
    await admin.put(`/v1/queues/${id}`, { name: id, visibility: 'public', ...(id === 'front' && { ownerId: 'dora' }) });
  }
  await admin.put('/v1/queues/secret', { name: 'HR', visibility: 'private', ownerId: 'hera', members: ['ben'] });
  for (const [id, parentId] of [['hardware'], ['printers', 'hardware'], ['lasers', 'printers'], ['software']]) {
    expect((await admin.put(`/v1/settings/subjects/${id}`, { name: id, parentId })).status).toBe(200);
  }
  expect((await admin.put('/v1/settings/routing-rule-sets/desk', RULES)).status).toBe(200);
});

describe('a new case', () => {
  it('goes to the default queue while no rule set is active', async () => {
    const { caseId, queueId } = await routed({ subjectId: 'lasers' });
    expect(queueId).toBe('default');
    expect(await routingOf(caseId)).toMatchObject({
      because: 'no rule set is active',
      actor: 'system',
      cause: 'routing',
    });
    expect((await service.admin.post('/v1/settings/routing-rule-sets/desk/activate')).status).toBe(200);
  });

  it('goes where the first rule that holds sends it, though a later one would hold too', async () => {
    const customerId = await service.customer({ tier: 'gold' });
    const { caseId, queueId } = await routed({ customerId, subjectId: 'lasers', caseType: 'request' });
    expect(queueId).toBe('gold');
    expect(await routingOf(caseId)).toMatchObject({
      ruleSetId: 'desk',
      ruleSetVersion: 1,
      ruleId: 'gold',
      because: 'customer.tier is "gold"',
    });
  });

  it('of a subject goes where the branch goes, however deep it lies below', async () => {
    const { caseId, queueId } = await routed({ subjectId: 'lasers' });
    expect(queueId).toBe('hardware');
    expect((await routingOf(caseId)).because).toBe('subjectId is "lasers", under "hardware"');
    expect((await routed({ subjectId: 'hardware' })).queueId).toBe('hardware');
    expect((await routed({ subjectId: 'software' })).queueId).toBe('front');
  });

  it('needs every part of a condition to hold', async () => {
    expect((await routed({ origin: 'email', priority: 'urgent' })).queueId).toBe('urgent');
    expect((await routed({ origin: 'email', priority: 'normal' })).queueId).toBe('front');
  });

  it('may go to a person instead of a queue', async () => {
    const { caseId, ownerId, queueId } = await routed({ caseType: 'request' });
    expect([ownerId, queueId]).toEqual(['ben', undefined]);
    const post = await routingOf(caseId);
    expect(post).toMatchObject({ ruleId: 'contracts', ownerId: 'ben' });
    const audit = await everyItem(service.anna, `/v1/cases/${caseId}/audit`);
    expect(audit.find(({ action }) => action === 'case.routed').changes).toEqual([{ field: 'ownerId', new: 'ben' }]);
    expect(await idsOf(service.ben, '/v1/cases?ownerId=ben')).toContain(caseId);
  });

  it('that no rule takes goes to the rule set’s default queue, and the timeline says so', async () => {
    const { caseId, queueId } = await routed({});
    expect(queueId).toBe('front');
    const post = await routingOf(caseId);
    expect(post).toMatchObject({ because: 'no rule matched', ruleSetId: 'desk' });
    expect(post.ruleId).toBeUndefined();
  });

  it('is not routed where its queue or owner is given, unless that is asked for', async () => {
    const queued = await routed({ queueId: 'other', subjectId: 'lasers' });
    expect(queued.queueId).toBe('other');
    const owned = await routed({ ownerId: 'ben', subjectId: 'lasers' });
    expect([owned.ownerId, owned.queueId]).toEqual(['ben', undefined]);
    for (const { caseId } of [queued, owned]) expect(await routingOf(caseId)).toBeUndefined();
    const asked = await routed({ queueId: 'other', ownerId: 'ben', subjectId: 'lasers', route: true });
    expect([asked.ownerId, asked.queueId]).toEqual(['ben', 'hardware']);
  });

  it('that is closed before it was routed stays out of the queues', async () => {
    const { caseId } = await service.opened();
    await service.anna.post(`/v1/cases/${caseId}/cancel`);
    await service.settled();
    const { status, queueId } = await got(caseId);
    expect([status, queueId]).toEqual(['cancelled', undefined]);
  });
});

describe('routing on demand', () => {
  it('goes by the rules that hold now, and takes the case from whoever worked on it', async () => {
    const { caseId } = await routed({});
    await pick('front', caseId);
    await service.anna.patch(`/v1/cases/${caseId}`, { subjectId: 'printers' });
    const { body } = await service.anna.post(`/v1/cases/${caseId}/route`);
    expect(body).toMatchObject({ queueId: 'hardware', ownerId: 'anna' });
    expect(body.workedBy).toBeUndefined();
  });

  it('goes to a named queue, and says who chose it', async () => {
    const { caseId } = await routed({});
    expect((await service.anna.post(`/v1/cases/${caseId}/route`, { queueId: 'other' })).body.queueId).toBe('other');
    expect(await routingOf(caseId)).toMatchObject({ because: 'anna chose the queue', actor: 'anna', cause: 'user' });
    expect(await idsOf(service.anna, '/v1/queues/front/items')).not.toContain(caseId);
    expect(await idsOf(service.anna, '/v1/queues/other/items')).toContain(caseId);
    expect(refusal(await service.anna.post(`/v1/cases/${caseId}/route`, { queueId: 'nowhere' }))).toEqual([
      400,
      'VALIDATION_FAILED',
    ]);
  });

  it('is for active cases', async () => {
    const { caseId } = await routed({});
    await service.anna.post(`/v1/cases/${caseId}/cancel`);
    expect(refusal(await service.anna.post(`/v1/cases/${caseId}/route`))).toEqual([409, 'CASE_NOT_ACTIVE']);
  });
});

describe('a change of the rules', () => {
  it('holds from the answer on', async () => {
    const [, ...others] = RULES.rules;
    const moved = { ...RULES.rules[0], queueId: 'other' };
    const put = await service.admin.put('/v1/settings/routing-rule-sets/desk', { ...RULES, rules: [moved, ...others] });
    expect(put.body.version).toBe(2);
    const customerId = await service.customer({ tier: 'gold' });
    const { caseId, queueId } = await routed({ customerId });
    expect(queueId).toBe('other');
    expect(await routingOf(caseId)).toMatchObject({ ruleSetVersion: 2 });
    await service.admin.put('/v1/settings/routing-rule-sets/desk', RULES);
  });

  it('cannot name a queue that does not exist', async () => {
    const rules = [{ id: 'lost', when: { all: [] }, queueId: 'nowhere' }];
    const refused = await service.admin.put('/v1/settings/routing-rule-sets/wrong', { ...RULES, rules });
    expect(refusal(refused)).toEqual([400, 'VALIDATION_FAILED']);
    expect(refused.body.errors).toMatchObject([{ path: 'rules.0.queueId' }]);
  });

  it('is a switch from one active set to another', async () => {
    const simple = { name: 'Simple', rules: [], defaultQueueId: 'other' };
    await service.admin.put('/v1/settings/routing-rule-sets/simple', simple);
    expect((await routed({})).queueId).toBe('front');
    await service.admin.post('/v1/settings/routing-rule-sets/simple/activate');
    expect((await routed({})).queueId).toBe('other');
    await service.admin.post('/v1/settings/routing-rule-sets/desk/activate');
    expect((await service.admin.delete('/v1/settings/routing-rule-sets/simple')).status).toBe(200);
  });
});

describe('picking and releasing', () => {
  it('makes a case the picker’s, and gives it back to the queue’s owner', async () => {
    const { caseId } = await routed({});
    const picked = await pick('front', caseId);
    expect(picked.body).toMatchObject({ ownerId: 'anna', workedBy: 'anna', queueId: 'front' });
    const taken = await pick('front', caseId, service.ben);
    expect(refusal(taken)).toEqual([409, 'ALREADY_PICKED']);
    expect(taken.body.workedBy).toBe('anna');
    expect((await pick('front', caseId)).body.version).toBe(picked.body.version);

    expect(refusal(await release('front', caseId, service.ben))).toEqual([403, 'FORBIDDEN']);
    const released = await release('front', caseId);
    expect(released.body).toMatchObject({ ownerId: 'dora', queueId: 'front' });
    expect(released.body.workedBy).toBeUndefined();
    expect((await pick('front', caseId, service.ben)).status).toBe(200);
    expect((await release('front', caseId, service.supervisor)).body.ownerId).toBe('dora');
    const told = (await posts(service.anna, caseId, 'case.')).map(({ type, actor }) => `${type} by ${actor}`);
    expect(told).toEqual([
      'case.created by anna',
      'case.routed by system',
      'case.picked by anna',
      'case.released by anna',
      'case.picked by ben',
      'case.released by sue',
    ]);
  });

  it('leaves a case of a queue without an owner to nobody', async () => {
    const { caseId } = await routed({ subjectId: 'lasers' });
    await pick('hardware', caseId);
    expect((await release('hardware', caseId)).body.ownerId).toBeUndefined();
    expect((await release('hardware', caseId)).status).toBe(200);
  });

  it('is about a case that stands in that very queue', async () => {
    const { caseId } = await routed({});
    expect(refusal(await pick('other', caseId))).toEqual([409, 'NOT_IN_QUEUE']);
    expect(refusal(await release('other', caseId))).toEqual([409, 'NOT_IN_QUEUE']);
    expect(refusal(await pick('nowhere', caseId))).toEqual([404, 'NOT_FOUND']);
    await service.anna.post(`/v1/cases/${caseId}/cancel`);
    expect(refusal(await pick('front', caseId))).toEqual([409, 'NOT_IN_QUEUE']);
  });
});

describe('a queue', () => {
  it('shows the most urgent first, then the longest waiting, and follows a change of priority', async () => {
    await service.admin.put('/v1/queues/ordered', { name: 'Ordered', visibility: 'public' });
    const opened: string[] = [];
    for (const [minute, priority] of ['normal', 'low', 'urgent', 'normal', 'high'].entries()) {
      await service.clockTo(`2026-03-02T10:0${minute}:00Z`);
      opened.push((await service.opened({ queueId: 'ordered', priority })).caseId);
    }
    const [first, low, urgent, second, high] = opened;
    expect(await idsOf(service.anna, '/v1/queues/ordered/items')).toEqual([urgent, high, first, second, low]);
    expect(await idsOf(service.anna, '/v1/cases?queueId=ordered')).toEqual([urgent, high, first, second, low]);
    await service.anna.patch(`/v1/cases/${low}`, { priority: 'urgent' });
    expect(await idsOf(service.anna, '/v1/queues/ordered/items')).toEqual([low, urgent, high, first, second]);
    await service.anna.post(`/v1/cases/${urgent}/cancel`);
    expect(await idsOf(service.anna, '/v1/queues/ordered/items')).toEqual([low, high, first, second]);
    await service.anna.post(`/v1/cases/${urgent}/reactivate`);
    expect((await idsOf(service.anna, '/v1/queues/ordered/items')).slice(0, 2).sort()).toEqual([low, urgent].sort());
  });

  it('is not removed while it has cases, or while a rule or an SLA sends some there', async () => {
    await service.admin.put('/v1/queues/busy', { name: 'Busy', visibility: 'public' });
    const { caseId } = await service.opened({ queueId: 'busy' });
    expect(refusal(await service.supervisor.delete('/v1/queues/busy'))).toEqual([409, 'IN_USE']);
    await service.anna.post(`/v1/cases/${caseId}/cancel`);
    const breach = [{ type: 'routeToQueue', queueId: 'busy' }];
    const items = [{ id: 'all', kpi: 'resolve', targetMinutes: 60, actions: { breach } }];
    await service.admin.put('/v1/settings/slas/strict', { name: 'Strict', items });
    expect(refusal(await service.supervisor.delete('/v1/queues/busy'))).toEqual([409, 'IN_USE']);
    await service.admin.delete('/v1/settings/slas/strict');
    expect((await service.supervisor.delete('/v1/queues/busy')).status).toBe(200);
    expect(refusal(await service.supervisor.get('/v1/queues/busy'))).toEqual([404, 'NOT_FOUND']);
    const reactivated = await service.anna.post(`/v1/cases/${caseId}/reactivate`);
    expect(reactivated.body.queueId).toBe('default');

    expect(refusal(await service.supervisor.delete('/v1/queues/hardware'))).toEqual([409, 'IN_USE']);
    expect(refusal(await service.admin.delete('/v1/settings/routing-rule-sets/desk'))).toEqual([409, 'IN_USE']);
    expect(refusal(await service.admin.delete('/v1/queues/default'))).toEqual([404, 'NOT_FOUND']);
  });

  it('is set up by supervisors', async () => {
    expect(refusal(await service.anna.put('/v1/queues/mine', { name: 'Mine', visibility: 'public' }))).toEqual([
      403,
      'FORBIDDEN',
    ]);
    const made = await service.supervisor.post('/v1/queues', { id: 'theirs', name: 'Theirs', visibility: 'public' });
    expect(made).toMatchObject({ status: 201, body: { id: 'theirs', version: 1, members: [] } });
    const again = await service.supervisor.post('/v1/queues', { id: 'theirs', name: 'Others', visibility: 'public' });
    expect(refusal(again)).toEqual([409, 'IN_USE']);
  });
});

describe('a private queue', () => {
  let caseId: string;
  let hera: Client;
  beforeAll(async () => {
    hera = await service.as('hera', 'agent');
    ({ caseId } = await service.opened({ queueId: 'secret', title: 'A grievance' }, service.supervisor));
  });
  const views = (id: string) =>
    ['', '/timeline', '/audit', '/sla', '/children', '/resolutions'].map((part) => `/v1/cases/${id}${part}`);

  it('hides its cases from all but its members, its owner, supervisors and administrators', async () => {
    for (const path of views(caseId)) {
      expect(refusal(await service.anna.get(path))).toEqual([404, 'NOT_FOUND']);
      for (const insider of [service.ben, hera, service.supervisor, service.admin]) {
        expect((await insider.get(path)).status).toBe(200);
      }
    }
  });

  it('hides them in every list', async () => {
    const { customerId } = await got(caseId, service.ben);
    for (const list of ['/v1/queues/secret/items', `/v1/cases?customerId=${customerId}`, '/v1/cases']) {
      expect(await idsOf(service.anna, list)).not.toContain(caseId);
      expect(await idsOf(service.ben, list)).toContain(caseId);
    }
  });

  it('is not worked in by others: for them there is no such case', async () => {
    const changes = [
      await pick('secret', caseId),
      await service.anna.patch(`/v1/cases/${caseId}`, { title: 'Mine' }),
      await service.anna.post(`/v1/cases/${caseId}/activities`, { type: 'note', body: 'I was here' }),
      await service.anna.post(`/v1/cases/${caseId}/route`, { queueId: 'front' }),
      await service.anna.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done' }),
    ];
    for (const change of changes) expect(refusal(change)).toEqual([404, 'NOT_FOUND']);
    expect(refusal(await service.anna.post('/v1/cases', { origin: 'web', parentId: caseId }))).toEqual([
      400,
      'VALIDATION_FAILED',
    ]);
  });

  it('shows a case to its owner, who still does not pick from it', async () => {
    await service.supervisor.post(`/v1/cases/${caseId}/assign`, { ownerId: 'anna' });
    expect((await service.anna.get(`/v1/cases/${caseId}`)).status).toBe(200);
    expect(refusal(await pick('secret', caseId))).toEqual([403, 'NOT_A_MEMBER']);
    await service.supervisor.post(`/v1/cases/${caseId}/assign`, { ownerId: 'ben' });
    expect((await service.anna.get(`/v1/cases/${caseId}`)).status).toBe(404);
  });

  it('still hides a case that is closed, and membership counts as it is now', async () => {
    await pick('secret', caseId, service.ben);
    await service.ben.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'problemSolved', resolution: 'Settled' });
    expect((await service.anna.get(`/v1/cases/${caseId}`)).status).toBe(404);
    const members = ['user:anna'];
    await service.supervisor.put('/v1/queues/secret', { name: 'HR', visibility: 'private', ownerId: 'hera', members });
    expect((await service.anna.get(`/v1/cases/${caseId}`)).status).toBe(200);
    expect((await service.ben.get(`/v1/cases/${caseId}`)).status).toBe(200);
    await service.supervisor.put('/v1/queues/secret', {
      name: 'HR',
      visibility: 'private',
      ownerId: 'hera',
      members: [],
    });
    expect((await service.anna.get(`/v1/cases/${caseId}`)).status).toBe(404);
  });

  it('hides a child in the list of its parent’s children', async () => {
    const parent = await service.opened();
    const child = await service.opened({ parentId: parent.caseId, queueId: 'secret' }, service.supervisor);
    const path = `/v1/cases/${parent.caseId}/children`;
    expect(await idsOf(service.anna, path)).toEqual([]);
    expect(await idsOf(service.supervisor, path)).toEqual([child.caseId]);
  });
});
