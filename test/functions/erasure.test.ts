import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { MINUTE, toInstant, toMs } from '../../domain/time.ts';
import { createCustomer } from '../../functions/customers/customers.ts';
import { continueErasure, type ErasureServices, resumeErasure } from '../../functions/erasure/advance-erasure.ts';
import { eraseCustomer } from '../../functions/erasure/erase-customer.ts';
import { servicesOn } from '../../functions/services.ts';
import { caseIdOf } from '../../functions/table/keys.ts';
import type { Table } from '../../functions/table/table.ts';
import { deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
const pass = (minutes: number) => {
  local.clock.now = toInstant(toMs(local.clock.now) + minutes * MINUTE);
};

const requestOf = <Params, Body>(params: Params, body: Body) => ({
  params,
  query: {},
  body,
  caller: { userId: 'root', roles: ['agent', 'supervisor', 'admin'] as const },
  correlationId: 'test',
});

const isNamed = async (name: string): Promise<boolean> => {
  for await (const { Items } of paginateScan({ client: local.client }, { TableName: local.name })) {
    if (JSON.stringify(Items).includes(name)) return true;
  }
  return false;
};

/** Services whose table does as `change` says. */
const on = (change: (table: Table) => Partial<Table>): ErasureServices => ({
  ...servicesOn(
    { ...local.table, ...change(local.table) },
    { ids: local.services.ids, now: () => local.clock.now, backOff: async () => {} },
  ),
  files: { remove: async () => {} },
});
const sound = (): ErasureServices => on(() => ({}));

/** A customer called `name` with some cases, each with more on it than a page holds. */
const customerWithCases = async (name: string, cases: number): Promise<string[]> => {
  const desk = deskOn(local.services);
  await createCustomer(local.services, requestOf({}, { id: name.toLowerCase(), name, kind: 'contact' as const }));
  const opened = [];
  for (let n = 0; n < cases; n += 1)
    opened.push(await desk.open({ customerId: name.toLowerCase(), title: `For ${name}` }));
  const caseIds = opened.map(({ case: { caseId } }) => caseId);
  await Promise.all(
    caseIds.flatMap((id) => Array.from({ length: 40 }, () => desk.record(id, { type: 'note', body: `${name} said` }))),
  );
  return caseIds;
};

const stateOf = async (customerId: string) => (await local.services.erasures.find(customerId))?.state;

describe('an erasure', () => {
  it('that dies at every other write, before or after it, comes to its end all the same', async () => {
    const caseIds = await customerWithCases('Dorothea', 3);
    let writes = 0;
    const dying = on((table) => ({
      async transact(transaction) {
        writes += 1;
        if (writes % 4 === 1) throw new Error('killed');
        await table.transact(transaction);
        if (writes % 4 === 3) throw new Error('killed');
      },
    }));
    const killed = (error: Error) => expect(error.message).toBe('killed');
    for (let tries = 0; (await stateOf('dorothea')) === undefined && tries < 5; tries += 1) {
      await eraseCustomer(dying, requestOf({ customerId: 'dorothea' }, {})).catch(killed);
    }
    for (let tries = 0; (await stateOf('dorothea')) !== 'done' && tries < 40; tries += 1) {
      pass(3);
      await resumeErasure(dying, 'dorothea').catch(killed);
    }
    expect(await stateOf('dorothea')).toBe('done');
    expect(await isNamed('Dorothea')).toBe(false);
    expect((await local.services.customers.find('dorothea'))?.erasure).toMatchObject({ state: 'done', cases: 3 });
    for (const caseId of caseIds) {
      expect((await deskOn(local.services).events(caseId, 'case.erased')).length).toBe(1);
    }
  });

  it('goes from case to case by their facts, and a fact that comes twice changes nothing', async () => {
    const caseIds = await customerWithCases('Frederike', 2);
    const desk = deskOn(local.services);
    await eraseCustomer(sound(), requestOf({ customerId: 'frederike' }, {}));
    const told = await Promise.all(caseIds.map((caseId) => desk.events(caseId, 'case.erased')));
    const [first] = told.flat();
    expect(told.flat().length).toBe(1);
    await Promise.all([desk.react(first!), desk.react(first!)]);
    const both = (await Promise.all(caseIds.map((caseId) => desk.events(caseId, 'case.erased')))).flat();
    expect(both.length).toBe(2);
    const last = both.find(({ eventId }) => eventId !== first!.eventId)!;
    if (last.fact.type === 'case.erased') await continueErasure(sound(), last, last.fact);
    expect(await local.services.erasures.find('frederike')).toMatchObject({ state: 'waiting', cases: 2 });
  });

  it('finds on its next round what the list of a customer’s cases was too slow to show', async () => {
    const [caseId = ''] = await customerWithCases('Gesine', 1);
    const slow = on((table) => ({
      async page(range) {
        const { items, ...rest } = await table.page(range);
        return { ...rest, items: range.index ? items.filter(({ PK }) => caseIdOf(String(PK)) !== caseId) : items };
      },
    }));
    await eraseCustomer(slow, requestOf({ customerId: 'gesine' }, {}));
    expect(await stateOf('gesine')).toBe('waiting');
    expect(await isNamed('Gesine')).toBe(true);
    for (let rounds = 0; rounds < 3; rounds += 1) {
      pass(2);
      await resumeErasure(sound(), 'gesine');
    }
    expect(await stateOf('gesine')).toBe('done');
    expect(await isNamed('Gesine')).toBe(false);
  });
});
