import { beforeAll, describe, expect, it } from 'vitest';
import type { CaseEvent } from '../../domain/facts/fact.ts';
import type { Family } from '../../domain/hierarchy/family.ts';
import { advanceCascade } from '../../functions/cascade/advance-cascade.ts';
import { getChildren } from '../../functions/cases/read-case.ts';
import { detachChild } from '../../functions/hierarchy/change-parent.ts';
import type { Services } from '../../functions/services.ts';
import { MAX_TRANSACTION_WRITES } from '../../functions/table/transaction.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
let desk: Desk;

beforeAll(async () => {
  desk = deskOn(local.services);
  await desk.settings({ closurePolicy: 'cascadeToChildren' });
  await desk.sla('both', {
    name: 'Both',
    isDefault: true,
    items: [
      { id: 'answer', kpi: 'firstResponse', targetMinutes: 60 },
      { id: 'resolve', kpi: 'resolve', targetMinutes: 480 },
    ],
  });
});

const family = async (children: number) => {
  const { caseId: parentId, caseNumber } = (await desk.open({ queueId: 'default' })).case;
  const childIds: string[] = [];
  for (let n = 0; n < children; n += 1) childIds.push((await desk.open({ parentId })).case.caseId);
  return { parentId, caseNumber, childIds };
};
/** Resolves a parent; answers the event that its cascade starts with. */
const resolved = async (parentId: string): Promise<CaseEvent> => {
  await desk.resolve(parentId, { confirmCancelActivities: true });
  return (await desk.events(parentId, 'case.cascadeStarted')).at(-1)!;
};
const cascadeOf = async (parentId: string): Promise<Family['cascade']> =>
  (await local.services.cases.load(parentId))!.family.cascade;
const statusOf = async (caseId: string): Promise<string> => (await local.services.cases.load(caseId))!.case.status;
const statuses = (caseIds: string[]): Promise<string[]> => Promise.all(caseIds.map(statusOf));

/** Reacts to the cascade's events as the stream would bring them, until no more come. */
const letRun = async (parentId: string): Promise<CaseEvent[]> => {
  const handled: CaseEvent[] = [];
  for (;;) {
    const events = await desk.events(parentId, 'case.cascadeStarted', 'case.cascadeAdvanced', 'case.cascadeResumed');
    const next = events.find(({ eventId }) => !handled.some((event) => event.eventId === eventId));
    if (!next) return handled;
    await desk.react(next);
    handled.push(next);
  }
};

/** The services with something that happens just before each commit of a page. */
const interrupted = (before: () => Promise<unknown>): Services => ({
  ...local.services,
  cases: {
    ...local.services.cases,
    async commit(changes, options) {
      await before();
      await local.services.cases.commit(changes, options);
    },
  },
});
/** The services with one case that nobody can read. */
const unableToRead = (unreadable: string): Services => ({
  ...local.services,
  cases: {
    ...local.services.cases,
    async load(caseId, options) {
      if (caseId === unreadable) throw new RangeError('unreadable');
      return local.services.cases.load(caseId, options);
    },
  },
});
/** What the cascade did with each child, in a word, and why. */
const outcomesOf = async (parentId: string): Promise<string[]> => {
  const { items } = await local.services.cases.children(parentId, { limit: 100 });
  return items.map(({ cascade }) => [cascade?.outcome, cascade?.reason].join(' ').trim());
};
const advance = (services: Services, { caseId, fact }: CaseEvent): Promise<void> => {
  if (fact.type !== 'case.cascadeStarted') throw new Error(fact.type);
  return advanceCascade(services, { parentId: caseId, cascadeId: fact.cascadeId, round: 1 });
};

