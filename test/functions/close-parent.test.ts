import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CaseEvent } from '../../domain/facts/fact.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
let desk: Desk;
const numRuns = process.env.NIGHTLY ? 300 : 8;

beforeAll(async () => {
  desk = deskOn(local.services);
  await desk.settings({ autoCloseParent: true });
});

const family = async (children: number) => {
  const { caseId: parentId } = (await desk.open({ queueId: 'default' })).case;
  const opened = Array.from({ length: children }, () => desk.open({ parentId }));
  return { parentId, childIds: (await Promise.all(opened)).map((child) => child.case.caseId) };
};
const load = async (caseId: string) => (await local.services.cases.load(caseId))!;
const closings = (caseId: string): Promise<CaseEvent[]> => desk.events(caseId, 'case.resolved', 'case.cancelled');
/** Reacts to all closings of some cases at once, as the stream may bring them. */
const reactToClosings = async (caseIds: string[]): Promise<void> => {
  const events = (await Promise.all(caseIds.map(closings))).flat();
  await Promise.all(events.map((event) => desk.react(event)));
};

describe('a parent that closes with its last child', () => {
  it('is resolved as its last child was, once, however often that is told', async () => {
    const { parentId, childIds } = await family(2);
    await desk.resolve(childIds[0]!, { resolution: 'The first one' });
    await reactToClosings(childIds);
    expect((await load(parentId)).case.status).toBe('active');
    await desk.resolve(childIds[1]!, { resolutionType: 'informationProvided', resolution: 'A new cable' });
    await reactToClosings([...childIds, ...childIds]);
    expect((await load(parentId)).case).toMatchObject({
      status: 'resolved',
      statusReason: 'informationProvided',
      resolution: { resolution: 'A new cable', cause: 'children', resolvedBy: 'sue' },
    });
    expect(await closings(parentId)).toMatchObject([{ cause: 'children', actor: 'sue' }]);
    await desk.reactivate(parentId);
    await reactToClosings(childIds);
    expect((await load(parentId)).case.status).toBe('active');
  });

  it('is resolved as the last one was that was resolved, when the last child is cancelled', async () => {
    const { parentId, childIds } = await family(3);
    await desk.resolve(childIds[1]!, { resolution: 'It was the cable' });
    await desk.cancel(childIds[0]!);
    await desk.cancel(childIds[2]!);
    await reactToClosings(childIds);
    expect((await load(parentId)).case).toMatchObject({ resolution: { resolution: 'It was the cable' } });
  });

  it('stays open over its own open activities, and its timeline tells why, once', async () => {
    const { parentId, childIds } = await family(1);
    await desk.record(parentId, { type: 'task', body: 'Call them back' });
    await desk.resolve(childIds[0]!);
    await reactToClosings([...childIds, ...childIds]);
    expect((await load(parentId)).case.status).toBe('active');
    expect((await desk.events(parentId, 'case.stayedOpen')).map(({ fact }) => fact)).toMatchObject([
      { childId: childIds[0], code: 'OPEN_ACTIVITIES' },
    ]);
  });

  it('stays open without a word where the settings do not say that it closes', async () => {
    await desk.settings({ autoCloseParent: false });
    const { parentId, childIds } = await family(1);
    await desk.resolve(childIds[0]!);
    await reactToClosings(childIds);
    expect((await load(parentId)).case.status).toBe('active');
    expect(await desk.events(parentId, 'case.stayedOpen')).toEqual([]);
    await desk.settings({ autoCloseParent: true });
  });

  it('is closed when and only when no child is active, whatever is closed, opened and told at once', async () => {
    const closing = fc.constantFrom('resolve' as const, 'cancel' as const);
    await fc.assert(
      fc.asyncProperty(fc.array(closing, { minLength: 1, maxLength: 4 }), fc.boolean(), async (ends, opens) => {
        const { parentId, childIds } = await family(ends.length);
        await desk.resolve(childIds[0]!);
        const ended = ends.map(async (end, n) => {
          await desk[end](childIds[n]!);
          await reactToClosings([childIds[n]!]);
        });
        await Promise.all([...ended, opens && desk.open({ parentId })]);
        const { case: parent, family: counted } = await load(parentId);
        expect(counted.activeChildren).toBe(opens ? 1 : 0);
        // A child may also have been opened under a parent that had just been closed: under `independent` it may.
        if (!opens) expect(parent.status).toBe('resolved');
        const told = await closings(parentId);
        expect(told).toHaveLength(parent.status === 'resolved' ? 1 : 0);
        if (opens && parent.status === 'resolved') {
          const [attached] = (await desk.events(parentId, 'case.childAttached')).toReversed();
          expect(told[0]!.eventId < attached!.eventId || told[0]!.at <= attached!.at).toBe(true);
        }
      }),
      { numRuns },
    );
  });
});
