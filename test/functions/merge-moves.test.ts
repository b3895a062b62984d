import { describe, expect, it } from 'vitest';
import { Activity } from '../../domain/activities/activity.ts';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import { editActivity } from '../../functions/activities/change-activities.ts';
import { type Services, servicesOn } from '../../functions/services.ts';
import { ringAlarm } from '../../functions/sla/ring-alarm.ts';
import { sweep } from '../../functions/sweeper/sweep.ts';
import { MAX_TRANSACTION_WRITES } from '../../functions/table/transaction.ts';
import { type Desk, deskOn, timelineOf } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();

/** Services that note how many writes each transaction has. */
const measured = (): { services: Services; sizes: number[] } => {
  const sizes: number[] = [];
  const { table, services } = local;
  const measuring = {
    ...table,
    transact: (transaction: Parameters<typeof table.transact>[0]) => {
      sizes.push(transaction.size);
      return table.transact(transaction);
    },
  };
  return { services: servicesOn(measuring, services), sizes };
};

const MOVES = ['case.merged', 'case.unmerged', 'case.moveAdvanced'] as const;

/** Lets follow what follows from a case's merges, each fact twice, until nothing new has happened. */
const moveAll = async (desk: Desk, ...caseIds: string[]): Promise<void> => {
  const done = new Set<string>();
  for (let isNew = true; isNew; ) {
    isNew = false;
    for (const event of (await Promise.all(caseIds.map((caseId) => desk.events(caseId, ...MOVES)))).flat()) {
      if (done.has(event.eventId)) continue;
      done.add(event.eventId);
      isNew = true;
      await desk.react(event);
      await desk.react(event);
    }
  }
};

const load = async (caseId: string): Promise<CaseFile> => (await local.services.cases.load(caseId))!;
const activitiesOf = async (caseId: string): Promise<Activity[]> =>
  (await timelineOf(local.services, caseId))
    .filter(({ entity }) => entity === 'activity')
    .map((item) => Activity.parse(item));
const bodiesOf = async (caseId: string): Promise<string[]> => (await activitiesOf(caseId)).map(({ body }) => body);
const opened = async (desk: Desk, n: number): Promise<string[]> => {
  const files: CaseFile[] = [];
  for (let i = 0; i < n; i += 1) files.push(await desk.open());
  return files.map((file) => file.case.caseId);
};

describe('a long history', () => {
  it('moves in pages that each fit a transaction, in order, however often a page is asked for', async () => {
    const { services, sizes } = measured();
    const desk = deskOn(services);
    const [survivor, other] = (await opened(desk, 2)) as [string, string];
    const bodies = Array.from({ length: 120 }, (_, n) => `Note ${n}`);
    for (const body of bodies) await desk.record(other, { type: 'note', body, durationMinutes: 1 });
    await desk.merge(survivor, other);
    sizes.length = 0;
    await moveAll(desk, other);
    expect(await bodiesOf(survivor)).toEqual(bodies);
    expect(await activitiesOf(other)).toEqual([]);
    const pages = await desk.events(other, 'case.moveAdvanced', 'case.moveCompleted');
    expect(pages.map(({ fact }) => fact.type)).toEqual([
      'case.moveAdvanced',
      'case.moveAdvanced',
      'case.moveCompleted',
    ]);
    expect(pages.at(-1)?.fact).toMatchObject({ activities: 120, children: 0 });
    expect(Math.max(...sizes)).toBeGreaterThan(90);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_TRANSACTION_WRITES);
    expect((await load(survivor)).activities).toMatchObject({ totalMinutes: 120, open: [] });
  });

  it('comes in pages of few bytes when its activities are large', async () => {
    const desk = deskOn(local.services);
    const [survivor, other] = (await opened(desk, 2)) as [string, string];
    const large = 'ß'.repeat(60_000);
    for (let i = 0; i < 16; i += 1) await desk.record(other, { type: 'note', body: large });
    await desk.merge(survivor, other);
    await moveAll(desk, other);
    expect(await bodiesOf(survivor)).toHaveLength(16);
    expect(await desk.events(other, 'case.moveAdvanced')).toHaveLength(1);
  });

  it('that nothing has moved for ten minutes is swept up', async () => {
    const desk = deskOn(local.services);
    const [survivor, other] = (await opened(desk, 2)) as [string, string];
    await desk.record(other, { type: 'note', body: 'Lost' });
    await desk.merge(survivor, other);
    const failures: unknown[] = [];
    const swept = () => sweep(desk.all, (what, caseId) => failures.push([what, caseId]));
    expect((await swept()).move).toBe(0);
    local.clock.now = '2026-03-02T09:10:01.000Z';
    expect((await swept()).move).toBeGreaterThanOrEqual(1);
    expect(await bodiesOf(survivor)).toEqual(['Lost']);
    expect((await load(survivor)).merges).toMatchObject({ moves: 0 });
    expect((await swept()).move).toBe(0);
    expect(failures).toEqual([]);
  });

  it('does not stumble over an edit that comes between the reading of a page and its writing', async () => {
    const desk = deskOn(local.services);
    const [survivor, other] = (await opened(desk, 2)) as [string, string];
    await desk.record(survivor, { type: 'task', body: 'Own' });
    await desk.record(other, { type: 'task', body: 'Moved' });
    await desk.merge(survivor, other);
    await moveAll(desk, other);
    await desk.unmerge(survivor, other);
    const [, moved] = await activitiesOf(survivor);
    let edits = 0;
    const slow: Services = {
      ...local.services,
      cases: {
        ...local.services.cases,
        timeline: async (...args) => {
          const page = await local.services.cases.timeline(...args);
          if (edits++ === 0) await edit(survivor, moved!.activityId, { state: 'completed' });
          return page;
        },
      },
    };
    const [unmerged] = await desk.events(other, 'case.unmerged');
    await deskOn(slow).react(unmerged!);
    expect(await activitiesOf(other)).toMatchObject([{ body: 'Moved', state: 'completed', revision: 2 }]);
    expect((await load(other)).activities.open).toEqual([]);
    expect((await load(survivor)).activities.open).toHaveLength(1);
  });
});

