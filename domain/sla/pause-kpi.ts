import type { Instant } from '../time.ts';
import type { Calendar } from './calendar.ts';
import { about, andThen, type KpiChange, unchanged } from './kpi-change.ts';
import type { KpiInstance } from './kpi-instance.ts';
import { KPI_LIFECYCLE, moved } from './kpi-lifecycle.ts';
import { countedBy, endedAt, usedIn } from './segments.ts';
import { settleKpi } from './settle-kpi.ts';
import { onlyGiven } from './warnings.ts';

/**
 * Stops a running clock and freezes what is left; no deadline stands while it waits. A clock that waits already, has
 * ended or may not be paused stays as it is: one wait may have several reasons in turn.
 */
export const pauseKpi = (
  instance: KpiInstance,
  calendar: Calendar | undefined,
  at: Instant,
  { cause }: { cause: string },
): KpiChange =>
  instance.allowPause && KPI_LIFECYCLE[instance.status].clock === 'running'
    ? andThen(settleKpi(instance, at), (settled) => pause(settled, calendar, at, cause))
    : unchanged(instance);

const pause = (instance: KpiInstance, calendar: Calendar | undefined, at: Instant, cause: string): KpiChange => {
  if (instance.status === 'noncompliant') return unchanged(instance);
  const past = endedAt(instance.segments, calendar, at);
  const paused: KpiInstance = {
    ...instance,
    ...moved(instance, 'paused'),
    pausedAt: at,
    runningSince: undefined,
    failAt: undefined,
    ...onlyGiven(instance),
    usedMs: usedIn(past),
    segments: [...past, { from: at, kind: 'paused', cause, ...countedBy(instance) }],
  };
  return { instance: paused, facts: [{ type: 'sla.paused', occurredAt: at, ...about(paused), cause }] };
};
