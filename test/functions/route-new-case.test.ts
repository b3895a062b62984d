import { beforeAll, describe, expect, it } from 'vitest';
import { RoutingRuleSet } from '../../domain/routing/rule-set.ts';
import { routeNewCase } from '../../functions/routing/route-new-case.ts';
import { Transaction } from '../../functions/table/transaction.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
let desk: Desk;

beforeAll(async () => {
  desk = deskOn(local.services);
  const { settings, table, now } = local.services;
  const rules = [
    { id: 'mail', when: { field: 'product', op: 'eq', value: 'mail' }, queueId: 'mail' },
    { id: 'fax', when: { field: 'product', op: 'eq', value: 'fax' }, queueId: 'fax' },
    { id: 'urgent', when: { field: 'priority', op: 'eq', value: 'urgent' }, ownerId: 'ben' },
  ];
  for (const queueId of ['mail', 'front']) await desk.queue(queueId);
  for (const userId of ['ben', 'cleo']) await desk.user(userId);
  const transaction = new Transaction();
  const ruleSet = RoutingRuleSet.parse({ name: 'Desk', rules, defaultQueueId: 'front' });
  const latest = { version: 0, isStored: false };
  settings.ruleSets.put(transaction, 'desk', ruleSet, latest, { by: 'root', now: now() });
  settings.activate(transaction, 'desk');
  await table.transact(transaction);
});

const opened = async (fields: Parameters<Desk['open']>[0]) => {
  const { caseId } = (await desk.open(fields)).case;
  const [created] = await desk.events(caseId, 'case.created');
  return { caseId, route: () => desk.react(created!) };
};
const placementOf = async (caseId: string) => (await local.services.cases.load(caseId))?.placement;

describe('a new case', () => {
  it('is routed once, however often and however many at once bring the event', async () => {
    const { caseId, route } = await opened({ product: 'mail' });
    await Promise.all([route(), route(), route()]);
    await route();
    expect(await placementOf(caseId)).toMatchObject({ state: 'queued', queueId: 'mail', revision: 2 });
    expect(await desk.events(caseId, 'case.routed')).toMatchObject([
      { actor: 'system', cause: 'routing', correlationId: 'test', fact: { ruleId: 'mail', ruleSetVersion: 1 } },
    ]);
  });

  it('goes to the default queue where the queue of its rule is gone, and the timeline says so', async () => {
    const { caseId, route } = await opened({ product: 'fax' });
    await route();
    expect(await placementOf(caseId)).toMatchObject({ queueId: 'default' });
    expect(await desk.events(caseId, 'case.routed')).toMatchObject([
      { fact: { ruleId: 'fax', because: 'product is "fax"; the queue fax is gone' } },
    ]);
  });

  it('stays where it is when somebody was faster than the rules', async () => {
    const assigned = await opened({ priority: 'urgent' });
    await desk.assign(assigned.caseId, 'cleo');
    const closed = await opened({ product: 'mail' });
    await desk.cancel(closed.caseId);
    const placed = await opened({ product: 'mail' });
    await desk.route(placed.caseId, 'front');
    for (const { route } of [assigned, closed, placed]) await route();

    expect((await local.services.cases.load(assigned.caseId))?.case.ownerId).toBe('cleo');
    expect((await placementOf(assigned.caseId))?.state).toBe('left');
    expect((await placementOf(closed.caseId))?.state).toBe('left');
    expect(await placementOf(placed.caseId)).toMatchObject({ state: 'queued', queueId: 'front' });
    expect(await desk.events(assigned.caseId, 'case.routed')).toEqual([]);
    expect(await desk.events(placed.caseId, 'case.routed')).toHaveLength(1);
  });

  it('that is routed while its agent edits it keeps both', async () => {
    const { caseId, route } = await opened({ product: 'mail' });
    await Promise.all([route(), desk.patch(caseId, { title: 'No mail' }), desk.patch(caseId, { priority: 'high' })]);
    const file = await local.services.cases.load(caseId);
    expect(file?.case).toMatchObject({ title: 'No mail', priority: 'high', version: 3 });
    expect(file?.placement).toMatchObject({ state: 'queued', queueId: 'mail', priorityRank: 1 });
  });

  it('is waited for where its transaction cannot be read yet', async () => {
    const unseen = { caseId: '0196b3a0-0000-7000-8000-00000000dead', correlationId: 'test' };
    await expect(routeNewCase(local.services, unseen)).rejects.toThrow('0000dead');
  });
});
