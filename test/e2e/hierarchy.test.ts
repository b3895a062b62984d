import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, everyItem } from '../support/api-client.ts';
import { posts } from '../support/diary.ts';
import { withService } from '../support/service.ts';

const service = withService();

type Body = Answer['body'];

const set = async (settings: object) => {
  const body = {
    closurePolicy: 'independent',
    inheritedFields: ['title', 'customerId', 'labels', 'queueId', 'ownerId'],
    ...settings,
  };
  const { status } = await service.admin.put('/v1/settings/case-settings', body);
  expect(status).toBe(200);
};
const got = async (caseId: string): Promise<Body> => (await service.anna.get(`/v1/cases/${caseId}`)).body;
const created = (body: object) => service.anna.post('/v1/cases', { origin: 'web', ...body });
const attach = (caseId: string, parentId: string) => service.anna.put(`/v1/cases/${caseId}/parent`, { parentId });
const detach = (caseId: string) => service.anna.delete(`/v1/cases/${caseId}/parent`);
const resolve = (caseId: string, body: object = {}) =>
  service.anna.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done', ...body });
const cancel = (caseId: string, body: object = {}) => service.anna.post(`/v1/cases/${caseId}/cancel`, body);
const reactivate = (caseId: string) => service.anna.post(`/v1/cases/${caseId}/reactivate`);
const task = (caseId: string) =>
  service.anna.post(`/v1/cases/${caseId}/activities`, { type: 'task', body: 'Call back' });
const refusal = ({ status, body }: Answer) => [status, body.code];
const childrenOf = (parentId: string): Promise<Body[]> => everyItem(service.anna, `/v1/cases/${parentId}/children`);

/** A few at a time, as a page of agents would. */
const inParallel = async <Result>(times: number, act: (n: number) => Promise<Result>): Promise<Result[]> => {
  const results: Result[] = [];
  for (let from = 0; from < times; from += 10) {
    const some = Array.from({ length: Math.min(10, times - from) }, (_, n) => act(from + n));
    results.push(...(await Promise.all(some)));
  }
  return results;
};

