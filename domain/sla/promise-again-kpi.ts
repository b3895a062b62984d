import type { Instant } from '../time.ts';
import { beginKpi } from './begin-kpi.ts';
import type { Calendar } from './calendar.ts';
import { andThen, type KpiChange, unchanged } from './kpi-change.ts';
import { type KpiInstance, promiseOf } from './kpi-instance.ts';
import { withClosedTime } from './reopen-kpi.ts';
import type { Retarget } from './retarget-kpi.ts';
import { countedFrom } from './segments.ts';
import { settleKpi } from './settle-kpi.ts';

/** Why a clock is replaced or void that its case has only lost: it may be promised again. */
export const CASE_CHANGED = 'the case was changed';

/** Why a clock stood still while its case had lost it. */
export const NOT_PROMISED = 'not promised';

/**
 * A case is promised again what it was not for a while: the clock that was void then gets a successor by the new terms,
 * with the time that it had used; the while in between counts as a wait. A clock that ended otherwise stays as it is.
 */
export const promiseAgainKpi = (
  instance: KpiInstance,
  calendar: Calendar | undefined,
  now: Instant,
  { terms, calendar: nextCalendar, onHold = false, startsAt }: Retarget,
): KpiChange => {
  if (instance.status !== 'cancelled') return unchanged(instance);
  const { caseId, generation, segments } = instance;
  const startedAt = terms.applicableFrom ? (startsAt ?? instance.startedAt) : instance.startedAt;
  const begun = beginKpi(terms, nextCalendar, {
    caseId,
    generation: generation + 1,
    promise: promiseOf(instance),
    startedAt,
    at: startedAt > now ? startedAt : now,
    history: terms.applicableFrom
      ? countedFrom({ ...terms, segments }, nextCalendar, startedAt, now)
      : withClosedTime(instance, calendar, now, NOT_PROMISED),
    held: onHold && terms.allowPause,
    cause: CASE_CHANGED,
  });
  const { instance: successor, facts } = andThen(begun, (clock) => settleKpi(clock, now));
  return { instance, successor, facts };
};