const edit = async (caseId: string, activityId: string, body: object) => {
  const outcome = await editActivity(local.services, {
    params: { caseId, activityId },
    query: {},
    body,
    caller: { userId: 'sue', roles: ['agent', 'supervisor'] },
    correlationId: 'test',
  });
  return outcome.accepted ? outcome.body : outcome.code;
};

describe('while things are on their way', () => {
  it('an open activity cannot be edited on the survivor yet, but is cancelled when that is closed', async () => {
    const desk = deskOn(local.services);
    const [survivor, other] = (await opened(desk, 2)) as [string, string];
    await desk.record(other, { type: 'task', body: 'Call back' });
    const [task] = await activitiesOf(other);
    await desk.merge(survivor, other);
    expect(await edit(survivor, task!.activityId, { body: 'Changed' })).toBe('TRY_AGAIN');
    expect(await desk.resolve(survivor)).toBe('OPEN_ACTIVITIES');
    await desk.resolve(survivor, { confirmCancelActivities: true });
    expect(await activitiesOf(other)).toMatchObject([{ state: 'cancelled' }]);
    await moveAll(desk, other);
    expect(await activitiesOf(survivor)).toMatchObject([{ state: 'cancelled', mergedFrom: other }]);
    expect((await load(survivor)).activities.open).toEqual([]);
  });

  it('a note that was decided before the merge does not come after it', async () => {
    const desk = deskOn(local.services);
    const [survivor, other] = (await opened(desk, 2)) as [string, string];
    let loads = 0;
    const slow: Services = {
      ...local.services,
      cases: {
        ...local.services.cases,
        load: async (...args) => {
          const file = await local.services.cases.load(...args);
          if (loads++ === 0) await desk.merge(survivor, other);
          return file;
        },
      },
    };
    expect(await deskOn(slow).record(other, { type: 'note', body: 'Too late' })).toBe('MERGED_ELSEWHERE');
    expect(await activitiesOf(other)).toEqual([]);
  });

  it('children of the merged case do not escape a cascade: the survivor is closed when they have come', async () => {
    const desk = deskOn(local.services);
    await desk.settings({ closurePolicy: 'cascadeToChildren' });
    const [survivor, other] = (await opened(desk, 2)) as [string, string];
    const child = await desk.open({ parentId: other });
    await desk.merge(survivor, other);
    expect((await load(survivor)).family).toMatchObject({ childCount: 1, activeChildren: 0 });
    expect(await desk.cancel(survivor)).toBe('TRY_AGAIN');
    await moveAll(desk, other);
    expect(await desk.cancel(survivor)).toMatchObject({ status: 'cancelled', cascade: { total: 1 } });
    const { caseId } = child.case;
    expect((await load(caseId)).case.parentId).toBe(survivor);
    await desk.settings({});
  });

  it('a child that leaves the merged case frees the place that the survivor holds for it', async () => {
    const desk = deskOn(local.services);
    const [survivor, other] = (await opened(desk, 2)) as [string, string];
    const [one, two] = [await desk.open({ parentId: other }), await desk.open({ parentId: other })];
    await desk.merge(survivor, other);
    await desk.detach(one.case.caseId);
    await desk.resolve(two.case.caseId);
    expect(await desk.reactivate(two.case.caseId)).toBe('TRY_AGAIN');
    await moveAll(desk, other);
    expect((await load(survivor)).family).toMatchObject({ childCount: 1, activeChildren: 0 });
    expect((await load(other)).family).toMatchObject({ childCount: 0, activeChildren: 0 });
    expect(await desk.reactivate(two.case.caseId)).toMatchObject({ status: 'active', parentId: survivor });
    expect((await load(survivor)).family).toMatchObject({ childCount: 1, activeChildren: 1 });
  });

  it('a case that comes out of a chain waits for its own before it gives any back', async () => {
    const desk = deskOn(local.services);
    const [a, b, d] = (await opened(desk, 3)) as [string, string, string];
    await desk.record(b, { type: 'note', body: 'Of B' });
    await desk.merge(a, b);
    expect(await desk.merge(d, a)).toBe('TRY_AGAIN');
    await moveAll(desk, b);
    await desk.merge(d, a);
    await moveAll(desk, a);
    await desk.unmerge(d, a);
    expect(await desk.unmerge(a, b)).toBe('TRY_AGAIN');
    await moveAll(desk, a);
    await desk.unmerge(a, b);
    await moveAll(desk, b);
    expect(await bodiesOf(b)).toEqual(['Of B']);
  });

  it('an unmerge turns the move round: what has come goes back, the rest never leaves', async () => {
    const desk = deskOn(local.services);
    const [survivor, other] = (await opened(desk, 2)) as [string, string];
    const children = [];
    for (let i = 0; i < 24; i += 1) children.push(await desk.open({ parentId: other }));
    for (let i = 0; i < 50; i += 1) {
      await desk.record(other, { type: i % 10 === 0 ? 'task' : 'note', body: `${i}`, durationMinutes: 2 });
    }
    const before = await load(other);
    await desk.merge(survivor, other);
    // Three pages: 22 children, the other two, and 45 activities.
    const [first] = await desk.events(other, 'case.merged');
    await desk.react(first!);
    for (let page = 0; page < 2; page += 1) await desk.react((await desk.events(other, 'case.moveAdvanced')).at(-1)!);
    expect(await activitiesOf(survivor)).toHaveLength(45);
    expect(await activitiesOf(other)).toHaveLength(5);

    expect(await desk.unmerge(survivor, other)).toMatchObject({ unmerged: { mergeState: 'moving' } });
    await moveAll(desk, other);
    expect(await bodiesOf(other)).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
    const after = await load(other);
    expect(after.activities).toMatchObject({ totalMinutes: 100, accepts: 'anything' });
    expect(after.activities.open).toEqual(before.activities.open);
    expect(after.family).toMatchObject({ childCount: 24, activeChildren: 24 });
    expect(after.merges).toMatchObject({ moves: 0, away: { state: 'returned' } });
    const left = await load(survivor);
    expect(left.activities).toMatchObject({ totalMinutes: 0, open: [] });
    expect(left.family).toMatchObject({ childCount: 0, activeChildren: 0 });
    expect(left.merges).toMatchObject({ moves: 0, received: [] });
    expect((await local.services.cases.children(other, { limit: 100 })).items).toHaveLength(24);
  });
});

