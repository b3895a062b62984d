import { z } from 'zod';
import type { CaseChange, CaseFile } from '../../domain/cases/case-file.ts';
import type { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import { BeyondHorizon } from '../../domain/sla/business-time.ts';
import { type FollowedChange, withClocksLeft } from '../../domain/sla/followed-change.ts';
import { type Recomputation, type RecomputationPosition, withRecomputed } from '../../domain/sla/recomputation.ts';
import { type CalendarVersion, recomputeKpi } from '../../domain/sla/recompute-kpi.ts';
import type { Instant } from '../../domain/time.ts';
import { NotYetVisible } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { calendarIdOf, caseIdOf } from '../table/keys.ts';
import {
  clocksFrom,
  findRecomputation,
  movedClockItem,
  type RecomputedClock,
  writeRecomputation,
} from '../table/recomputation-store.ts';
import { LostRace, type StoredItem } from '../table/table.ts';

export type RecomputeServices = Pick<Services, 'table' | 'cases' | 'settings' | 'ids' | 'now' | 'backOff'>;

/** Each clock is five writes at most: itself, its fact, a warning and a breach that were due, and that it was moved. */
const PAGE_CLOCKS = 15;

/** A case that keeps changing under the recomputation is left to the next round after this many pages. */
const CASE_ATTEMPTS = 3;

/**
 * Brings the next page of a calendar's open clocks to its present version, in one transaction with how far the
 * recomputation is; the fact of the page's last clock sets the next page going. A page is committed only where the
 * recomputation still stands at `position`, so a fact that comes twice changes nothing and a crash loses nothing.
 */
export const advanceRecomputation = async (
  services: RecomputeServices,
  position: RecomputationPosition,
): Promise<void> => {
  const failures = new Map<string, number>();
  let at = position;
  for (;;) {
    const recomputation = await findRecomputation(services.table, at.calendarId);
    if (!recomputation || !standsAt(recomputation, at)) return;
    const { calendarId, recomputationId, calendarVersion, by, shard, after } = recomputation;
    const version = await versionOf(services, calendarId, calendarVersion);
    if (!version) return;
    const now = services.now();
    const place = await clocksFrom(services.table, calendarId, calendarVersion, { shard, after }, PAGE_CLOCKS);
    const { changes, failed } = await planPage(services, place.items, version, failures, calendarId);
    const clocks = changes.flatMap(clocksIn);
    const moved = clocks.filter(({ isMoved }) => isMoved);
    const count = { recomputed: clocks.length, moved: moved.length, failed, next: place.next };
    const next = withRecomputed(recomputation, count, now);
    const goesOn = next.state === 'running' && place.next !== undefined;
    at = { ...at, page: next.page };
    try {
      await services.cases.commit(goesOn ? withPosition(changes, at) : changes, {
        now,
        actor: by,
        cause: `recomputation:${recomputationId}`,
        correlationId: recomputationId,
        also: (transaction) => {
          writeRecomputation(transaction, recomputation, next);
          for (const clock of moved) transaction.create(movedClockItem(recomputationId, clock, now));
        },
      });
      // Without a clock there is no fact that would set the next page going.
      if (!goesOn || clocks.length > 0) return;
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      at = { ...at, page: recomputation.page };
      for (const caseId of new Set(error.keys.map(({ PK }) => caseIdOf(PK))))
        failures.set(caseId, (failures.get(caseId) ?? 0) + 1);
      await services.backOff(50);
    }
  }
};

/** The fact of a page's last clock says where the recomputation goes on. */
export const continueRecomputation = async (
  services: RecomputeServices,
  _event: CaseEvent,
  { continued }: Extract<Fact, { type: 'sla.recomputed' }>,
): Promise<void> => {
  if (continued) await advanceRecomputation(services, continued);
};

/** Goes on with a recomputation that stands still, or begins another round of it, by the calendar's own partition. */
export const resumeRecomputation = async (services: RecomputeServices, partition: string): Promise<void> => {
  const recomputation = await findRecomputation(services.table, calendarIdOf(partition));
  if (recomputation) await advanceRecomputation(services, recomputation);
};

const standsAt = ({ recomputationId, state, page }: Recomputation, position: RecomputationPosition): boolean => {
  if (recomputationId !== position.recomputationId || state !== 'running') return false;
  if (page < position.page) throw new NotYetVisible(`recomputation ${recomputationId} at ${position.page}`);
  return page === position.page;
};

/** A version of a calendar as clocks count by it. */
export const versionOf = async (
  { settings }: RecomputeServices,
  id: string,
  version: number,
): Promise<CalendarVersion | undefined> => {
  const setting = await settings.calendars.version(id, version);
  return setting && { version, calendar: (await settings.workingCalendar(setting)).document };
};

const KpiKey = z.object({ PK: z.string(), SK: z.string() });

/** What becomes of the clocks behind some keys, and how many cases nothing can be done about. */
export const planPage = async (
  { cases, now }: RecomputeServices,
  keys: readonly StoredItem[],
  version: CalendarVersion,
  failures: ReadonlyMap<string, number>,
  calendarId: string,
): Promise<{ changes: FollowedChange[]; failed: number }> => {
  const ids = [...new Set(keys.map((key) => caseIdOf(KpiKey.parse(key).PK)))];
  const left = ids.filter((caseId) => (failures.get(caseId) ?? 0) >= CASE_ATTEMPTS);
  const files = await Promise.all(ids.filter((id) => !left.includes(id)).map((id) => cases.load(id)));
  const changes: FollowedChange[] = [];
  let failed = left.length;
  for (const file of files) {
    const change = file && changeOf(file, calendarId, version, now());
    if (change === 'failed') failed += 1;
    else if (change) changes.push(withClocksLeft(change));
  }
  return { changes, failed };
};

/** A clock that would never be due by the new version keeps the one that it has. */
const changeOf = (
  file: CaseFile,
  calendarId: string,
  version: CalendarVersion,
  now: Instant,
): CaseChange | 'failed' | undefined => {
  try {
    const cause = `calendar ${calendarId} version ${version.version}`;
    const results = file.kpis.map((instance) =>
      instance.calendarId === calendarId && (instance.calendarVersion ?? 0) < version.version
        ? recomputeKpi(instance, now, version, { cause })
        : { instance, facts: [] },
    );
    const facts = results.flatMap((result) => result.facts);
    if (facts.length === 0) return undefined;
    return { before: file, after: { ...file, kpis: results.map(({ instance }) => instance) }, facts };
  } catch (fault) {
    if (fault instanceof BeyondHorizon) return 'failed';
    throw fault;
  }
};

/** The clocks that a change counts anew. */
export const clocksIn = ({ after, facts }: CaseChange): RecomputedClock[] =>
  facts.flatMap((fact) => {
    if (fact.type !== 'sla.recomputed') return [];
    const { kpi, generation, isMoved, before, warnAt, failAt } = fact;
    const instance = after.kpis.find((one) => one.kpi === kpi && one.generation === generation);
    if (!instance) return [];
    const { caseId, caseNumber } = after.case;
    const { status, calendarVersion } = instance;
    return [
      { caseId, caseNumber, kpi, generation, status, isMoved, old: before, new: { calendarVersion, warnAt, failAt } },
    ];
  });

const withPosition = (changes: readonly FollowedChange[], continued: RecomputationPosition): FollowedChange[] => {
  const last = changes.flatMap(({ facts }) => facts).findLast(({ type }) => type === 'sla.recomputed');
  return changes.map((change) => ({
    ...change,
    facts: change.facts.map((fact) =>
      fact === last && fact.type === 'sla.recomputed' ? { ...fact, continued } : fact,
    ),
  }));
};