describe('a child case', () => {
  it('takes over what it is not given, and goes where its parent is instead of being routed', async () => {
    const parent = await service.opened({
      title: 'Mail is down',
      labels: ['outage'],
      ownerId: 'ben',
      queueId: 'default',
    });
    const child = (await created({ parentId: parent.caseId })).body;
    expect(child).toMatchObject({
      parentId: parent.caseId,
      title: 'Mail is down',
      customerId: parent.customerId,
      labels: ['outage'],
      ownerId: 'ben',
      queueId: 'default',
    });
    await service.settled();
    expect(await posts(service.anna, child.caseId, 'case.routed')).toEqual([]);
  });

  it('keeps what it is given, also another customer, and is not changed by later edits of its parent', async () => {
    const parent = await service.opened({ title: 'Mail is down', labels: ['outage'] });
    const customerId = await service.customer({ name: 'Grace Hopper' });
    const child = (await created({ parentId: parent.caseId, title: 'No mail since ten', customerId, labels: ['vip'] }))
      .body;
    await service.anna.patch(`/v1/cases/${parent.caseId}`, { title: 'Mail is up', labels: ['over'] });
    expect(await got(child.caseId)).toMatchObject({ title: 'No mail since ten', customerId, labels: ['vip'] });
  });

  it('is told on its parent’s timeline when it is opened, and when it leaves', async () => {
    const parent = await service.opened();
    const child = await service.opened({ parentId: parent.caseId });
    const [attached] = await posts(service.anna, parent.caseId, 'case.child');
    expect(attached).toMatchObject({ type: 'case.childAttached', childId: child.caseId, actor: 'anna' });
    expect((await posts(service.anna, child.caseId, 'case.created'))[0]).toMatchObject({ parentId: parent.caseId });

    expect((await detach(child.caseId)).body.parentId).toBeUndefined();
    expect((await posts(service.anna, parent.caseId, 'case.child')).map(({ type }) => type)).toEqual([
      'case.childAttached',
      'case.childDetached',
    ]);
    expect(await got(parent.caseId)).toMatchObject({ childCount: 0, activeChildren: 0 });
    expect(refusal(await detach(child.caseId))).toEqual([404, 'NOT_FOUND']);
  });

  it('does not make its parent’s version stale', async () => {
    const parent = await service.opened({ queueId: 'default' });
    const child = await service.opened({ parentId: parent.caseId });
    await resolve(child.caseId);
    const edited = await service.anna.patch(
      `/v1/cases/${parent.caseId}`,
      { title: 'Edited' },
      { ifMatch: parent.version },
    );
    expect(edited.status).toBe(200);
    expect(edited.body).toMatchObject({ childCount: 1, activeChildren: 0 });
  });

  it('that is attached later fills only its empty fields', async () => {
    const parent = await service.opened({ labels: ['outage'], ownerId: 'ben', queueId: 'default' });
    const child = await service.opened({ title: 'My own words', queueId: 'default' });
    const { body } = await attach(child.caseId, parent.caseId);
    expect(body).toMatchObject({
      title: 'My own words',
      customerId: child.customerId,
      labels: ['outage'],
      ownerId: 'ben',
      parentId: parent.caseId,
      version: child.version + 1,
    });
    const audit = await everyItem(service.anna, `/v1/cases/${child.caseId}/audit`);
    const entry = audit.find(({ action }) => action === 'case.parentChanged');
    expect(entry.changes.map(({ field }: Body) => field).sort()).toEqual(['labels', 'ownerId', 'parentId']);
    expect(await got(parent.caseId)).toMatchObject({ childCount: 1, activeChildren: 1 });
  });

  it('that has a queue or an owner of its own keeps it when it is attached', async () => {
    await service.admin.put('/v1/queues/majors', { name: 'Majors', visibility: 'public' });
    const parent = await service.opened({ queueId: 'majors' });
    const queued = await service.opened({ queueId: 'default' });
    expect((await attach(queued.caseId, parent.caseId)).body.queueId).toBe('default');
    const owned = await service.opened({ ownerId: 'ben' });
    const { body } = await attach(owned.caseId, parent.caseId);
    expect([body.ownerId, body.queueId]).toEqual(['ben', undefined]);
  });

  it('can be attached to the same parent again: nothing happens', async () => {
    const parent = await service.opened();
    const child = await service.opened({ parentId: parent.caseId });
    expect((await attach(child.caseId, parent.caseId)).body.version).toBe(child.version);
    expect(await got(parent.caseId)).toMatchObject({ childCount: 1 });
  });

  it('has one parent, no children and no circle', async () => {
    const [parent, other, lone] = [await service.opened(), await service.opened(), await service.opened()];
    const child = await service.opened({ parentId: parent.caseId });
    expect(refusal(await created({ parentId: child.caseId }))).toEqual([409, 'CHILD_OF_CHILD']);
    expect(refusal(await attach(lone.caseId, child.caseId))).toEqual([409, 'CHILD_OF_CHILD']);
    expect(refusal(await attach(child.caseId, other.caseId))).toEqual([409, 'ALREADY_HAS_PARENT']);
    expect(refusal(await attach(parent.caseId, other.caseId))).toEqual([409, 'PARENT_AS_CHILD']);
    expect(refusal(await attach(lone.caseId, lone.caseId))).toEqual([409, 'PARENT_AS_CHILD']);
    expect(refusal(await attach(lone.caseId, '0196b3a0-0000-7000-8000-00000000dead'))).toEqual([
      400,
      'VALIDATION_FAILED',
    ]);
  });

  it('takes over the fields that the administrator selects', async () => {
    await set({ inheritedFields: ['title', 'customerId', 'priority', 'product', 'severity'] });
    const parent = await service.opened({ priority: 'urgent', product: 'mail', severity: 'high', labels: ['outage'] });
    const child = (await created({ parentId: parent.caseId, severity: 'low' })).body;
    expect(child).toMatchObject({ priority: 'urgent', product: 'mail', severity: 'low' });
    expect(child.labels).toBeUndefined();
    expect(child.queueId).toBeUndefined();
    await service.settled();
    expect((await got(child.caseId)).queueId).toBe('default');
    const incomplete = await service.admin.put('/v1/settings/case-settings', { inheritedFields: ['priority'] });
    expect(refusal(incomplete)).toEqual([400, 'VALIDATION_FAILED']);
    await set({});
  });

  it('is in the lists of its parent', async () => {
    const parent = await service.opened();
    const children = [
      await service.opened({ parentId: parent.caseId }),
      await service.opened({ parentId: parent.caseId }),
    ];
    const ids = children.map(({ caseId }) => caseId).sort();
    expect((await childrenOf(parent.caseId)).map(({ caseId }) => caseId).sort()).toEqual(ids);
    const listed = await everyItem(service.anna, `/v1/cases?parentId=${parent.caseId}`);
    expect(listed.map(({ caseId }) => caseId).sort()).toEqual(ids);
    const page = await service.anna.get(`/v1/cases/${parent.caseId}/children?limit=1`);
    expect(page.body.items).toHaveLength(1);
    expect(page.body.nextCursor).toBeDefined();
  });
});