describe('clocks that are too many for the merge itself', () => {
  it('end with it all the same, by the first page of each move', async () => {
    const { services, sizes } = measured();
    const desk = deskOn(services);
    await desk.sla('two', {
      name: 'Two',
      isDefault: true,
      items: [
        { id: 'answer', kpi: 'firstResponse', targetMinutes: 60, warnMinutes: 30 },
        { id: 'solve', kpi: 'resolve', targetMinutes: 120, warnMinutes: 45 },
      ],
    });
    local.clock.now = '2026-03-03T09:00:00.000Z';
    const [survivor, ...others] = (await opened(desk, 10)) as [string, ...string[]];
    // Warnings and a breach are due on every case, so that stopping all clocks would take more than 100 writes.
    local.clock.now = '2026-03-03T10:30:00.000Z';
    sizes.length = 0;
    await desk.merge(survivor, ...others);
    expect(sizes).toEqual([48]);
    const [other] = others as [string];
    const clock = (await load(other)).kpis.find(({ kpi }) => kpi === 'resolve')!;
    local.clock.now = '2026-03-03T12:00:00.000Z';
    const { caseId, kpi, generation, epoch } = clock;
    expect(await ringAlarm(services, { caseId, kpi, generation, epoch, next: local.clock.now })).toEqual({
      outcome: 'done',
    });
    await moveAll(desk, other);
    expect(await desk.story(other, 'sla.')).toEqual([
      'sla.started 2026-03-03T09:00:00.000Z',
      'sla.started 2026-03-03T09:00:00.000Z',
      'sla.warning 2026-03-03T09:30:00.000Z',
      'sla.warning 2026-03-03T09:45:00.000Z',
      'sla.breached 2026-03-03T10:00:00.000Z',
      'sla.cancelled 2026-03-03T10:30:00.000Z',
    ]);
    expect((await load(other)).kpis).toMatchObject([
      { kpi: 'firstResponse', status: 'noncompliant', cancelledAt: '2026-03-03T10:30:00.000Z' },
      { kpi: 'resolve', status: 'cancelled', cancelledAt: '2026-03-03T10:30:00.000Z' },
    ]);
    expect((await load(survivor)).kpis.map(({ status }) => status)).toEqual(['inProgress', 'inProgress']);
  });
});
