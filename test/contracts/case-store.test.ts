import { TransactionCanceledException, TransactionInProgressException } from '@aws-sdk/client-dynamodb';
import { GetCommand, QueryCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CaseChange, type CaseFile, revised } from '../../domain/cases/case-file.ts';
import { type FollowedChange, withClocksFollowing, withClocksLeft } from '../../domain/sla/followed-change.ts';
import { createCase } from '../../functions/cases/create-case.ts';
import { servicesOn } from '../../functions/services.ts';
import { type CommitOptions, caseStore } from '../../functions/table/case-store.ts';
import { answerItem, findAnswer, idempotentRequest } from '../../functions/table/idempotency.ts';
import { systemIds } from '../../functions/table/ids.ts';
import { caseKey, familyKey, kpiKey, placementKey } from '../../functions/table/keys.ts';
import { LostRace } from '../../functions/table/table.ts';
import { Transaction } from '../../functions/table/transaction.ts';
import { rulesOf } from '../support/case-builders.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { tableOf, withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
let desk: Desk;

const NOW = '2026-03-02T09:00:00.000Z';
const by: CommitOptions = { now: NOW, actor: 'anna', cause: 'user', correlationId: 'test' };

beforeAll(async () => {
  desk = deskOn(local.services);
});

const { stringify } = JSON;
/** As it is read back: without what is undefined. */
const stored = (file: CaseFile): CaseFile => JSON.parse(stringify(file));
const load = async (caseId: string): Promise<CaseFile> => (await local.services.cases.load(caseId))!;
/** A change of the case alone: two writes, its event and itself. */
const retitled = (before: CaseFile, title: string): FollowedChange => {
  const after = { ...before, case: { ...before.case, title, ...revised(before.case, NOW) } };
  const changes = [{ field: 'title', old: before.case.title, new: title }];
  const change: CaseChange = { before, after, facts: [{ type: 'case.updated', occurredAt: NOW, changes }] };
  return withClocksFollowing(change, rulesOf(), NOW);
};
const lostRace = async (commit: Promise<void>): Promise<LostRace> => {
  const error = await commit.then(
    () => undefined,
    (fault: unknown) => fault,
  );
  if (!(error instanceof LostRace)) throw error ?? new Error('it was committed');
  return error;
};

describe('a case', () => {
  it('that nobody has created is not there', async () => {
    expect(await local.services.cases.load('0196b3a0-0000-7000-8000-00000000dead')).toBeUndefined();
  });

  it('is read back as it was decided', async () => {
    await desk.sla('hourly', {
      name: 'Hourly',
      isDefault: true,
      items: [{ id: 'all', kpi: 'resolve', targetMinutes: 60, warnMinutes: 30 }],
    });
    const { caseId } = (await desk.open({ labels: ['vip'], queueId: 'default', severity: 'high' })).case;
    const before = await load(caseId);
    const change = retitled(before, 'No mail');
    await local.services.cases.commit([change], by);
    expect(await load(caseId)).toEqual(stored(change.after));
    expect(await local.services.cases.load(caseId, { eventually: true })).toEqual(stored(change.after));
    expect(before.kpis).toHaveLength(1);
    expect(await local.services.cases.kpi(caseId, 'resolve', 1)).toEqual(before.kpis[0]);
    expect(await local.services.cases.kpi(caseId, 'resolve', 2)).toBeUndefined();
  });

  it('has an event for each fact, with who did it, why and when it was recorded', async () => {
    const { caseId } = (await desk.open({ queueId: 'default' })).case;
    await local.services.cases.commit([retitled(await load(caseId), 'No mail')], { ...by, correlationId: 'request-1' });
    const [event] = await desk.events(caseId, 'case.updated');
    expect(event).toMatchObject({ actor: 'anna', cause: 'user', correlationId: 'request-1', caseVersion: 2, at: NOW });
    expect(await local.services.cases.event(caseId, event!.eventId)).toEqual(event);
    expect(await local.services.cases.activity(caseId, event!.eventId)).toBeUndefined();
  });
});

