import type { Instant } from '../time.ts';
import type { Calendar } from './calendar.ts';
import { about, andThen, type KpiChange, unchanged } from './kpi-change.ts';
import type { KpiInstance } from './kpi-instance.ts';
import { moved } from './kpi-lifecycle.ts';
import { stopped } from './segments.ts';
import { settleKpi } from './settle-kpi.ts';

/**
 * Voids a clock that was still open: its case was closed without what was promised, merged, or promised something else.
 * A missed clock stays missed; only its overdue time stops growing, which is no fact of its own. A clock that stopped
 * before changes nothing. What happened at `at` may be told later, `now`: what was due by then is committed first.
 */
export const cancelKpi = (
  instance: KpiInstance,
  calendar: Calendar | undefined,
  at: Instant,
  { cause, now = at }: { cause: string; now?: Instant },
): KpiChange =>
  instance.succeededAt || instance.cancelledAt
    ? unchanged(instance)
    : andThen(settleKpi(instance, now), (settled) => cancel(settled, calendar, at, cause));

const cancel = (instance: KpiInstance, calendar: Calendar | undefined, at: Instant, cause: string): KpiChange => {
  const stamp = { ...stopped(instance, calendar, at), cancelledAt: at };
  if (instance.status === 'noncompliant') {
    return { instance: { ...instance, ...stamp, revision: instance.revision + 1 }, facts: [] };
  }
  const cancelled: KpiInstance = { ...instance, ...moved(instance, 'cancelled'), ...stamp, cancelCause: cause };
  return { instance: cancelled, facts: [{ type: 'sla.cancelled', occurredAt: at, ...about(cancelled), cause }] };
};
