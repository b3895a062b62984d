import type { Instant } from '../time.ts';
import type { Calendar } from './calendar.ts';
import { deadlines } from './deadlines.ts';
import { explainDeadline } from './explain-deadline.ts';
import { about, andThen, type KpiChange, unchanged } from './kpi-change.ts';
import type { KpiInstance } from './kpi-instance.ts';
import { moved } from './kpi-lifecycle.ts';
import { countedBy, endedAt } from './segments.ts';
import { settleKpi } from './settle-kpi.ts';

/**
 * Lets a paused clock run again with what it had left: deadlines are counted anew from the end of the wait, so that one
 * which passed meanwhile is no breach. `at` is when the wait really ended, say the instant of the customer's message;
 * it is taken between the pause and now (a clock that counts from an instant ahead runs from there), and what has been due since is settled at once. Other clocks stay as they are.
 */
export const resumeKpi = (
  instance: KpiInstance,
  calendar: Calendar | undefined,
  now: Instant,
  { at = now, cause }: { at?: Instant; cause: string },
): KpiChange => {
  if (instance.status !== 'paused') return unchanged(instance);
  const from = later(later(instance.startedAt, instance.pausedAt), earlier(at, now));
  const resumed: KpiInstance = {
    ...instance,
    ...moved(instance, instance.warnedAt ? 'nearingNoncompliance' : 'inProgress'),
    ...deadlines(instance, calendar, from),
    pausedAt: undefined,
    runningSince: from,
    segments: [...endedAt(instance.segments, calendar, from), { from, kind: 'running', cause, ...countedBy(instance) }],
  };
  const { warnAt, failAt } = resumed;
  const because = explainDeadline(resumed, calendar);
  const facts = [{ type: 'sla.resumed' as const, occurredAt: from, ...about(resumed), warnAt, failAt, cause, because }];
  return andThen({ instance: resumed, facts }, (running) => settleKpi(running, now));
};

const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b);
const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);