describe('a commit', () => {
  it('of two changes writes both or none, and says whose condition did not hold', async () => {
    const [one, two] = [await desk.open(), await desk.open()];
    const picked = { ...two.placement!, workedBy: 'anna', revision: two.placement!.revision + 1 };
    const change = retitled(two, 'No mail');
    await local.services.cases.commit([{ ...change, after: { ...change.after, placement: picked } }], by);
    const late = retitled(two, 'No phone');
    const changes = [retitled(one, 'No mail'), { ...late, after: { ...late.after, placement: picked } }];
    const lost = await lostRace(local.services.cases.commit(changes, by));
    expect(lost.on(caseKey(two.case.caseId))).toBe(true);
    expect(lost.on(placementKey(two.case.caseId))).toBe(true);
    expect(lost.on(caseKey(one.case.caseId))).toBe(false);
    expect(await load(one.case.caseId)).toEqual(one);
    expect(await desk.events(one.case.caseId, 'case.updated')).toEqual([]);
    expect((await load(two.case.caseId)).case.title).toBe('No mail');
  });

  it('on a version that is no longer the present one is lost', async () => {
    const file = await desk.open({ queueId: 'default' });
    await local.services.cases.commit([retitled(file, 'No mail')], by);
    const lost = await lostRace(local.services.cases.commit([retitled(file, 'No phone')], by));
    expect(lost.keys).toEqual([caseKey(file.case.caseId)]);
    expect(lost.message).toContain(file.case.caseId);
  });

  it('of a case that exists already is lost', async () => {
    const file = await desk.open();
    const lost = await lostRace(local.services.cases.commit([withClocksLeft({ after: file, facts: [] })], by));
    expect(lost.on(caseKey(file.case.caseId))).toBe(true);
  });

  it('of a clock that has changed meanwhile is lost', async () => {
    const file = await desk.open({ queueId: 'default' });
    const [clock] = file.kpis;
    const revised = { ...file, kpis: [{ ...clock!, revision: clock!.revision + 1, warnedAt: NOW }] };
    const change = withClocksLeft({ before: file, after: revised, facts: [] });
    await local.services.cases.commit([change], by);
    const lost = await lostRace(local.services.cases.commit([change], by));
    expect(lost.keys).toEqual([kpiKey(file.case.caseId, 'resolve', 1)]);
  });

  it('names only what changed: an attribute that this version does not know survives', async () => {
    const file = await desk.open({ queueId: 'default', severity: 'high' });
    const { caseId } = file.case;
    await local.client.send(
      new UpdateCommand({
        TableName: local.name,
        Key: caseKey(caseId),
        UpdateExpression: 'SET tomorrow = :one, product = :two',
        ExpressionAttributeValues: { ':one': 'kept', ':two': 'by another' },
      }),
    );
    await local.services.cases.commit([retitled(file, 'No mail')], by);
    const item = await local.table.get(caseKey(caseId));
    expect(item).toMatchObject({
      tomorrow: 'kept',
      product: 'by another',
      title: 'No mail',
      severity: 'high',
      version: 2,
    });
  });

  it('takes away what is cleared, also from the indexes', async () => {
    const { caseId } = (await desk.open({ queueId: 'default', externalId: 'INC-1', severity: 'high' })).case;
    expect(await local.table.get(caseKey(caseId))).toMatchObject({ externalId: 'INC-1', GSI4PK: 'EXTERNAL#INC-1' });
    await desk.patch(caseId, { externalId: null, severity: null });
    const item = await local.table.get(caseKey(caseId));
    for (const attribute of ['externalId', 'severity', 'GSI4PK', 'GSI4SK']) expect(item).not.toHaveProperty(attribute);
  });

  it('counts children by addition: what was read a moment ago is not written back', async () => {
    const parent = await desk.open({ queueId: 'default' });
    const { caseId: parentId } = parent.case;
    await Promise.all([1, 2, 3, 4, 5].map(() => desk.open({ parentId })));
    expect((await load(parentId)).family).toMatchObject({ childCount: 5, activeChildren: 5 });
    await local.services.cases.commit([retitled(parent, 'No mail')], by);
    expect((await load(parentId)).family).toMatchObject({ childCount: 5, activeChildren: 5 });
  });

  it('is lost where a child was opened that the decision did not know of', async () => {
    const parent = await desk.open({ queueId: 'default' });
    const { caseId } = parent.case;
    const closing: FollowedChange = { ...retitled(parent, 'No mail'), fences: [{ type: 'noActiveChildren' }] };
    await desk.open({ parentId: caseId });
    const lost = await lostRace(local.services.cases.commit([closing], by));
    expect(lost.keys).toEqual([familyKey(caseId)]);
  });

  it('says how many writes it is', async () => {
    const file = await desk.open({ queueId: 'default' });
    expect(local.services.cases.sizeOf([retitled(file, 'No mail')], by)).toBe(2);
    const also = (transaction: Transaction) => transaction.create({ PK: 'A', SK: 'B' });
    expect(local.services.cases.sizeOf([retitled(file, 'No mail')], { ...by, also })).toBe(3);
  });
});

