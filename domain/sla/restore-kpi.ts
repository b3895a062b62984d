import type { Instant } from '../time.ts';
import { beginKpi } from './begin-kpi.ts';
import type { Calendar } from './calendar.ts';
import { andThen, type KpiChange, unchanged } from './kpi-change.ts';
import { type KpiInstance, KpiTerms, promiseOf } from './kpi-instance.ts';
import { continued, withClosedTime } from './reopen-kpi.ts';
import { countedBy } from './segments.ts';
import { settleKpi } from './settle-kpi.ts';

/** A stop that is taken back: when it was, and whether the case is on hold once it is. */
export interface Restoring {
  stoppedAt: Instant;
  now: Instant;
  onHold: boolean;
  cause: string;
}

/**
 * Takes back that a clock was voided at `stoppedAt`: a new generation goes on with what was left, the time between
 * counted as a pause, whatever the terms say of reopening, since the case had never been closed. A clock that was
 * missed by then counts on. One that had ended before stays as it is.
 */
export const restoreKpi = (
  instance: KpiInstance,
  calendar: Calendar | undefined,
  { stoppedAt, now, onHold, cause }: Restoring,
): KpiChange => {
  if (instance.cancelledAt !== stoppedAt) return unchanged(instance);
  if (instance.status === 'noncompliant') return { instance: countingOn(instance, calendar, now, cause), facts: [] };
  if (instance.status !== 'cancelled') return unchanged(instance);
  const begun = beginKpi(KpiTerms.parse(instance), calendar, {
    ...continued(instance, calendar, now, cause),
    caseId: instance.caseId,
    generation: instance.generation + 1,
    promise: promiseOf(instance),
    at: now,
    held: onHold && instance.allowPause,
    cause,
  });
  const { instance: successor, facts } = andThen(begun, (clock) => settleKpi(clock, now));
  return { instance, successor, facts };
};

const countingOn = (
  instance: KpiInstance & { status: 'noncompliant' },
  calendar: Calendar | undefined,
  now: Instant,
  cause: string,
): KpiInstance => ({
  ...instance,
  cancelledAt: undefined,
  runningSince: now,
  segments: [
    ...withClosedTime(instance, calendar, now, cause),
    { from: now, kind: 'running', cause, ...countedBy(instance) },
  ],
  revision: instance.revision + 1,
});
