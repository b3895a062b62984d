import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Client } from '../support/api-client.ts';
import { everyItem } from '../support/api-client.ts';
import { clocksOf, posts } from '../support/diary.ts';
import { entitlementsOf } from '../support/entitlements.ts';
import { withService } from '../support/service.ts';

const service = withService();

type Body = Answer['body'];

/** Ada's account: her cases and those of her colleagues may be merged without asking. */
let customerId: string;
beforeAll(async () => {
  customerId = await service.customer({ kind: 'account', name: 'Analytical Engines' });
  await service.admin.put('/v1/settings/slas/standard', {
    name: 'Standard',
    items: [
      { id: 'answer', kpi: 'firstResponse', targetMinutes: 60 },
      { id: 'solve', kpi: 'resolve', targetMinutes: 600 },
    ],
  });
});

const opened = (fields: object = {}): Promise<Body> => service.opened({ customerId, ...fields });
const cases = (n: number, fields: object = {}): Promise<Body[]> =>
  Promise.all(Array.from({ length: n }, () => opened(fields)));
const idsOf = (files: readonly Body[]): string[] => files.map(({ caseId }) => caseId);
const read = async (caseId: string, by: Client = service.anna): Promise<Body> =>
  (await by.get(`/v1/cases/${caseId}`)).body;
const merge = (survivor: Body, others: readonly Body[], more: object = {}, by: Client = service.anna) =>
  by.post(`/v1/cases/${survivor.caseId}/merge`, { caseIds: idsOf(others), ...more });
const unmerge = (survivor: Body, other: Body, by: Client = service.anna) =>
  by.post(`/v1/cases/${survivor.caseId}/unmerge`, { caseId: other.caseId });
const record = async (subject: Body, fields: object = {}, by: Client = service.anna): Promise<Body> => {
  const body = { type: 'note', body: 'Seen', ...fields };
  const answer = await by.post(`/v1/cases/${subject.caseId}/activities`, body);
  expect(answer.status).toBe(201);
  return answer.body;
};
const activitiesOf = async (subject: Body): Promise<Body[]> =>
  (await everyItem(service.anna, `/v1/cases/${subject.caseId}/timeline`)).filter(({ kind }) => kind === 'activity');
const childrenOf = (subject: Body) => everyItem(service.anna, `/v1/cases/${subject.caseId}/children`);
const auditOf = (subject: Body) => everyItem(service.anna, `/v1/cases/${subject.caseId}/audit`);
const settings = (fields: object) => service.admin.put('/v1/settings/case-settings', fields);

