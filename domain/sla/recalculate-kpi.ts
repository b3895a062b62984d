import type { Instant } from '../time.ts';
import { beginKpi } from './begin-kpi.ts';
import type { Calendar } from './calendar.ts';
import { cancelKpi } from './cancel-kpi.ts';
import { andThen, type KpiChange, unchanged } from './kpi-change.ts';
import { type KpiInstance, promiseOf } from './kpi-instance.ts';
import { withClosedTime } from './reopen-kpi.ts';
import { promisesTheSame, type Retarget } from './retarget-kpi.ts';
import { settleKpi } from './settle-kpi.ts';
import { succeedKpi } from './succeed-kpi.ts';

/**
 * Judges a clock that was met or missed anew, by the terms that its case is promised now: a new generation with what it
 * had used. What was done stays done, in time or late by the new target; what was missed and is still to be done goes
 * on with what the new target leaves. The old one keeps its outcome. A void clock is never judged anew.
 */
export const recalculateKpi = (
  instance: KpiInstance,
  calendar: Calendar | undefined,
  now: Instant,
  { terms, calendar: nextCalendar, onHold = false, cause }: Omit<Retarget, 'startsAt'>,
): KpiChange => {
  if (instance.status === 'cancelled' || promisesTheSame(instance, terms)) return unchanged(instance);
  const { caseId, generation, startedAt, succeededAt } = instance;
  const stopped = cancelKpi(instance, calendar, now, { cause }).instance;
  const begun = beginKpi(terms, nextCalendar, {
    caseId,
    generation: generation + 1,
    promise: promiseOf(instance),
    startedAt,
    at: succeededAt ?? now,
    history: succeededAt ? instance.segments : withClosedTime(stopped, calendar, now),
    held: !succeededAt && onHold && terms.allowPause,
    cause,
  });
  const judged = andThen(begun, (clock) => {
    if (!succeededAt) return settleKpi(clock, now);
    const isLate = clock.usedMs > terms.targetMinutes * 60_000;
    const due = isLate ? settleKpi(clock, succeededAt) : unchanged(clock);
    return andThen(due, (settled) => succeedKpi(settled, nextCalendar, succeededAt));
  });
  return { instance: stopped, successor: judged.instance, facts: judged.facts };
};