describe('the record of an answered request', () => {
  it('is written with the change or not at all', async () => {
    const file = await desk.open({ queueId: 'default' });
    const request = idempotentRequest('anna', '/v1/cases/1', 'key-1', { title: 'No mail' });
    const also = (transaction: Transaction) => transaction.create(answerItem(request, 200, { title: 'No mail' }, NOW));
    await local.services.cases.commit([retitled(file, 'No mail')], { ...by, also });
    expect(await findAnswer(local.table, request)).toMatchObject({ status: 200, body: { title: 'No mail' } });

    const now = await load(file.case.caseId);
    const lost = await lostRace(local.services.cases.commit([retitled(now, 'No phone')], { ...by, also }));
    expect(lost.keys).toEqual([request.key]);
    expect(await load(file.case.caseId)).toEqual(now);

    const stale = idempotentRequest('anna', '/v1/cases/1', 'key-2', {});
    const record = (transaction: Transaction) => transaction.create(answerItem(stale, 200, {}, NOW));
    await lostRace(local.services.cases.commit([retitled(file, 'No light')], { ...by, also: record }));
    expect(await findAnswer(local.table, stale)).toBeUndefined();
  });

  it('is another one for another caller, route or key', () => {
    const requests = [
      idempotentRequest('anna', '/v1/cases', 'key', {}),
      idempotentRequest('ben', '/v1/cases', 'key', {}),
      idempotentRequest('anna', '/v1/customers', 'key', {}),
      idempotentRequest('anna', '/v1/cases', 'other', {}),
    ];
    expect(new Set(requests.map(({ key }) => key.PK)).size).toBe(4);
    expect(idempotentRequest('anna', '/v1/cases', 'key', { a: 1 }).key).toEqual(requests[0]!.key);
  });

  it('expires after seven days', () => {
    const { expiresAt } = answerItem(idempotentRequest('anna', '/v1/cases', 'key', {}), 201, {}, NOW);
    expect(expiresAt).toBe(Date.parse('2026-03-09T09:00:00Z') / 1000);
  });
});