describe('merging nine cases into a tenth', () => {
  let survivor: Body;
  let others: Body[];
  let answer: Answer;
  beforeAll(async () => {
    [survivor, ...others] = await cases(10, { slaId: 'standard' });
    await service.settled();
    answer = await merge(survivor, others);
  });

  it('cancels the nine as merged and points them to the survivor, which lists them', async () => {
    expect(answer.status).toBe(200);
    expect(answer.body.survivor).toMatchObject({ status: 'active', mergedCases: idsOf(others), mergeState: 'moving' });
    expect(answer.body.merged.map(({ caseId }: Body) => caseId)).toEqual(idsOf(others));
    await service.settled();
    for (const { caseId } of others) {
      expect(await read(caseId)).toMatchObject({
        status: 'cancelled',
        statusReason: 'merged',
        mergedInto: survivor.caseId,
        mergeState: 'done',
        permittedTransitions: [],
      });
    }
    expect(await read(survivor.caseId)).toMatchObject({ mergedCases: idsOf(others), mergeState: 'done' });
    const page = await service.anna.get(`/v1/cases?mergedInto=${survivor.caseId}&limit=4`);
    expect(page.body.items).toHaveLength(4);
    const listed = await everyItem(service.anna, `/v1/cases?mergedInto=${survivor.caseId}`);
    expect(idsOf(listed)).toEqual(idsOf(others).sort());
  });

  it('takes the nine out of their queue and ends their clocks without success; the survivor keeps its own', async () => {
    const queue = await everyItem(service.anna, '/v1/queues/default/items');
    expect(idsOf(queue)).toContain(survivor.caseId);
    expect(idsOf(queue).filter((caseId) => idsOf(others).includes(caseId))).toEqual([]);
    for (const { caseId } of others) {
      const clocks = Object.values(await clocksOf(service.anna, caseId));
      expect(clocks.map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    }
    const own = Object.values(await clocksOf(service.anna, survivor.caseId));
    expect(own.map(({ status }) => status)).toEqual(['inProgress', 'inProgress']);
  });

  it('is in the audit of both sides', async () => {
    const received = (await auditOf(survivor)).find(({ action }) => action === 'case.mergeReceived');
    expect(received).toMatchObject({
      actor: 'anna',
      changes: [{ field: 'mergedCases', old: [], new: idsOf(others) }],
    });
    const merged = (await auditOf(others[4]!)).find(({ action }) => action === 'case.merged');
    expect(merged).toMatchObject({ actor: 'anna', cause: 'user' });
    expect(merged!.changes).toContainEqual({ field: 'mergedInto', new: survivor.caseId });
  });
});

describe('what belonged to a merged case', () => {
  it('moves to the survivor with its ids, times and authors, in order between the survivor’s own', async () => {
    const [survivor, other] = await cases(2, { slaId: 'standard' });
    const first = await record(other, { body: 'One' });
    const second = await record(survivor, { body: 'Two' });
    const third = await record(other, { type: 'email', direction: 'outbound', body: 'Three' }, service.ben);
    await merge(survivor, [other]);
    await service.settled();
    const { caseId: mergedFrom } = other;
    expect(await activitiesOf(survivor)).toMatchObject([
      { activityId: first.activityId, body: 'One', createdBy: 'anna', createdOn: first.createdOn, mergedFrom },
      { activityId: second.activityId, body: 'Two' },
      { activityId: third.activityId, body: 'Three', createdBy: 'ben', caseId: survivor.caseId, mergedFrom },
    ]);
    expect(await activitiesOf(other)).toEqual([]);
    // An answer to one customer is none to the other.
    const clocks = await clocksOf(service.anna, survivor.caseId);
    expect(clocks['firstResponse 1'].status).toBe('inProgress');
    expect((await read(survivor.caseId)).firstRespondedOn).toBeUndefined();
  });

  it('stays open, and is asked about when the survivor is closed', async () => {
    const [survivor, other] = await cases(2);
    await record(survivor, { type: 'task', body: 'Call back', durationMinutes: 5 });
    const task = await record(other, { type: 'task', subject: 'Send part', body: 'Send part', durationMinutes: 10 });
    await merge(survivor, [other]);
    const narrative = { resolutionType: 'problemSolved', resolution: 'Done' };
    const asked = await service.anna.post(`/v1/cases/${survivor.caseId}/resolve`, narrative);
    expect(asked).toMatchObject({ status: 409, body: { code: 'OPEN_ACTIVITIES' } });
    expect(asked.body.activities).toHaveLength(2);
    expect(asked.body.activities[1]).toEqual({ activityId: task.activityId, type: 'task', subject: 'Send part' });
    await service.settled();
    const confirmed = { ...narrative, confirmCancelActivities: true };
    const resolved = await service.anna.post(`/v1/cases/${survivor.caseId}/resolve`, confirmed);
    expect(resolved.body.resolution.totalMinutes).toBe(15);
    expect((await activitiesOf(survivor)).map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  });

  it('can be worked on there: a moved task is completed on the survivor', async () => {
    const [survivor, other] = await cases(2);
    const task = await record(other, { type: 'task', body: 'Send part' });
    await merge(survivor, [other]);
    await service.settled();
    const path = `/v1/cases/${survivor.caseId}/activities/${task.activityId}`;
    expect((await service.anna.patch(path, { state: 'completed' })).body).toMatchObject({
      state: 'completed',
      mergedFrom: other.caseId,
    });
    const narrative = { resolutionType: 'problemSolved', resolution: 'Done' };
    expect((await service.anna.post(`/v1/cases/${survivor.caseId}/resolve`, narrative)).status).toBe(200);
  });

  it('includes a customer’s message that nobody has answered', async () => {
    const [survivor, other] = await cases(2);
    await record(other, { type: 'email', direction: 'inbound', body: 'Hello?' });
    expect((await merge(survivor, [other])).body.survivor.customerReplied).toBe(true);
  });
});

describe('the children of a merged case', () => {
  const family = async (n: number): Promise<Body> => {
    const parent = await opened();
    await Promise.all(Array.from({ length: n }, () => opened({ parentId: parent.caseId })));
    return parent;
  };

  it('come under the survivor as far as its cap allows, or nothing happens at all', async () => {
    await settings({ maxChildren: 10 });
    try {
      const [a, b, c] = await Promise.all([family(6), family(3), family(2)]);
      expect(await merge(a, [b, c])).toMatchObject({ status: 409, body: { code: 'CHILD_LIMIT' } });
      expect([await read(b.caseId), await read(c.caseId)]).toMatchObject([
        { status: 'active', childCount: 3 },
        { status: 'active', childCount: 2 },
      ]);

      const [detached] = await childrenOf(c);
      await service.anna.delete(`/v1/cases/${detached.caseId}/parent`);
      const answer = await merge(a, [b, c]);
      expect(answer.body.survivor.childCount).toBe(10);
      // The last place is taken from the merge on, not only when the last child has come.
      const late = await service.anna.post('/v1/cases', { title: 'One more', origin: 'web', parentId: a.caseId });
      expect(late).toMatchObject({ status: 409, body: { code: 'CHILD_LIMIT' } });

      await service.settled();
      expect(await read(a.caseId)).toMatchObject({ childCount: 10, activeChildren: 10, mergeState: 'done' });
      expect(await childrenOf(a)).toHaveLength(10);
      expect(await read(b.caseId)).toMatchObject({ childCount: 0, activeChildren: 0 });
      const moved = (await childrenOf(a)).filter(({ version }) => version === 2);
      expect(moved).toHaveLength(4);
      const [post] = await posts(service.anna, moved[0].caseId, 'case.parentChanged');
      expect(post).toMatchObject({
        actor: 'anna',
        changes: [{ field: 'parentId', old: post.reparentedFrom, new: a.caseId }],
      });
      expect([b.caseId, c.caseId]).toContain(post.reparentedFrom);
    } finally {
      await settings({});
    }
  });

  it('go back with their parent when it is unmerged, and no others', async () => {
    const [a, b] = await Promise.all([family(2), family(3)]);
    const own = idsOf(await childrenOf(b));
    await merge(a, [b]);
    await service.settled();
    await service.anna.post(`/v1/cases/${own[0]}/cancel`, {});
    await service.anna.delete(`/v1/cases/${own[1]}/parent`);
    const late = await opened({ parentId: a.caseId });
    expect((await unmerge(a, b)).status).toBe(200);
    await service.settled();
    expect(await read(a.caseId)).toMatchObject({ childCount: 3, activeChildren: 3 });
    expect(idsOf(await childrenOf(a))).toContain(late.caseId);
    expect(await read(b.caseId)).toMatchObject({ childCount: 2, activeChildren: 1 });
    expect(idsOf(await childrenOf(b))).toEqual([own[0], own[2]]);
    expect((await posts(service.anna, own[2]!, 'case.parentChanged')).at(-1)).toMatchObject({
      reparentedFrom: a.caseId,
    });
  });
});

describe('cases with a parent', () => {
  it('are merged with each other: the parent counts one active child less, and keeps both', async () => {
    const parent = await opened();
    const [x, y] = await Promise.all([opened({ parentId: parent.caseId }), opened({ parentId: parent.caseId })]);
    expect((await merge(x, [y])).status).toBe(200);
    expect(await read(parent.caseId)).toMatchObject({ childCount: 2, activeChildren: 1 });
    await unmerge(x, y);
    expect(await read(parent.caseId)).toMatchObject({ childCount: 2, activeChildren: 2 });
  });

  it('are merged into no other, nor into a case that stands alone, nor into their own parent', async () => {
    const [p1, p2, alone] = await cases(3);
    const [x, y] = await Promise.all([opened({ parentId: p1.caseId }), opened({ parentId: p2.caseId })]);
    for (const survivor of [y, alone, p1]) {
      expect(await merge(survivor, [x])).toMatchObject({ status: 409, body: { code: 'MERGE_DIFFERENT_PARENTS' } });
    }
  });

  it('take in a case that stands alone, but none that has children', async () => {
    const [p1, p2, alone] = await cases(3);
    const [child] = await Promise.all([opened({ parentId: p1.caseId }), opened({ parentId: p2.caseId })]);
    expect(await merge(child, [p2])).toMatchObject({ status: 409, body: { code: 'MERGE_DEPTH' } });
    expect((await merge(child, [alone])).status).toBe(200);
  });

  it('go back to a closed parent only where it may take them', async () => {
    await settings({ closurePolicy: 'blockUntilChildrenClosed' });
    try {
      const parent = await opened();
      const [x, y] = await Promise.all([opened({ parentId: parent.caseId }), opened({ parentId: parent.caseId })]);
      const outside = await opened();
      await merge(x, [y]);
      await service.settled();
      await service.anna.delete(`/v1/cases/${x.caseId}/parent`);
      expect((await service.anna.post(`/v1/cases/${parent.caseId}/cancel`, {})).status).toBe(200);
      expect(await unmerge(x, y)).toMatchObject({ status: 409, body: { code: 'PARENT_CLOSED' } });
      expect(await unmerge(outside, y)).toMatchObject({ status: 409, body: { code: 'UNMERGE_NOT_POSSIBLE' } });
    } finally {
      await settings({});
    }
  });
});

describe('a merge is refused', () => {
  it('for a selection that makes no sense', async () => {
    const [survivor, other] = await cases(2);
    const others = await cases(8);
    expect(await merge(survivor, [other, survivor])).toMatchObject({ status: 400, body: { code: 'MERGE_SELF' } });
    expect(await merge(survivor, [other, other])).toMatchObject({ status: 400, body: { code: 'MERGE_DUPLICATE' } });
    const ten = [other, ...others, { caseId: '019c0000-0000-7000-8000-000000000000' }];
    expect(await merge(survivor, ten)).toMatchObject({ status: 400, body: { code: 'MERGE_TOO_MANY' } });
    expect(await merge(survivor, [])).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    const unknown = await merge(survivor, [other, ten.at(-1)]);
    expect(unknown.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'caseIds.1' }] });
    expect(await read(other.caseId)).toMatchObject({ status: 'active', version: 1 });
  });

  it('when any of the cases is closed', async () => {
    const [one, two, three] = await cases(3);
    await service.anna.post(`/v1/cases/${two.caseId}/cancel`, {});
    expect(await merge(one, [three, two])).toMatchObject({
      status: 409,
      body: { code: 'MERGE_NOT_ACTIVE', caseIds: [two.caseId] },
    });
    expect(await merge(two, [one])).toMatchObject({ status: 409, body: { code: 'MERGE_NOT_ACTIVE' } });
    expect(await read(three.caseId)).toMatchObject({ status: 'active' });
  });

  it('where the transition graph does not lead from a case’s reason to merged', async () => {
    const path = '/v1/settings/transitions';
    const { enabled, allow } = (await service.admin.get(path)).body;
    const without = { ...allow, researching: allow.researching.filter((to: string) => to !== 'merged') };
    const [survivor, one, two] = await cases(3);
    await service.anna.patch(`/v1/cases/${two.caseId}`, { statusReason: 'researching' });
    await service.admin.put(path, { enabled: true, allow: without });
    try {
      const refused = await merge(survivor, [one, two]);
      expect(refused).toMatchObject({ status: 409, body: { code: 'TRANSITION_NOT_ALLOWED' } });
      expect(refused.body.permitted).not.toContain('merged');
      expect((await read(one.caseId)).status).toBe('active');
    } finally {
      await service.admin.put(path, { enabled, allow });
    }
    expect((await merge(survivor, [one, two])).status).toBe(200);
  });

  it('on an older version of the survivor than the present one', async () => {
    const [survivor, other] = await cases(2);
    await service.anna.patch(`/v1/cases/${survivor.caseId}`, { title: 'Changed' });
    const path = `/v1/cases/${survivor.caseId}/merge`;
    const stale = await service.anna.post(path, { caseIds: [other.caseId] }, { ifMatch: 1 });
    expect(stale).toMatchObject({ status: 412, body: { code: 'STALE_VERSION' } });
  });

  it('to those who are not agents', async () => {
    const [survivor, other] = await cases(2);
    expect((await merge(survivor, [other], {}, service.integration)).status).toBe(403);
  });
});

