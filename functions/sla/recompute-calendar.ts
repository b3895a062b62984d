import { z } from 'zod';
import type { CaseChange, CaseFile } from '../../domain/cases/case-file.ts';
import type { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import { BeyondHorizon } from '../../domain/sla/business-time.ts';
import { type FollowedChange, withClocksLeft } from '../../domain/sla/followed-change.ts';
import { type Recomputation, type RecomputationPosition, withRecomputed } from '../../domain/sla/recomputation.ts';
import { type CalendarVersion, recomputeKpi } from '../../domain/sla/recompute-kpi.ts';
import type { Instant } from '../../domain/time.ts';
import { standsAt } from '../pages/stands-at.ts';
import { tellLast } from '../pages/tell-last.ts';
import { untilPageHolds } from '../pages/until-page-holds.ts';
import type { Services } from '../services.ts';
import { calendarIdOf, caseIdOf, recomputationKey } from '../table/keys.ts';
import {
  clocksFrom,
  findRecomputation,
  movedClockItem,
  type RecomputedClock,
  writeRecomputation,
} from '../table/recomputation-store.ts';
import type { StoredItem } from '../table/table.ts';

export type RecomputeServices = Pick<Services, 'table' | 'cases' | 'settings' | 'ids' | 'now' | 'backOff'>;

/** Each clock is five writes at most: itself, its fact, a warning and a breach that were due, and that it was moved. */
const PAGE_CLOCKS = 15;

/**
 * Brings the next page of a calendar's open clocks to its present version, in one transaction with how far the
 * recomputation is; the fact of the page's last clock sets the next page going. A page is committed only where the
 * recomputation still stands at `position`, so a fact that comes twice changes nothing and a crash loses nothing.
 */
export const advanceRecomputation = async (
  services: RecomputeServices,
  position: RecomputationPosition,
): Promise<void> => {
  const { calendarId, recomputationId } = position;
  for (let at: RecomputationPosition | undefined = position; at; ) {
    const { page }: RecomputationPosition = at;
    at = await untilPageHolds(services, [recomputationKey(calendarId)], async (left) => {
      const recomputation = await findRecomputation(services.table, calendarId);
      if (recomputation?.recomputationId !== recomputationId) return undefined;
      return standsAt(recomputation, page, `recomputation ${recomputationId}`)
        ? recomputePage(services, recomputation, left)
        : undefined;
    });
  }
};

/** Does a page; answers where to go on when no fact says it. */
const recomputePage = async (
  services: RecomputeServices,
  recomputation: Recomputation,
  left: ReadonlySet<string>,
): Promise<RecomputationPosition | undefined> => {
  const { calendarId, recomputationId, calendarVersion, by, shard, after } = recomputation;
  const version = await versionOf(services, calendarId, calendarVersion);
  if (!version) return undefined;
  const now = services.now();
  const place = await clocksFrom(services.table, calendarId, calendarVersion, { shard, after }, PAGE_CLOCKS);
  const { changes, failed } = await planPage(services, place.items, version, left, calendarId);
  const clocks = changes.flatMap(clocksIn);
  const moved = clocks.filter(({ isMoved }) => isMoved);
  const count = { recomputed: clocks.length, moved: moved.length, failed, next: place.next };
  const next = withRecomputed(recomputation, count, now);
  const continued = place.next && { calendarId, recomputationId, page: next.page };
  const told = (fact: Fact) => (fact.type === 'sla.recomputed' ? { ...fact, continued } : undefined);
  await services.cases.commit(tellLast(changes, told), {
    now,
    actor: by,
    cause: `recomputation:${recomputationId}`,
    correlationId: recomputationId,
    also: (transaction) => {
      writeRecomputation(transaction, recomputation, next);
      for (const clock of moved) transaction.create(movedClockItem(recomputationId, clock, now));
    },
  });
  return clocks.length > 0 ? undefined : continued;
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
  left: ReadonlySet<string>,
  calendarId: string,
): Promise<{ changes: FollowedChange[]; failed: number }> => {
  const ids = [...new Set(keys.map((key) => caseIdOf(KpiKey.parse(key).PK)))];
  const files = await Promise.all(ids.filter((id) => !left.has(id)).map((id) => cases.load(id)));
  const changes: FollowedChange[] = [];
  let failed = ids.filter((id) => left.has(id)).length;
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