describe('a cascade', () => {
  it('closes the children page by page, each page one transaction', async () => {
    const { parentId, caseNumber, childIds } = await family(25);
    await resolved(parentId);
    const handled = await letRun(parentId);
    expect(handled.length).toBeGreaterThan(2);
    expect(new Set(await statuses(childIds))).toEqual(new Set(['resolved']));
    expect(await cascadeOf(parentId)).toMatchObject({
      state: 'completed',
      total: 25,
      closed: 25,
      skipped: 0,
      failed: 0,
    });
    const child = (await local.services.cases.load(childIds[7]!))!;
    expect(child.case).toMatchObject({
      statusReason: 'problemSolved',
      resolution: { resolution: `Resolved with parent ${caseNumber}`, resolvedBy: 'sue' },
    });
    expect(child.kpis.map(({ kpi, status }) => `${kpi} ${status}`)).toEqual([
      'firstResponse cancelled',
      'resolve succeeded',
    ]);
    const pages = (await desk.events(parentId, 'case.cascadeAdvanced')).map(
      ({ fact }) => 'closed' in fact && fact.closed,
    );
    expect(pages).toEqual([...pages].sort((a, b) => Number(a) - Number(b)));
  });

  it('is not moved by events that come again, late, in disorder or at once', async () => {
    const { parentId, childIds } = await family(12);
    await resolved(parentId);
    const handled = await letRun(parentId);
    const events = await Promise.all([parentId, ...childIds].map((caseId) => desk.events(caseId)));
    const before = await local.services.cases.load(parentId);
    for (const event of handled.toReversed()) await desk.react(event);
    await Promise.all([...handled, ...handled].map((event) => desk.react(event)));
    expect(await local.services.cases.load(parentId)).toEqual(before);
    expect(await Promise.all([parentId, ...childIds].map((caseId) => desk.events(caseId)))).toEqual(events);
  });

  it('closes each child once when one event is handled by many at once', async () => {
    const { parentId, childIds } = await family(6);
    const started = await resolved(parentId);
    await Promise.all([1, 2, 3, 4].map(() => desk.react(started)));
    await letRun(parentId);
    for (const childId of childIds) expect(await desk.events(childId, 'case.resolved')).toHaveLength(1);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'completed', closed: 6 });
  });

  it('leaves children that are closed already with their own record', async () => {
    const { parentId, childIds } = await family(3);
    await desk.resolve(childIds[0]!, { resolution: 'It was the cable' });
    await desk.cancel(childIds[1]!);
    await resolved(parentId);
    await letRun(parentId);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'completed', total: 1, closed: 1, skipped: 0, failed: 0 });
    expect(await outcomesOf(parentId)).toEqual(['skipped resolved', 'skipped cancelled', 'closed']);
    expect((await local.services.cases.load(childIds[0]!))?.case).toMatchObject({
      resolution: { resolution: 'It was the cable' },
    });
    expect(await statuses(childIds)).toEqual(['resolved', 'cancelled', 'resolved']);
  });

  it('cancels the children of a parent that was cancelled, and their clocks with them', async () => {
    const { parentId, caseNumber, childIds } = await family(2);
    await desk.cancel(parentId);
    await letRun(parentId);
    const child = (await local.services.cases.load(childIds[0]!))!;
    expect([child.case.status, child.kpis.map(({ status }) => status)]).toEqual([
      'cancelled',
      ['cancelled', 'cancelled'],
    ]);
    expect((await desk.events(childIds[0]!, 'case.cancelled'))[0]?.fact).toMatchObject({
      note: `Cancelled with parent ${caseNumber}`,
    });
  });

  it('cancels the open activities of the children, however many fit in a transaction', async () => {
    const { parentId, childIds } = await family(2);
    for (let n = 0; n < 50; n += 1) {
      await desk.record(childIds[0]!, { type: 'task', body: `Step ${n}` });
      if (n < 40) await desk.record(childIds[1]!, { type: 'task', body: `Step ${n}` });
    }
    const sizes: number[] = [];
    const { table } = local.services;
    const started = await resolved(parentId);
    const watched = interrupted(async () => {});
    const commit: Services['cases']['commit'] = async (changes, options) => {
      sizes.push(local.services.cases.sizeOf(changes, options));
      await local.services.cases.commit(changes, options);
    };
    await advance({ ...watched, table, cases: { ...watched.cases, commit } }, started);
    await letRun(parentId);
    expect(sizes.every((size) => size <= MAX_TRANSACTION_WRITES)).toBe(true);
    expect(await statuses(childIds)).toEqual(['resolved', 'resolved']);
    expect((await local.services.cases.load(childIds[0]!))?.activities.open).toEqual([]);
  });

  it('stops where the parent is reactivated, and closes none after that', async () => {
    const { parentId, childIds } = await family(20);
    const started = await resolved(parentId);
    await desk.react(started);
    const closed = (await cascadeOf(parentId))!.closed;
    expect(closed).toBeGreaterThan(0);
    expect(closed).toBeLessThan(20);
    await desk.reactivate(parentId);
    await letRun(parentId);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'stopped', closed });
    expect((await statuses(childIds)).filter((status) => status === 'active')).toHaveLength(20 - closed);

    await desk.resolve(parentId);
    await letRun(parentId);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'completed', total: 20 - closed, closed: 20 - closed });
  });

  it('stops also where the reactivation comes while a page is being written', async () => {
    const { parentId, childIds } = await family(2);
    const started = await resolved(parentId);
    let once = true;
    const services = interrupted(async () => {
      if (once) {
        once = false;
        await desk.reactivate(parentId);
      }
    });
    await advance(services, started);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'stopped', closed: 0 });
    expect(await statuses(childIds)).toEqual(['active', 'active']);
  });

  it('decides again where a child changed under it', async () => {
    const { parentId, childIds } = await family(3);
    const started = await resolved(parentId);
    let once = true;
    const services = interrupted(async () => {
      if (once) {
        once = false;
        await desk.patch(childIds[1]!, { statusReason: 'onHold' });
      }
    });
    await advance(services, started);
    expect(await statuses(childIds)).toEqual(['resolved', 'resolved', 'resolved']);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'completed', closed: 3, failed: 0 });
  });

  it('leaves a child out that never stands still, closes the others, and says which it was', async () => {
    const { parentId, childIds } = await family(3);
    const started = await resolved(parentId);
    let n = 0;
    const services = interrupted(async () => desk.patch(childIds[1]!, { title: `Change ${++n}` }));
    await advance(services, started);
    expect(await statuses(childIds)).toEqual(['resolved', 'active', 'resolved']);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'partial', closed: 2, failed: 1 });
    expect(await outcomesOf(parentId)).toEqual(['closed', 'failed it kept changing all the while', 'closed']);
    expect((await desk.events(parentId, 'case.cascadeCompleted')).map(({ fact }) => fact)).toMatchObject([
      { state: 'partial', total: 3, closed: 2, failed: 1 },
    ]);
  });

  it('leaves a child out that cannot be read, and closes the others', async () => {
    const { parentId, childIds } = await family(3);
    const started = await resolved(parentId);
    const services = unableToRead(childIds[0]!);
    await advance(services, started);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'partial', closed: 2, failed: 1 });
    expect(await outcomesOf(parentId)).toEqual(['failed RangeError', 'closed', 'closed']);
    const caller = { userId: 'sue', roles: ['agent' as const] };
    const request = { params: { caseId: parentId }, query: { limit: 10 }, body: {}, caller, correlationId: 'test' };
    expect((await getChildren(services, request)) as unknown).toMatchObject({
      body: { items: [{ caseId: childIds[0], unreadable: true, cascadeOutcome: { outcome: 'failed' } }, {}, {}] },
    });
  });

  it('leaves a child alone that was detached meanwhile, and its parent without a trace of it', async () => {
    const { parentId, childIds } = await family(3);
    const started = await resolved(parentId);
    let once = true;
    const services = interrupted(async () => {
      if (!once) return;
      once = false;
      const caller = { userId: 'sue', roles: ['agent' as const] };
      const params = { caseId: childIds[2]! };
      await detachChild(local.services, { params, query: {}, body: {}, caller, correlationId: 'test' });
    });
    await advance(services, started);
    expect(await statuses(childIds)).toEqual(['resolved', 'resolved', 'active']);
    const { items } = await local.services.cases.children(parentId, { limit: 10 });
    expect(items.map(({ childId }) => childId)).toEqual(childIds.slice(0, 2));
    expect((await local.services.cases.load(parentId))?.family).toMatchObject({ childCount: 2, activeChildren: 0 });
  });

  it('writes no outcome for a child that was detached in the moment in which it was left out', async () => {
    const { parentId, childIds } = await family(2);
    const started = await resolved(parentId);
    let n = 0;
    const services = interrupted(async () => {
      n += 1;
      if (n <= 3) return desk.patch(childIds[0]!, { title: `Change ${n}` });
      if (n > 4) return;
      const caller = { userId: 'sue', roles: ['agent' as const] };
      const params = { caseId: childIds[0]! };
      return detachChild(local.services, { params, query: {}, body: {}, caller, correlationId: 'test' });
    });
    await advance(services, started);
    const { items } = await local.services.cases.children(parentId, { limit: 10 });
    expect(items.map(({ childId }) => childId)).toEqual([childIds[1]]);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'completed', closed: 1, failed: 0 });
  });

  it('waits for an event whose transaction cannot be read yet', async () => {
    const { parentId } = await family(1);
    const unseen = { parentId, cascadeId: '0196b3a0-0000-4000-8000-00000000cafe', round: 1 };
    await expect(advanceCascade(local.services, unseen)).rejects.toThrow('cascade');
    const started = await resolved(parentId);
    const { cascadeId } = started.fact as { cascadeId: string };
    const ahead = { parentId, cascadeId, round: 1, cursor: 'CHILD#ffff' };
    await expect(advanceCascade(local.services, ahead)).rejects.toThrow('CHILD#ffff');
    await expect(advanceCascade(local.services, { parentId, cascadeId, round: 2 })).rejects.toThrow('round 2');
    await desk.react(started);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'completed', closed: 1 });
  });
});

