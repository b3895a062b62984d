import type { Instant } from '../time.ts';
import { beginKpi } from './begin-kpi.ts';
import type { Calendar } from './calendar.ts';
import { andThen, type KpiChange, unchanged } from './kpi-change.ts';
import type { KpiInstance, KpiTerms } from './kpi-instance.ts';
import { withClosedTime } from './reopen-kpi.ts';
import { settleKpi } from './settle-kpi.ts';

/**
 * A case is promised again what it was not for a while: the clock that was void then gets a successor by the new terms,
 * with the time that it had used; the while in between counts as a wait. A clock that ended otherwise stays as it is.
 */
export const promiseAgainKpi = (
  instance: KpiInstance,
  calendar: Calendar | undefined,
  now: Instant,
  { terms, calendar: nextCalendar, onHold }: { terms: KpiTerms; calendar: Calendar | undefined; onHold: boolean },
): KpiChange => {
  if (instance.status !== 'cancelled') return unchanged(instance);
  const { caseId, generation, startedAt } = instance;
  const begun = beginKpi(terms, nextCalendar, {
    caseId,
    generation: generation + 1,
    startedAt,
    at: now,
    history: withClosedTime(instance, calendar, now, 'not promised'),
    held: onHold && terms.allowPause,
    cause: 'the case was changed',
  });
  const { instance: successor, facts } = andThen(begun, (clock) => settleKpi(clock, now));
  return { instance, successor, facts };
};
