import { describe, expect, it } from 'vitest';
import type { CaseEvent } from '../../domain/facts/fact.ts';
import { MINUTE, toInstant, toMs } from '../../domain/time.ts';
import { createCustomer, patchCustomer } from '../../functions/customers/customers.ts';
import { followCustomer, resumeFollowing } from '../../functions/customers/follow-cases.ts';
import { type Services, servicesOn } from '../../functions/services.ts';
import { deleteSla } from '../../functions/settings/slas.ts';
import { customerKey } from '../../functions/table/keys.ts';
import type { Table } from '../../functions/table/table.ts';
import { MAX_TRANSACTION_WRITES } from '../../functions/table/transaction.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();

const requestOf = <Params, Body>(params: Params, body: Body) => ({
  params,
  query: {},
  body,
  caller: { userId: 'root', roles: ['agent', 'supervisor', 'admin'] as const },
  correlationId: 'test',
});
const pass = (minutes: number) => {
  local.clock.now = toInstant(toMs(local.clock.now) + minutes * MINUTE);
};

const known = async (id: string, fields: object = {}): Promise<string> => {
  const body = { id, name: id, kind: 'contact' as const, ...fields };
  const outcome = await createCustomer(local.services, requestOf({}, body));
  if (!outcome.accepted) throw new Error(outcome.code);
  return id;
};
const edit = (customerId: string, body: object) => patchCustomer(local.services, requestOf({ customerId }, body));

/** A desk whose cases are promised a solution in a day, and in an hour while their customer's field is so. */
const deskFor = async (sla: string, field: string, value: string): Promise<Desk> => {
  const desk = deskOn(local.services);
  const when = { field: `customer.${field}`, op: 'eq' as const, value };
  const items = [
    { id: 'fast', kpi: 'resolve', when, targetMinutes: 60 },
    { id: 'any', kpi: 'resolve', targetMinutes: 1_440 },
  ];
  expect(await desk.sla(sla, { name: sla, items })).toMatchObject({ id: sla });
  return desk;
};

const followingsOf = async (customerId: string) =>
  (await local.table.all({ partition: customerKey(customerId).PK, beginsWith: 'FOLLOWING#', consistent: true })).map(
    ({ followingId, page }) => ({ customerId, followingId: String(followingId), page: Number(page) }),
  );

const clocksOf = async (caseId: string): Promise<string[]> =>
  ((await local.services.cases.load(caseId))?.kpis ?? []).map(
    ({ generation, status, targetMinutes }) => `${generation} ${status} of ${targetMinutes}`,
  );
const REPLACED = ['1 cancelled of 1440', '2 inProgress of 60'];

/** Lets follow what an edit has set going, each page and each fact twice, and a round a minute later, to the end. */
const settle = async (customerId: string, desk: Desk, caseIds: readonly string[]): Promise<void> => {
  const done = new Set<string>();
  for (let rounds = 0; rounds < 10; rounds += 1) {
    for (const following of await followingsOf(customerId)) {
      await followCustomer(local.services, following);
      await followCustomer(local.services, following);
    }
    for (let news: CaseEvent[] = []; ; ) {
      const told = (await Promise.all(caseIds.map((caseId) => desk.events(caseId, 'case.customerChanged')))).flat();
      news = told.filter(({ eventId }) => !done.has(eventId));
      if (news.length === 0) break;
      for (const event of news) {
        done.add(event.eventId);
        await desk.react(event);
        await desk.react(event);
      }
    }
    const left = await followingsOf(customerId);
    if (left.length === 0) return;
    pass(1);
    for (const following of left) await resumeFollowing(local.services, following);
  }
  throw new Error('it does not come to an end');
};

