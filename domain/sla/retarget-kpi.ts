import { changesOf } from '../facts/fact.ts';
import type { Instant } from '../time.ts';
import { beginKpi } from './begin-kpi.ts';
import type { Calendar } from './calendar.ts';
import { cancelKpi } from './cancel-kpi.ts';
import { andThen, type KpiChange, unchanged } from './kpi-change.ts';
import { type KpiInstance, type KpiTerms, promiseOf } from './kpi-instance.ts';
import { hasEnded } from './kpi-lifecycle.ts';
import { countedFrom, endedAt } from './segments.ts';
import { settleKpi } from './settle-kpi.ts';

export type Retarget = {
  terms: KpiTerms;
  /** From when the new terms count. */
  startsAt?: Instant;
  /** The calendar of the new terms. */
  calendar: Calendar | undefined;
  /** Whether the case is on hold. Needed only where the old terms forbid pauses: else the clock shows it. */
  onHold?: boolean;
  cause: string;
};

/**
 * Replaces an open clock when the case is promised something else: the old one is cancelled, a new generation takes
 * over with the time that was used, and a wait goes on waiting. It is a clock of its own: it warns and fails once,
 * at once when its thresholds are passed already, but never while it waits. A clock that has ended is kept, and the
 * same terms again change nothing.
 */
export const retargetKpi = (
  instance: KpiInstance,
  calendar: Calendar | undefined,
  now: Instant,
  { terms, calendar: nextCalendar, onHold = instance.status === 'paused', cause, ...how }: Retarget,
): KpiChange => {
  if (hasEnded(instance) || promisesTheSame(instance, terms)) return unchanged(instance);
  const settled = settleKpi(instance, now);
  if (hasEnded(settled.instance)) return settled;

  const { caseId, generation, segments } = settled.instance;
  const isMoved = terms.applicableFrom !== settled.instance.applicableFrom;
  const startedAt = isMoved ? (how.startsAt ?? settled.instance.startedAt) : settled.instance.startedAt;
  const held = onHold && terms.allowPause;
  const waitsOn = held && settled.instance.status === 'paused';
  const lived = waitsOn ? segments : endedAt(segments, calendar, now);
  const begun = beginKpi(terms, nextCalendar, {
    caseId,
    generation: generation + 1,
    promise: promiseOf(settled.instance),
    startedAt,
    at: startedAt > now ? startedAt : now,
    history: isMoved ? countedFrom({ ...terms, segments: lived }, nextCalendar, startedAt, now) : lived,
    held,
    cause,
  });
  const cancelled = andThen(settled, (old) => cancelKpi(old, calendar, now, { cause }));
  const successor = andThen(begun, (clock) => settleKpi(clock, now));
  return {
    instance: cancelled.instance,
    successor: successor.instance,
    facts: [...cancelled.facts, ...successor.facts],
  };
};

/** Versions do not matter: an edited definition or calendar holds for clocks that start later. */
const TERMS = [
  'slaId',
  'itemId',
  'targetMinutes',
  'warnMinutes',
  'warnings',
  'warnInBusinessHours',
  'calendarId',
  'allowPause',
  'onReopen',
  'applicableFrom',
] as const;

/** Whether two items come to the same for a clock that runs. */
export const promisesTheSame = (a: KpiTerms, b: KpiTerms): boolean => changesOf(a, b, TERMS).length === 0;