describe('cases of different customers', () => {
  it('are merged when they belong to one account, and both customers take part from then on', async () => {
    const contact = await service.customer({ parentId: customerId });
    const [survivor, other] = [await opened(), await opened({ customerId: contact })];
    const { body } = await merge(survivor, [other]);
    expect(body.survivor).toMatchObject({ customerId, participants: [customerId, contact] });
  });

  it('are merged otherwise only when a supervisor confirms it', async () => {
    const stranger = await service.customer({ name: 'Charles Babbage' });
    const [survivor, other] = [
      await opened({ participants: ['c@example.com'] }),
      await opened({ customerId: stranger }),
    ];
    const refused = { status: 409, body: { code: 'MERGE_DIFFERENT_CUSTOMERS', caseIds: [other.caseId] } };
    expect(await merge(survivor, [other], {}, service.supervisor)).toMatchObject(refused);
    const confirmed = { confirmDifferentCustomers: true };
    expect(await merge(survivor, [other], confirmed)).toMatchObject(refused);
    expect((await merge(survivor, [other], confirmed, service.supervisor)).status).toBe(200);
    expect((await read(survivor.caseId)).participants).toEqual(['c@example.com', customerId, stranger]);
    await unmerge(survivor, other);
    expect((await read(survivor.caseId)).participants).toEqual(['c@example.com']);
  });
});

