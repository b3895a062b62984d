import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
let desk: Desk;
const numRuns = process.env.NIGHTLY ? 500 : 8;

beforeAll(() => {
  desk = deskOn(local.services);
});

const load = async (caseId: string) => (await local.services.cases.load(caseId))!;

/** Reacts to all that has happened to some cases and was not reacted to, some of it twice, until nothing follows any more. */
const settle = async (caseIds: () => string[], handled: Set<string>): Promise<void> => {
  for (;;) {
    const events = (await Promise.all(caseIds().map((caseId) => desk.events(caseId)))).flat();
    const news = events.filter(({ eventId }) => !handled.has(eventId));
    if (news.length === 0) return;
    for (const { eventId } of news) handled.add(eventId);
    await Promise.all([...news, ...news.slice(0, 2)].map((event) => desk.react(event)));
  }
};

const step = fc.oneof(
  fc.record({ on: fc.constant('parent' as const), act: fc.constantFrom('resolve', 'cancel', 'reactivate', 'resume') }),
  fc.record({
    on: fc.constant('child' as const),
    act: fc.constantFrom('resolve', 'cancel', 'reactivate'),
    n: fc.nat({ max: 2 }),
  }),
  fc.constant({ on: 'new' as const }),
  fc.constant({ on: 'all' as const }),
);

describe('a family whose parent closes its children and is closed by them', () => {
  it('keeps its counts and leaves no child open under a closed parent, whatever is done and told at once', async () => {
    await desk.settings({ closurePolicy: 'cascadeToChildren', autoCloseParent: true });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        const { caseId: parentId } = (await desk.open({ queueId: 'default' })).case;
        const childIds: string[] = [];
        for (let n = 0; n < 3; n += 1) childIds.push((await desk.open({ parentId })).case.caseId);
        const everybody = () => [parentId, ...childIds];
        const handled = new Set<string>();

        const does = async (one: (typeof steps)[number]): Promise<unknown> => {
          if (one.on === 'parent') return desk[one.act as 'resolve' | 'cancel' | 'reactivate' | 'resume'](parentId);
          if (one.on === 'child') return desk[one.act as 'resolve' | 'cancel' | 'reactivate'](childIds[one.n]!);
          if (one.on === 'all') return desk.broadcast(parentId, 'By noon');
          const opened = await desk.open({ parentId }).catch(() => undefined);
          return opened && childIds.push(opened.case.caseId);
        };
        await Promise.all([...steps.map(does), settle(everybody, handled)]);
        await settle(everybody, handled);

        const parent = await load(parentId);
        const children = await Promise.all(childIds.map(load));
        const active = children.filter((child) => child.case.status === 'active');
        expect(parent.family).toMatchObject({ childCount: childIds.length, activeChildren: active.length });
        if (parent.case.status !== 'active') expect(active).toEqual([]);
        const { cascade, broadcast } = parent.family;
        if (cascade) {
          expect(cascade.closed + cascade.skipped + cascade.failed).toBeLessThanOrEqual(cascade.total);
          expect(cascade.state).not.toBe('running');
        }
        if (broadcast) {
          expect(broadcast.delivered + broadcast.skipped + broadcast.failed).toBeLessThanOrEqual(broadcast.total);
          expect(broadcast.state).not.toBe('running');
        }
        for (const caseId of everybody()) {
          const told = await desk.events(caseId, 'case.resolved', 'case.cancelled', 'case.reactivated');
          const closings = told.filter(({ fact }) => fact.type !== 'case.reactivated').length;
          const isClosed = (await load(caseId)).case.status !== 'active';
          // Each closing is followed by one reopening, but for the last.
          expect(2 * closings - told.length).toBe(isClosed ? 1 : 0);
        }
      }),
      { numRuns },
    );
  }, 1_200_000);
});
