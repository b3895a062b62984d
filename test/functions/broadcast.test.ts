import { beforeAll, describe, expect, it } from 'vitest';
import { advanceBroadcast } from '../../functions/broadcast/advance-broadcast.ts';
import type { Services } from '../../functions/services.ts';
import { MAX_TRANSACTION_WRITES } from '../../functions/table/transaction.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
let desk: Desk;

beforeAll(() => {
  desk = deskOn(local.services);
});

const family = async (children: number) => {
  const { caseId: parentId } = (await desk.open({ queueId: 'default' })).case;
  const childIds: string[] = [];
  for (let n = 0; n < children; n += 1) childIds.push((await desk.open({ parentId })).case.caseId);
  return { parentId, childIds };
};
const progressOf = async (parentId: string) => (await local.services.cases.load(parentId))!.family.broadcast!;
/** How often each case has been told something. */
const notesOn = (caseIds: string[]): Promise<number[]> =>
  Promise.all(caseIds.map(async (caseId) => (await desk.events(caseId, 'activity.added')).length));
const outcomesOf = async (parentId: string): Promise<string[]> =>
  (await local.services.cases.children(parentId, { limit: 100 })).items.map(({ broadcast }) =>
    [broadcast?.outcome, broadcast?.reason].join(' ').trim(),
  );
/** Reacts to a broadcast's events as the stream would bring them, each of them twice, until no more come. */
const letRun = async (parentId: string): Promise<number> => {
  const handled = new Set<string>();
  for (;;) {
    const events = await desk.events(parentId, 'case.broadcastStarted', 'case.broadcastAdvanced');
    const next = events.find(({ eventId }) => !handled.has(eventId));
    if (!next) return handled.size;
    await Promise.all([desk.react(next), desk.react(next)]);
    handled.add(next.eventId);
  }
};
const started = async (parentId: string) => ({ caseId: parentId, broadcastId: (await progressOf(parentId)).id });

describe('a broadcast', () => {
  it('tells every active child once, page by page, whatever comes twice', async () => {
    const { parentId, childIds } = await family(30);
    await desk.resolve(childIds[3]!);
    await desk.broadcast(parentId, 'Back by noon');
    expect(await letRun(parentId)).toBeGreaterThan(1);
    expect(await progressOf(parentId)).toMatchObject({
      state: 'completed',
      total: 29,
      delivered: 29,
      skipped: 0,
      failed: 0,
    });
    expect(await notesOn(childIds)).toEqual(childIds.map((_, n) => (n === 3 ? 0 : 1)));
    expect((await outcomesOf(parentId)).filter((outcome) => outcome === 'delivered')).toHaveLength(29);
    expect((await outcomesOf(parentId))[3]).toBe('skipped resolved');
    const [note] = await desk.events(childIds[0]!, 'activity.added');
    expect(note).toMatchObject({ actor: 'sue', cause: `broadcast:${(await progressOf(parentId)).id}` });
    expect((await desk.events(parentId, 'case.broadcastCompleted')).map(({ fact }) => fact)).toMatchObject([
      { state: 'completed', total: 29, delivered: 29 },
    ]);
  });

  it('keeps each page within a transaction', async () => {
    const { parentId } = await family(40);
    await desk.broadcast(parentId, 'Back by noon');
    const sizes: number[] = [];
    const commit: Services['cases']['commit'] = async (changes, options) => {
      sizes.push(local.services.cases.sizeOf(changes, options));
      await local.services.cases.commit(changes, options);
    };
    await advanceBroadcast({ ...local.services, cases: { ...local.services.cases, commit } }, await started(parentId));
    expect(sizes[0]).toBeGreaterThan(80);
    expect(sizes[0]).toBeLessThanOrEqual(MAX_TRANSACTION_WRITES);
  });

  it('runs beside another; the case shows the newer one and the list has both', async () => {
    const { parentId, childIds } = await family(3);
    await desk.broadcast(parentId, 'First');
    await desk.broadcast(parentId, 'Second');
    await letRun(parentId);
    expect(await notesOn(childIds)).toEqual([2, 2, 2]);
    const { items } = await local.services.broadcasts.of(parentId, { limit: 10 });
    expect(items.map(({ text, state, delivered }) => `${text} ${state} ${delivered}`)).toEqual([
      'Second completed 3',
      'First completed 3',
    ]);
    expect((await progressOf(parentId)).id).toBe(items[0]?.id);
  });

  it('leaves a child out that cannot be read or never stands still, and tells the others', async () => {
    const { parentId, childIds } = await family(4);
    await desk.broadcast(parentId, 'Back by noon');
    let closings = 0;
    const services: Services = {
      ...local.services,
      cases: {
        ...local.services.cases,
        async load(caseId, options) {
          if (caseId === childIds[0]) throw new RangeError('unreadable');
          const file = await local.services.cases.load(caseId, options);
          // It is closed and opened again behind the back of whoever reads it.
          if (caseId !== childIds[1] || closings >= 6) return file;
          closings += 1;
          await (file?.case.status === 'active' ? desk.resolve(caseId) : desk.reactivate(caseId));
          return file;
        },
      },
    };
    await advanceBroadcast(services, await started(parentId));
    const { state, delivered, failed } = await progressOf(parentId);
    expect(state).toBe('partial');
    expect(delivered + failed).toBeLessThanOrEqual(4);
    expect(await notesOn(childIds.slice(2))).toEqual([1, 1]);
    expect((await outcomesOf(parentId))[0]).toBe('failed RangeError');
  });

  it('is not for children that come later, and skips those that have been closed since', async () => {
    const { parentId, childIds } = await family(2);
    await desk.broadcast(parentId, 'Back by noon');
    local.clock.now = '2026-03-02T09:00:01.000Z';
    const late = (await desk.open({ parentId })).case.caseId;
    await desk.resolve(childIds[0]!);
    await letRun(parentId);
    expect(await notesOn([...childIds, late])).toEqual([0, 1, 0]);
    expect(await progressOf(parentId)).toMatchObject({
      state: 'completed',
      total: 2,
      delivered: 1,
      skipped: 1,
      failed: 0,
    });
  });

  it('ends at once where there is nobody to tell', async () => {
    const { parentId } = await family(0);
    await desk.broadcast(parentId, 'Hello?');
    await letRun(parentId);
    expect(await progressOf(parentId)).toMatchObject({ state: 'completed', total: 0, delivered: 0 });
  });

  it('waits for an event whose transaction cannot be read yet', async () => {
    const { parentId } = await family(1);
    const unseen = { caseId: parentId, broadcastId: '0196b3a0-0000-7000-8000-00000000cafe' };
    await expect(advanceBroadcast(local.services, unseen)).rejects.toThrow('cafe');
  });

  it('cannot reach customers who have no channel, and says so for each', async () => {
    const { parentId, childIds } = await family(2);
    await desk.broadcast(parentId, 'We are on it', 'public');
    await letRun(parentId);
    expect(await progressOf(parentId)).toMatchObject({ state: 'partial', delivered: 0, failed: 2 });
    for (const outcome of await outcomesOf(parentId)) {
      expect(outcome).toContain('failed');
      expect(outcome).toContain('the customer has not written over any channel');
    }
    expect(await notesOn(childIds)).toEqual([0, 0]);
  });
});