describe('a cascade that ended partial', () => {
  const partial = async () => {
    const { parentId, childIds } = await family(4);
    const started = await resolved(parentId);
    await advance(unableToRead(childIds[2]!), started);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'partial', closed: 3, failed: 1 });
    return { parentId, childIds, started };
  };

  it('takes up the children that failed, and only those', async () => {
    const { parentId, childIds } = await partial();
    expect(await desk.resume(parentId)).toMatchObject({ cascade: { state: 'running', closed: 3, failed: 0 } });
    await letRun(parentId);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'completed', total: 4, closed: 4, skipped: 0, failed: 0 });
    expect(new Set(await statuses(childIds))).toEqual(new Set(['resolved']));
    for (const childId of childIds) expect(await desk.events(childId, 'case.resolved')).toHaveLength(1);
    expect(await outcomesOf(parentId)).toEqual(['closed', 'closed', 'closed', 'closed']);
    expect((await desk.resume(parentId)) as unknown).toMatchObject({ cascade: { state: 'completed' } });
    expect(await desk.events(parentId, 'case.cascadeResumed')).toHaveLength(1);
  });

  it('is partial again where a child fails again, and leaves alone what somebody has closed meanwhile', async () => {
    const { parentId, childIds } = await partial();
    await desk.resume(parentId);
    const [resumed] = await desk.events(parentId, 'case.cascadeResumed');
    if (resumed?.fact.type !== 'case.cascadeResumed') throw new Error('not resumed');
    const { cascadeId, round } = resumed.fact;
    await advanceCascade(unableToRead(childIds[2]!), { parentId, cascadeId, round });
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'partial', closed: 3, failed: 1 });
    await desk.resolve(childIds[2]!, { resolution: 'By hand' });
    await desk.resume(parentId);
    await letRun(parentId);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'completed', closed: 3, failed: 0 });
    expect(await outcomesOf(parentId)).toEqual(['closed', 'closed', 'skipped resolved', 'closed']);
  });

  it('is not moved by events of the round before, and taken up once by two at once', async () => {
    const { parentId, started } = await partial();
    await Promise.all([desk.resume(parentId), desk.resume(parentId)]);
    expect(await desk.events(parentId, 'case.cascadeResumed')).toHaveLength(1);
    await desk.react(started);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'running', round: 2 });
    await letRun(parentId);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'completed', closed: 4 });
  });

  it('is over once the parent is reactivated, also where both happen at once', async () => {
    const { parentId, childIds } = await partial();
    await Promise.all([desk.reactivate(parentId), desk.resume(parentId)]);
    await letRun(parentId);
    expect(await cascadeOf(parentId)).toMatchObject({ state: 'stopped' });
    expect(await statusOf(childIds[2]!)).toBe('active');
    expect(await desk.resume(parentId)).toBe('NOT_FOUND');
  });
});
