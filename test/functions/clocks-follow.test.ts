import { describe, expect, it } from 'vitest';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import { AssociateCases } from '../../domain/hierarchy/associate-cases.ts';
import type { Sla } from '../../domain/sla/sla.ts';
import { createCustomer } from '../../functions/customers/customers.ts';
import { eraseCustomer } from '../../functions/erasure/erase-customer.ts';
import { associateCases } from '../../functions/hierarchy/associate-cases.ts';
import { servicesOn } from '../../functions/services.ts';
import { MAX_TRANSACTION_WRITES } from '../../functions/table/transaction.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();

const requestOf = <Params, Body>(params: Params, body: Body) => ({
  params,
  query: {},
  body,
  caller: { userId: 'sue', roles: ['agent', 'supervisor', 'admin'] as const },
  correlationId: 'test',
});

type When = Sla['items'][number]['when'];

/** A desk whose cases are promised a solution in a day, and in an hour while `when` holds. */
const deskWith = async (when: When, services = local.services, kpis: string[] = ['resolve']): Promise<Desk> => {
  const desk = deskOn(services);
  const items = kpis.flatMap((kpi) => [
    { id: `${kpi}-fast`, kpi, when, targetMinutes: 60 },
    { id: kpi, kpi, targetMinutes: 1_440 },
  ]);
  await desk.sla('quick', { name: 'Quick', isDefault: true, items });
  return desk;
};

const load = async (caseId: string): Promise<CaseFile> => (await local.services.cases.load(caseId))!;
/** The clocks of a case as `resolve 2 inProgress of 60`. */
const clocksOf = async (caseId: string): Promise<string[]> =>
  (await load(caseId)).kpis.map(
    ({ kpi, generation, status, targetMinutes }) => `${kpi} ${generation} ${status} of ${targetMinutes}`,
  );
const REPLACED = ['resolve 1 cancelled of 1440', 'resolve 2 inProgress of 60'];

const associate = (services: typeof local.services, parentId: string, ...caseIds: string[]) =>
  associateCases(services, requestOf({}, AssociateCases.parse({ parentId, caseIds })));

describe('the clocks of a case follow', () => {
  it('what it inherits when several come under one parent', async () => {
    const desk = await deskWith({ field: 'labels', op: 'eq', value: 'major' });
    const parent = await desk.open({ labels: ['major'] });
    const [one, other] = [await desk.open(), await desk.open({ labels: ['small'] })];
    await associate(local.services, parent.case.caseId, one.case.caseId, other.case.caseId);
    expect(await clocksOf(one.case.caseId)).toEqual(REPLACED);
    expect(await clocksOf(other.case.caseId)).toEqual(['resolve 1 inProgress of 1440']);
  });

  it('the message that a case merged into it leaves unanswered', async () => {
    const desk = await deskWith({ field: 'customerReplied', op: 'eq', value: true });
    const [survivor, merged] = [await desk.open(), await desk.open()];
    await desk.record(merged.case.caseId, { type: 'email', direction: 'inbound', body: 'Anybody there?' });
    await desk.merge(survivor.case.caseId, merged.case.caseId);
    expect(await clocksOf(survivor.case.caseId)).toEqual(REPLACED);
  });

  it('its parent, when that is merged into another, in pages that each fit a transaction', async () => {
    const sizes: number[] = [];
    const measuring = servicesOn(
      {
        ...local.table,
        transact: (transaction) => {
          sizes.push(transaction.size);
          return local.table.transact(transaction);
        },
      },
      local.services,
    );
    const survivor = await deskOn(local.services).open();
    const { caseId: survivorId } = survivor.case;
    const desk = await deskWith({ field: 'parentId', op: 'eq', value: survivorId }, measuring, [
      'resolve',
      'firstResponse',
      'totalResolution',
    ]);
    const merged = await desk.open();
    const children: string[] = [];
    for (let n = 0; n < 24; n += 1) children.push((await desk.open({ parentId: merged.case.caseId })).case.caseId);
    await desk.merge(survivorId, merged.case.caseId);
    sizes.length = 0;
    for (let told = 0; ; ) {
      const events = await desk.events(merged.case.caseId, 'case.merged', 'case.moveAdvanced');
      if (events.length === told) break;
      for (const event of events.slice(told)) await desk.react(event);
      told = events.length;
    }
    for (const caseId of children) {
      expect(await clocksOf(caseId)).toEqual(expect.arrayContaining(REPLACED));
      expect((await load(caseId)).kpis.filter(({ status }) => status === 'inProgress')).toHaveLength(3);
    }
    expect((await load(survivorId)).family.childCount).toBe(24);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_TRANSACTION_WRITES);
  });

  it('the texts that an erasure takes away', async () => {
    const product = 'Grace’s printer';
    const desk = await deskWith({ field: 'product', op: 'eq', value: product });
    await createCustomer(local.services, requestOf({}, { id: 'grace', name: 'Grace', kind: 'contact' as const }));
    const { caseId } = (await desk.open({ customerId: 'grace', product })).case;
    expect(await clocksOf(caseId)).toEqual(['resolve 1 inProgress of 60']);
    await eraseCustomer(
      { ...local.services, files: { remove: async () => {} } },
      requestOf({ customerId: 'grace' }, undefined),
    );
    expect((await load(caseId)).case.product).toBe('[erased]’s printer');
    expect(await clocksOf(caseId)).toEqual(['resolve 1 cancelled of 60', 'resolve 2 inProgress of 1440']);
  });
});