describe('a merged case', () => {
  it('takes no commands: each is told where the case has gone', async () => {
    const [survivor, other] = await cases(2);
    const task = await record(other, { type: 'task', body: 'To do' });
    await service.settled();
    await merge(survivor, [other]);
    const at = `/v1/cases/${other.caseId}`;
    const { anna, supervisor } = service;
    const answers = await Promise.all([
      anna.patch(at, { labels: ['late'] }),
      supervisor.patch(at, { product: 'Press' }),
      anna.post(`${at}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done' }),
      anna.post(`${at}/cancel`, {}),
      anna.post(`${at}/reactivate`),
      anna.post(`${at}/assign`, { ownerId: 'ben' }),
      anna.post(`${at}/route`, {}),
      anna.put(`${at}/parent`, { parentId: survivor.caseId }),
      anna.delete(`${at}/parent`),
      anna.post(`${at}/activities`, { type: 'note', body: 'Too late' }),
      anna.patch(`${at}/activities/${task.activityId}`, { state: 'completed' }),
      anna.post(`/v1/queues/default/items/${other.caseId}/pick`),
      anna.post(`/v1/queues/default/items/${other.caseId}/release`),
      anna.post(`${at}/merge`, { caseIds: [survivor.caseId] }),
      anna.post(`${at}/unmerge`, { caseId: survivor.caseId }),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({
        status: 409,
        body: { code: 'MERGED_ELSEWHERE', mergedInto: survivor.caseId, survivorId: survivor.caseId },
      });
    }
    expect((await merge(await opened(), [other])).body.code).toBe('MERGE_NOT_ACTIVE');
    for (const path of ['', '/timeline', '/audit', '/sla', '/children', '/resolutions']) {
      expect((await service.anna.get(`${at}${path}`)).status).toBe(200);
    }
  });

  it('lets an integration’s activities through to the end of the chain, and there they stay', async () => {
    const [a, b, d] = await cases(3);
    await merge(a, [b]);
    await service.settled();
    await merge(d, [a]);
    await service.settled();
    const refused = await service.anna.post(`/v1/cases/${b.caseId}/activities`, { type: 'note', body: 'Late' });
    expect(refused.body).toMatchObject({ code: 'MERGED_ELSEWHERE', mergedInto: a.caseId, survivorId: d.caseId });
    const mail = { type: 'email', direction: 'inbound', body: 'Late mail' };
    const landed = await record(b, mail, service.integration);
    expect(landed.caseId).toBe(d.caseId);
    expect((await read(d.caseId)).customerReplied).toBe(true);
    await unmerge(d, a);
    await service.settled();
    expect((await activitiesOf(d)).map(({ body }) => body)).toEqual(['Late mail']);
  });

  it('is merged once when the same request comes twice at a time', async () => {
    const [survivor, other] = await cases(2);
    const send = () =>
      service.anna.post(`/v1/cases/${survivor.caseId}/merge`, { caseIds: [other.caseId] }, { key: 'merge-once' });
    const [one, two] = await Promise.all([send(), send()]);
    expect([one.status, two.status]).toEqual([200, 200]);
    expect(two.body).toEqual(one.body);
    await service.settled();
    const received = (await auditOf(survivor)).filter(({ action }) => action === 'case.mergeReceived');
    expect(received).toHaveLength(1);
    expect(await read(survivor.caseId)).toMatchObject({ mergedCases: [other.caseId], mergeState: 'done' });
  });
});

describe('the knowledge that helped with a merged case', () => {
  const article = async (title: string): Promise<string> => {
    const body = { title, body: 'Turn it off and on', visibility: 'internal' };
    return (await service.anna.post('/v1/articles', body)).body.articleId;
  };
  const link = (subject: Body, articleId: string) =>
    service.anna.put(`/v1/cases/${subject.caseId}/articles/${articleId}`);
  const linkedTo = async (subject: Body): Promise<string[]> =>
    (await everyItem(service.anna, `/v1/cases/${subject.caseId}/articles`)).map(({ articleId }) => articleId).sort();

  it('is linked to the survivor from then on, and goes back with the case', async () => {
    const [survivor, other] = await cases(2);
    const [mine, ours] = [await article('Only the merged case'), await article('Both cases')];
    await Promise.all([link(other, mine), link(other, ours), link(survivor, ours)]);
    await merge(survivor, [other]);
    await service.settled();
    expect(await linkedTo(survivor)).toEqual([mine, ours].sort());
    const links = await everyItem(service.anna, `/v1/cases/${survivor.caseId}/articles`);
    expect(links.find(({ articleId }) => articleId === mine)).toMatchObject({
      caseId: survivor.caseId,
      linkedBy: 'anna',
      mergedFrom: other.caseId,
    });
    expect((await service.anna.get(`/v1/articles/${mine}`)).body.usageCount).toBe(1);
    expect((await link(other, mine)).body.code).toBe('MERGED_ELSEWHERE');
    await unmerge(survivor, other);
    await service.settled();
    expect(await linkedTo(other)).toEqual([mine, ours].sort());
    expect(await linkedTo(survivor)).toEqual([ours]);
  });
});

describe('the entitlement of a merged case', () => {
  it('gets back what the case took, and is asked again when it is unmerged', async () => {
    const entitlements = entitlementsOf(service);
    const entitled = await service.customer();
    const two = await entitlements.active(entitled, { total: 2, isDefault: true });
    const [survivor, other] = await cases(2, { customerId: entitled });
    expect(await entitlements.remaining(two)).toBe(0);
    await merge(survivor, [other]);
    expect(await entitlements.remaining(two)).toBe(1);
    await opened({ customerId: entitled });
    expect(await unmerge(survivor, other)).toMatchObject({ status: 409, body: { code: 'ENTITLEMENT_EXHAUSTED' } });
    await service.supervisor.post(`/v1/entitlements/${two.id}/adjust`, { amount: 1, note: 'Goodwill' });
    expect((await unmerge(survivor, other)).status).toBe(200);
    expect(await entitlements.remaining(two)).toBe(0);
  });
});

describe('unmerging', () => {
  it('restores the case and what came from it; what was added to the survivor since stays there', async () => {
    const [survivor, other] = await cases(2);
    await service.settled();
    const before = await record(other, { type: 'task', body: 'From before', durationMinutes: 7 });
    await service.anna.patch(`/v1/cases/${other.caseId}`, { statusReason: 'researching' });
    await merge(survivor, [other]);
    await service.settled();
    const since = await record(survivor, { body: 'Since then' });
    const { status, body } = await unmerge(survivor, other);
    expect(status).toBe(200);
    expect(body.unmerged).toMatchObject({
      status: 'active',
      statusReason: 'researching',
      queueId: 'default',
      reopenCount: 0,
      mergedCases: [],
    });
    expect(body.unmerged.mergedInto).toBeUndefined();
    await service.settled();
    expect(await activitiesOf(other)).toMatchObject([{ activityId: before.activityId, state: 'open' }]);
    expect((await activitiesOf(other))[0]).not.toHaveProperty('mergedFrom');
    expect(await activitiesOf(survivor)).toMatchObject([{ activityId: since.activityId }]);
    const left = await read(survivor.caseId);
    expect(left.mergedCases).toEqual([]);
    expect(left).not.toHaveProperty('mergeState');
    expect(await everyItem(service.anna, `/v1/cases?mergedInto=${survivor.caseId}`)).toEqual([]);

    const narrative = { resolutionType: 'problemSolved', resolution: 'Done' };
    const resolved = await service.anna.post(`/v1/cases/${survivor.caseId}/resolve`, narrative);
    expect(resolved.body.resolution.totalMinutes).toBe(0);
    const confirmed = { ...narrative, confirmCancelActivities: true };
    const other2 = await service.anna.post(`/v1/cases/${other.caseId}/resolve`, confirmed);
    expect(other2.body.resolution.totalMinutes).toBe(7);
    expect((await auditOf(other)).map(({ action }) => action)).toContain('case.unmerged');
    expect((await auditOf(survivor)).map(({ action }) => action)).toContain('case.mergeReleased');
  });

  it('brings back through a chain what came over it, one link at a time', async () => {
    const [a, b, d] = await cases(3);
    await record(b, { body: 'Of B' });
    await record(a, { body: 'Of A' });
    await merge(a, [b]);
    await service.settled();
    await merge(d, [a]);
    await service.settled();
    expect(await activitiesOf(d)).toMatchObject([{ mergedFrom: b.caseId }, { mergedFrom: a.caseId }]);
    expect(await unmerge(d, b)).toMatchObject({
      status: 409,
      body: { code: 'UNMERGE_NOT_POSSIBLE', mergedInto: a.caseId },
    });
    expect((await unmerge(a, b)).body.code).toBe('MERGED_ELSEWHERE');
    await unmerge(d, a);
    await service.settled();
    expect((await activitiesOf(a)).map(({ body, mergedFrom }) => [body, mergedFrom])).toEqual([
      ['Of B', b.caseId],
      ['Of A', undefined],
    ]);
    await unmerge(a, b);
    await service.settled();
    expect((await activitiesOf(b)).map(({ body }) => body)).toEqual(['Of B']);
  });

  it('is refused where the case was not merged, and on a closed survivor', async () => {
    const [survivor, other, third] = await cases(3);
    expect(await unmerge(survivor, other)).toMatchObject({ status: 409, body: { code: 'UNMERGE_NOT_POSSIBLE' } });
    await merge(survivor, [other]);
    expect((await unmerge(third, other)).body).toMatchObject({
      code: 'UNMERGE_NOT_POSSIBLE',
      mergedInto: survivor.caseId,
    });
    await service.settled();
    await service.anna.post(`/v1/cases/${survivor.caseId}/cancel`, {});
    expect((await unmerge(survivor, other)).body.code).toBe('CASE_NOT_ACTIVE');
    expect((await unmerge(survivor, { caseId: '019c0000-0000-7000-8000-000000000000' })).status).toBe(400);
  });

  // The last one: it moves the clock.
  it('lets the clocks go on with what was left, the time in between counted as a wait', async () => {
    const [survivor, other] = await cases(2, { slaId: 'standard' });
    await service.settled();
    await service.clockTo('2026-03-02T09:20:00.000Z');
    await merge(survivor, [other]);
    await service.clockTo('2026-03-02T12:00:00.000Z');
    await unmerge(survivor, other);
    const clocks = await clocksOf(service.anna, other.caseId);
    expect(clocks['firstResponse 1']).toMatchObject({ status: 'cancelled', usedMinutes: 20 });
    expect(clocks['firstResponse 2']).toMatchObject({
      status: 'inProgress',
      usedMinutes: 20,
      failAt: '2026-03-02T12:40:00.000Z',
    });
    expect(clocks['resolve 2']).toMatchObject({ status: 'inProgress', usedMinutes: 20, remainingMinutes: 580 });
    expect(clocks['resolve 2'].segments).toMatchObject([
      { kind: 'running', businessMinutes: 20 },
      { kind: 'paused', businessMinutes: 160, cause: 'unmerged' },
      { kind: 'running' },
    ]);
    await service.clockTo('2026-03-02T12:40:01.000Z');
    expect((await clocksOf(service.anna, other.caseId))['firstResponse 2'].status).toBe('noncompliant');
  });
});
