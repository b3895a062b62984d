import type { Instant } from '../time.ts';
import type { Calendar } from './calendar.ts';
import { about, andThen, type KpiChange, unchanged } from './kpi-change.ts';
import type { KpiInstance } from './kpi-instance.ts';
import { moved } from './kpi-lifecycle.ts';
import { stopped } from './segments.ts';
import { settleKpiBefore } from './settle-kpi.ts';

/**
 * The promised thing was done at `at`, and is told now. Whatever was due before now is committed first, so that the
 * outcome never depends on whether an alarm was punctual: a success that is told after the deadline is late, whenever it
 * is said to have happened. One that is told at the very instant of the deadline wins. After a breach the clock stays
 * noncompliant; it is stamped, stops counting, and the success is told as a late one. A second success, or one of a
 * cancelled clock, changes nothing.
 */
export const succeedKpi = (
  instance: KpiInstance,
  calendar: Calendar | undefined,
  at: Instant,
  now: Instant = at,
): KpiChange =>
  instance.status === 'cancelled' || instance.succeededAt
    ? unchanged(instance)
    : andThen(settleKpiBefore(instance, now), (settled) => succeed(settled, calendar, at));

const succeed = (instance: KpiInstance, calendar: Calendar | undefined, at: Instant): KpiChange => {
  const stamp = { ...stopped(instance, calendar, at), succeededAt: at };
  if (instance.status === 'noncompliant') {
    const late: KpiInstance = { ...instance, ...stamp, revision: instance.revision + 1 };
    return { instance: late, facts: [{ type: 'sla.succeeded', occurredAt: at, ...about(late), late: true }] };
  }
  const met: KpiInstance = { ...instance, ...moved(instance, 'succeeded'), ...stamp };
  return { instance: met, facts: [{ type: 'sla.succeeded', occurredAt: at, ...about(met) }] };
};