describe('a parent with as many children as it may have', () => {
  beforeAll(() => set({ maxChildren: 2 }));

  it('takes no more, whatever the status of those it has, until one leaves', async () => {
    const parent = await service.opened();
    const [first, second] = [
      await service.opened({ parentId: parent.caseId }),
      await service.opened({ parentId: parent.caseId }),
    ];
    const lone = await service.opened();
    expect(refusal(await created({ parentId: parent.caseId }))).toEqual([409, 'CHILD_LIMIT']);
    await resolve(first.caseId);
    expect(refusal(await attach(lone.caseId, parent.caseId))).toEqual([409, 'CHILD_LIMIT']);
    expect(refusal(await detach(first.caseId))).toEqual([409, 'CASE_NOT_ACTIVE']);
    await detach(second.caseId);
    expect((await attach(lone.caseId, parent.caseId)).status).toBe(200);
    expect(await got(parent.caseId)).toMatchObject({ childCount: 2, activeChildren: 1 });
  });
});

describe('under the policy independent', () => {
  beforeAll(() => set({}));

  it('closing a parent leaves its children as they are, and it may be given more', async () => {
    const parent = await service.opened();
    const child = await service.opened({ parentId: parent.caseId });
    const lone = await service.opened();
    const { body } = await resolve(parent.caseId);
    expect(body).toMatchObject({ status: 'resolved', activeChildren: 1 });
    expect(body.cascade).toBeUndefined();
    await service.settled();
    expect((await got(child.caseId)).status).toBe('active');
    expect((await attach(lone.caseId, parent.caseId)).status).toBe(200);
    await resolve(child.caseId);
    const late = await service.opened();
    await resolve(late.caseId);
    expect(refusal(await attach(late.caseId, parent.caseId))).toEqual([409, 'CASE_NOT_ACTIVE']);
    expect((await reactivate(child.caseId)).status).toBe(200);
    expect(await got(parent.caseId)).toMatchObject({ childCount: 2, activeChildren: 2 });
  });
});

describe('under the policy blockUntilChildrenClosed', () => {
  beforeAll(() => set({ closurePolicy: 'blockUntilChildrenClosed' }));

  it('a parent is neither resolved nor cancelled while children are active: the refusal counts them', async () => {
    const parent = await service.opened();
    const [first, second] = [
      await service.opened({ parentId: parent.caseId }),
      await service.opened({ parentId: parent.caseId }),
    ];
    for (const refused of [
      await resolve(parent.caseId),
      await cancel(parent.caseId, { confirmCancelActivities: true }),
    ]) {
      expect(refusal(refused)).toEqual([409, 'ACTIVE_CHILDREN']);
      expect(refused.body.activeChildren).toBe(2);
    }
    await resolve(first.caseId);
    expect((await resolve(parent.caseId)).body.activeChildren).toBe(1);
    await cancel(second.caseId);
    expect((await resolve(parent.caseId)).body.status).toBe('resolved');
  });

  it('a closed parent takes no children, and none of its own becomes active again', async () => {
    const parent = await service.opened();
    const child = await service.opened({ parentId: parent.caseId });
    const lone = await service.opened();
    await resolve(child.caseId);
    await resolve(parent.caseId);
    expect(refusal(await created({ parentId: parent.caseId }))).toEqual([409, 'PARENT_NOT_ACTIVE']);
    expect(refusal(await attach(lone.caseId, parent.caseId))).toEqual([409, 'PARENT_NOT_ACTIVE']);
    expect(refusal(await reactivate(child.caseId))).toEqual([409, 'PARENT_CLOSED']);
    await reactivate(parent.caseId);
    expect((await reactivate(child.caseId)).status).toBe(200);
    expect(await got(parent.caseId)).toMatchObject({ activeChildren: 1 });
  });
});