describe('an edit of a customer', () => {
  it('sets nothing going when no service level looks at what it changes', async () => {
    const customerId = await known('bea', { tier: 'silver' });
    const desk = deskOn(local.services);
    await desk.open({ customerId });
    await edit(customerId, { country: 'GB', phone: '+44 20 7946 0000', tier: 'gold' });
    expect(await followingsOf(customerId)).toEqual([]);
  });

  it('is followed by the clocks of the customer’s open cases, each once, and is told as the reason', async () => {
    const desk = await deskFor('by-tier', 'tier', 'gold');
    const customerId = await known('cyd');
    const [open, closed, other] = [
      await desk.open({ customerId, slaId: 'by-tier' }),
      await desk.open({ customerId, slaId: 'by-tier' }),
      await desk.open({ customerId, applySla: false }),
    ].map((file) => file.case.caseId) as [string, string, string];
    await desk.resolve(closed);
    await edit(customerId, { tier: 'gold' });
    await settle(customerId, desk, [open, closed, other]);
    expect(await clocksOf(open)).toEqual(REPLACED);
    expect(await clocksOf(closed)).toEqual(['1 succeeded of 1440']);
    expect(await desk.events(closed, 'case.customerChanged')).toEqual([]);
    expect(await desk.events(other, 'case.customerChanged')).toEqual([]);
    const [told, ...more] = await desk.events(open, 'case.customerChanged');
    expect(told).toMatchObject({ actor: 'root', cause: 'customer:cyd', fact: { customerId, fields: ['tier'] } });
    expect(more).toEqual([]);
  });

  it('of an account’s tier is followed by the cases of contacts who have none of their own', async () => {
    const desk = await deskFor('by-tier', 'tier', 'gold');
    const accountId = await known('acme', { kind: 'account' });
    const [plain, own, former] = [
      await known('dan', { parentId: accountId }),
      await known('eve', { parentId: accountId, tier: 'silver' }),
      await known('fay', { parentId: await known('former', { kind: 'account' }) }),
    ];
    const caseIds: string[] = [];
    for (const customerId of [accountId, plain, own, former]) {
      caseIds.push((await desk.open({ customerId, slaId: 'by-tier' })).case.caseId);
    }
    // Her case stays with the account that it was opened under; her tier is that of the one to which she belongs now.
    await edit(former, { parentId: accountId });
    await settle(former, desk, caseIds);
    await edit(accountId, { tier: 'gold' });
    await settle(accountId, desk, caseIds);
    expect(await Promise.all(caseIds.map(clocksOf))).toEqual([REPLACED, REPLACED, ['1 inProgress of 1440'], REPLACED]);
  });

  it('reaches cases under a version of a service level that is no longer there', async () => {
    const desk = await deskFor('by-label', 'labels', 'vip');
    const customerId = await known('gil');
    const { caseId } = (await desk.open({ customerId, slaId: 'by-label' })).case;
    await desk.sla('by-label', { name: 'by-label', items: [] });
    expect(await deleteSla(local.services, requestOf({ id: 'by-label' }, undefined))).toMatchObject({ accepted: true });
    await edit(customerId, { labels: ['new', 'vip'] });
    await settle(customerId, desk, [caseId]);
    expect(await clocksOf(caseId)).toEqual(REPLACED);
  });

  it('comes to its end with many cases, in pages that each fit a transaction, however often it is killed', async () => {
    const desk = await deskFor('by-country', 'country', 'GB');
    const customerId = await known('hal');
    const caseIds: string[] = [];
    for (let n = 0; n < 40; n += 1) {
      caseIds.push((await desk.open({ customerId, slaId: 'by-country' })).case.caseId);
    }
    await edit(customerId, { country: 'GB' });
    const sizes: number[] = [];
    let writes = 0;
    const dying = (table: Table): Services =>
      servicesOn(
        {
          ...table,
          async transact(transaction) {
            writes += 1;
            if (writes % 3 === 0) throw new Error('killed');
            sizes.push(transaction.size);
            await table.transact(transaction);
            if (writes % 3 === 1) throw new Error('killed');
          },
        },
        { ...local.services },
      );
    for (let tries = 0; tries < 40; tries += 1) {
      const [following] = await followingsOf(customerId);
      if (!following) break;
      await resumeFollowing(dying(local.table), following).catch((error: Error) =>
        expect(error.message).toBe('killed'),
      );
      pass(1);
    }
    expect(await followingsOf(customerId)).toEqual([]);
    expect(await Promise.all(caseIds.map(clocksOf))).toEqual(caseIds.map(() => REPLACED));
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_TRANSACTION_WRITES);
  });
});