describe('a page of a range', () => {
  const partition = 'PAGES';
  beforeAll(async () => {
    const transaction = new Transaction();
    for (const n of [1, 2, 3, 4, 5]) transaction.create({ PK: partition, SK: `A#${n}`, n });
    transaction.create({ PK: partition, SK: 'B#1', n: 6 });
    await local.table.transact(transaction);
  });
  const numbers = (items: { n?: unknown }[]) => items.map(({ n }) => n);

  it('goes on behind the last item of the page before, either way', async () => {
    const first = await local.table.page({ partition, beginsWith: 'A#', limit: 2 });
    expect([numbers(first.items), first.next]).toEqual([[1, 2], 'A#2']);
    const second = await local.table.page({ partition, beginsWith: 'A#', limit: 2, after: first.next });
    expect(numbers(second.items)).toEqual([3, 4]);
    const third = await local.table.page({ partition, beginsWith: 'A#', limit: 2, after: second.next });
    expect([numbers(third.items), third.next]).toEqual([[5], undefined]);
    const newest = await local.table.page({ partition, beginsWith: 'A#', limit: 3, descending: true });
    expect(numbers(newest.items)).toEqual([5, 4, 3]);
    const older = await local.table.page({
      partition,
      beginsWith: 'A#',
      limit: 3,
      descending: true,
      after: newest.next,
    });
    expect(numbers(older.items)).toEqual([2, 1]);
  });

  it('goes on behind an item that is gone', async () => {
    const page = await local.table.page({ partition, beginsWith: 'A#', limit: 2, after: 'A#2~gone' });
    expect([numbers(page.items), page.next]).toEqual([[3, 4], 'A#4']);
  });

  it('ends at its bound, which belongs to it', async () => {
    expect(numbers((await local.table.page({ partition, upTo: 'A#3', limit: 10 })).items)).toEqual([1, 2, 3]);
  });

  it('is not needed for all of a range', async () => {
    expect(numbers(await local.table.all({ partition }))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(numbers(await local.table.all({ partition, beginsWith: 'B#' }))).toEqual([6]);
  });

  it('of nothing is empty', async () => {
    expect(await local.table.page({ partition: 'NOWHERE', limit: 10 })).toEqual({ items: [] });
  });
});

describe('a counter', () => {
  it('gives each caller a number of their own', async () => {
    const key = { PK: 'COUNTER', SK: 'TEST' };
    const numbers = await Promise.all([1, 2, 3, 4].map(() => local.table.increment(key, 'last', 10)));
    expect(numbers.sort((a, b) => a - b)).toEqual([10, 20, 30, 40]);
  });

  it('numbers cases without a number twice, over all processes', async () => {
    const others = servicesOn(local.table, { ids: systemIds(), now: () => NOW, backOff: async () => {} });
    const takes = Array.from({ length: 250 }, (_, n) => (n % 2 ? others : local.services).nextCaseNumber());
    const numbers = await Promise.all(takes);
    expect(new Set(numbers).size).toBe(250);
  });
});

describe('contention in the database', () => {
  const cancelled = (...codes: string[]) =>
    new TransactionCanceledException({
      message: 'Transaction cancelled',
      $metadata: {},
      CancellationReasons: codes.map((Code) => ({ Code })),
    });
  const inProgress = () => new TransactionInProgressException({ message: 'In progress', $metadata: {} });

  /** The table through a client whose transactions fail with these faults, one after the other, before one is let through. */
  const faulty = (...faults: Error[]) => {
    const client = local.newClient();
    const mock = mockClient(client);
    mock.on(GetCommand).callsFake((input) => local.client.send(new GetCommand(input)));
    mock.on(QueryCommand).callsFake((input) => local.client.send(new QueryCommand(input)));
    mock.on(UpdateCommand).callsFake((input) => local.client.send(new UpdateCommand(input)));
    mock.on(TransactWriteCommand).callsFake(async (input) => {
      const fault = faults.shift();
      if (fault) throw fault;
      return local.client.send(new TransactWriteCommand(input));
    });
    const table = tableOf(client, local.name);
    const tokens = () => mock.commandCalls(TransactWriteCommand).map(({ args }) => args[0].input.ClientRequestToken);
    return { table, cases: caseStore(table, systemIds()), tokens };
  };

  it.each([
    ['a conflict with another transaction', cancelled('None', 'TransactionConflict')],
    ['throttling', cancelled('ThrottlingError', 'None')],
    ['its own first attempt that still runs', inProgress()],
  ])('is waited out with the same token: %s', async (_, fault) => {
    const file = await desk.open({ queueId: 'default' });
    const { cases, tokens } = faulty(fault, fault, fault);
    await cases.commit([retitled(file, 'No mail')], by);
    expect((await load(file.case.caseId)).case.title).toBe('No mail');
    expect(tokens()).toHaveLength(4);
    expect(new Set(tokens()).size).toBe(1);
    expect(tokens()[0]).toEqual(expect.any(String));
  });

  it('has another token for each commit', async () => {
    const file = await desk.open({ queueId: 'default' });
    const { cases, tokens } = faulty();
    await cases.commit([retitled(file, 'No mail')], by);
    await cases.commit([retitled(await load(file.case.caseId), 'No phone')], by);
    expect(new Set(tokens()).size).toBe(2);
  });

  it('that does not end is a fault, not a lost race', async () => {
    const file = await desk.open({ queueId: 'default' });
    const { cases, tokens } = faulty(...Array.from({ length: 20 }, () => cancelled('TransactionConflict')));
    await expect(cases.commit([retitled(file, 'No mail')], by)).rejects.toThrow(TransactionCanceledException);
    expect(tokens()).toHaveLength(8);
    expect((await load(file.case.caseId)).case.title).toBe('No network');
  });

  it('beside a condition that does not hold is a lost race about that condition alone', async () => {
    const file = await desk.open({ queueId: 'default' });
    // The order of the writes: what is new first, then what is changed. An edit writes an event and the case.
    const { cases, tokens } = faulty(cancelled('TransactionConflict', 'ConditionalCheckFailed'));
    const lost = await lostRace(cases.commit([retitled(file, 'No mail')], by));
    expect(lost.keys).toEqual([caseKey(file.case.caseId)]);
    expect(tokens()).toHaveLength(1);
  });

  it('with an answer that was lost does not write twice', async () => {
    const file = await desk.open({ queueId: 'default' });
    const { caseId } = file.case;
    const client = local.newClient();
    const mock = mockClient(client);
    let answers = 0;
    mock.on(TransactWriteCommand).callsFake(async (input) => {
      const answer = await local.client.send(new TransactWriteCommand(input));
      answers += 1;
      if (answers === 1) throw inProgress();
      return answer;
    });
    await caseStore(tableOf(client, local.name), systemIds()).commit([retitled(file, 'No mail')], by);
    expect(answers).toBe(2);
    expect((await load(caseId)).case).toMatchObject({ title: 'No mail', version: 2 });
    expect(await desk.events(caseId, 'case.updated')).toHaveLength(1);
  });

  it('is nothing that a user hears of', async () => {
    const { table } = faulty(cancelled('TransactionConflict'), cancelled('ThrottlingError'), inProgress());
    const services = servicesOn(table, { ids: systemIds(), now: () => NOW, backOff: async () => {} });
    const outcome = await createCase(services, {
      params: {},
      query: {},
      body: { title: 'No network', customerId: 'ada', origin: 'web', applySla: true },
      caller: { userId: 'anna', roles: ['agent'] },
      correlationId: 'test',
    });
    expect(outcome).toMatchObject({ accepted: true, status: 201 });
  });

  it('leaves every other fault as it is', async () => {
    const file = await desk.open({ queueId: 'default' });
    const { cases, tokens } = faulty(cancelled('ValidationError'));
    await expect(cases.commit([retitled(file, 'No mail')], by)).rejects.toThrow(TransactionCanceledException);
    expect(tokens()).toHaveLength(1);
  });
});