describe('under the policy cascadeToChildren', () => {
  beforeAll(async () => {
    await set({ closurePolicy: 'cascadeToChildren' });
    const items = [{ id: 'all', kpi: 'resolve', targetMinutes: 480 }];
    await service.admin.put('/v1/settings/slas/standard', { name: 'Standard', isDefault: true, items });
  });

  it('a hundred children: the 60 active ones are closed, once, and the 40 others keep their own record', async () => {
    const parent = await service.opened({ queueId: 'default' });
    const children = await inParallel(100, () => service.opened({ parentId: parent.caseId }));
    const ids = children.map(({ caseId }) => caseId);
    const [active, resolved, cancelled] = [ids.slice(0, 60), ids.slice(60, 97), ids.slice(97)];
    await inParallel(12, (n) => service.anna.patch(`/v1/cases/${active[n * 5]}`, { statusReason: 'onHold' }));
    await inParallel(37, (n) =>
      resolve(resolved[n]!, { resolutionType: 'informationProvided', resolution: 'By hand' }),
    );
    await inParallel(3, (n) => cancel(cancelled[n]!));
    expect(await got(parent.caseId)).toMatchObject({ childCount: 100, activeChildren: 60 });

    const { body } = await resolve(parent.caseId);
    expect(body).toMatchObject({ status: 'resolved', cascade: { state: 'running', total: 60 } });
    const meanwhile = await created({ parentId: parent.caseId });
    expect(refusal(meanwhile)).toEqual([409, 'PARENT_NOT_ACTIVE']);
    await service.settled();

    const { cascade, activeChildren, childCount } = await got(parent.caseId);
    expect(cascade).toMatchObject({ id: body.cascade.id, state: 'completed', total: 60, closed: 60, failed: 0 });
    expect([activeChildren, childCount]).toEqual([0, 100]);
    const audits = await inParallel(100, (n) => everyItem(service.anna, `/v1/cases/${ids[n]}/audit`));
    const closings = audits.map((audit) => audit.filter(({ action }) => /^case\.(resolved|cancelled)$/.test(action)));
    expect(closings.every((entries) => entries.length === 1)).toBe(true);
    const byCascade = closings.map(([entry]) => entry.cause === `cascade:${cascade.id}` && entry.actor === 'anna');
    expect(byCascade.slice(0, 60).every(Boolean)).toBe(true);
    expect(byCascade.slice(60).some(Boolean)).toBe(false);
    const clocks = audits.slice(0, 60).map((audit) => audit.filter(({ action }) => action === 'sla.succeeded').length);
    expect(clocks.every((times) => times === 1)).toBe(true);

    const shown = await childrenOf(parent.caseId);
    const records = shown.map(
      ({ status, statusReason, resolution }) => `${status} ${statusReason} ${resolution?.resolution}`,
    );
    expect(
      Object.fromEntries([...new Set(records)].map((text) => [text, records.filter((one) => one === text).length])),
    ).toEqual({
      [`resolved problemSolved Resolved with parent ${parent.caseNumber}`]: 60,
      'resolved informationProvided By hand': 37,
      'cancelled cancelled undefined': 3,
    });
    expect(shown.filter(({ cascadeOutcome }) => cascadeOutcome?.outcome === 'closed')).toHaveLength(60);

    const told = await posts(service.anna, parent.caseId, 'case.cascade');
    expect(told[0]).toMatchObject({ type: 'case.cascadeStarted', total: 60 });
    expect(told.slice(1, -1).every(({ type }) => type === 'case.cascadeAdvanced')).toBe(true);
    expect(told.at(-1)).toMatchObject({ type: 'case.cascadeCompleted', state: 'completed', closed: 60 });

    const reactivated = await reactivate(parent.caseId);
    expect(reactivated.body).toMatchObject({ status: 'active', activeChildren: 0 });
    await service.settled();
    expect((await childrenOf(parent.caseId)).every(({ status }) => status !== 'active')).toBe(true);
  }, 60_000);

  it('a parent that is cancelled cancels its children', async () => {
    const parent = await service.opened();
    const child = await service.opened({ parentId: parent.caseId });
    await cancel(parent.caseId, { note: 'A false alarm' });
    await service.settled();
    expect(await got(child.caseId)).toMatchObject({ status: 'cancelled', statusReason: 'cancelled' });
    expect((await posts(service.anna, child.caseId, 'case.cancelled'))[0].note).toBe(
      `Cancelled with parent ${parent.caseNumber}`,
    );
    expect(refusal(await reactivate(child.caseId))).toEqual([409, 'PARENT_CLOSED']);
  });

  it('a parent without active children has nothing to cascade', async () => {
    const parent = await service.opened();
    await resolve((await service.opened({ parentId: parent.caseId })).caseId);
    expect((await resolve(parent.caseId)).body.cascade).toBeUndefined();
  });

  it('the open activities of the children are counted in the refusal, and cancelled on confirmation', async () => {
    const parent = await service.opened();
    const children = [
      await service.opened({ parentId: parent.caseId }),
      await service.opened({ parentId: parent.caseId }),
    ];
    await task(parent.caseId);
    for (const { caseId } of children) await task(caseId);
    await task(children[0].caseId);
    const refused = await resolve(parent.caseId);
    expect(refusal(refused)).toEqual([409, 'OPEN_ACTIVITIES']);
    expect(refused.body.activities).toHaveLength(1);
    expect(refused.body.openActivitiesOfChildren).toBe(3);
    expect(refused.body.detail).toContain('4 activities');

    expect((await resolve(parent.caseId, { confirmCancelActivities: true })).status).toBe(200);
    await service.settled();
    const timeline = await everyItem(service.anna, `/v1/cases/${children[0].caseId}/timeline`);
    expect(timeline.filter(({ kind }) => kind === 'activity').map(({ state }) => state)).toEqual([
      'cancelled',
      'cancelled',
    ]);
  });

  it('closes a child also where the transition graph has no such edge, and the audit says that it was forced', async () => {
    const path = '/v1/settings/transitions';
    const { enabled, allow } = (await service.admin.get(path)).body;
    const onHold = allow.onHold.filter((to: string) => to !== 'problemSolved');
    expect((await service.admin.put(path, { enabled, allow: { ...allow, onHold } })).status).toBe(200);
    const parent = await service.opened();
    const child = await service.opened({ parentId: parent.caseId });
    await service.anna.patch(`/v1/cases/${child.caseId}`, { statusReason: 'onHold' });
    expect(refusal(await resolve(child.caseId))).toEqual([409, 'TRANSITION_NOT_ALLOWED']);
    await resolve(parent.caseId);
    await service.settled();
    expect((await got(child.caseId)).status).toBe('resolved');
    const audit = await everyItem(service.anna, `/v1/cases/${child.caseId}/audit`);
    expect(audit.at(-1)).toMatchObject({ action: 'case.resolved', forced: true });
    await service.admin.put(path, { enabled, allow });
  });

  it('a parent that is reactivated at once stops its cascade where it stands', async () => {
    const parent = await service.opened({ queueId: 'default' });
    await inParallel(40, () => service.opened({ parentId: parent.caseId }));
    await resolve(parent.caseId);
    expect((await reactivate(parent.caseId)).status).toBe(200);
    const { cascade } = await got(parent.caseId);
    await service.settled();
    const after = await got(parent.caseId);
    expect(after.cascade).toEqual(cascade);
    expect(['stopped', 'completed']).toContain(cascade.state);
    const active = (await childrenOf(parent.caseId)).filter(({ status }) => status === 'active');
    expect(active).toHaveLength(40 - cascade.closed);
    expect(after.activeChildren).toBe(40 - cascade.closed);
    expect((await created({ parentId: parent.caseId })).status).toBe(201);
  });
});
