import { type Instant, toMs } from '../time.ts';
import { businessTimeBetween } from './business-time.ts';
import type { Calendar } from './calendar.ts';
import { deadlines } from './deadlines.ts';
import { explainDeadline } from './explain-deadline.ts';
import { about, andThen, type KpiChange, unchanged } from './kpi-change.ts';
import type { KpiInstance, KpiSegment } from './kpi-instance.ts';
import { KPI_LIFECYCLE } from './kpi-lifecycle.ts';
import { countedBy, endedAt, usedIn } from './segments.ts';
import { settleKpi } from './settle-kpi.ts';

/** A version of the calendar that a clock counts by. */
export interface CalendarVersion {
  version: number;
  calendar: Calendar;
}

/**
 * Counts an open clock anew by another version of its calendar, as if it had been born with it: every stretch that its
 * calendar counted is counted again, and deadlines follow from what is left. What is due by the old version is settled
 * first and stays; what the new one would have had earlier is due now, and no warning is taken back. A clock that has
 * ended stays as it is, and so does one that has this version already.
 */
export const recomputeKpi = (
  instance: KpiInstance,
  now: Instant,
  { version, calendar }: CalendarVersion,
  { cause }: { cause: string },
): KpiChange =>
  !isOpen(instance) || instance.calendarVersion === version
    ? unchanged(instance)
    : andThen(settleKpi(instance, now), (settled) =>
        isOpen(settled) ? recompute(settled, now, { version, calendar }, cause) : unchanged(settled),
      );

type Open = Extract<KpiInstance, { status: 'inProgress' | 'nearingNoncompliance' | 'paused' }>;
const isOpen = (instance: KpiInstance): instance is Open => KPI_LIFECYCLE[instance.status].clock !== 'ended';

const recompute = (instance: Open, now: Instant, { version, calendar }: CalendarVersion, cause: string): KpiChange => {
  const counted = instance.segments.map((segment) => recounted(segment, instance, calendar, version));
  const renewed = { ...instance, calendarVersion: version, revision: instance.revision + 1 };
  const clock =
    renewed.status === 'paused' ? waiting(renewed, counted) : running(renewed, counted, calendar, now, cause);
  // The alarm of a clock whose deadlines stay where they are goes on waiting.
  const isMoved = JSON.stringify(alarmsOf(clock)) !== JSON.stringify(alarmsOf(instance));
  const after: KpiInstance = isMoved ? { ...clock, epoch: instance.epoch + 1 } : clock;
  const fact = {
    type: 'sla.recomputed' as const,
    occurredAt: now,
    ...about(after),
    ...alarmsOf(after),
    because: explainDeadline(after, calendar),
    cause,
    isMoved,
    before: { calendarVersion: instance.calendarVersion, ...alarmsOf(instance) },
  };
  return andThen({ instance: after, facts: [fact] }, (one) => settleKpi(one, now));
};

const alarmsOf = ({ warnAt, failAt, warnTimes }: KpiInstance) => ({ warnAt, failAt, warnTimes });

/** A stretch that another calendar counted, under earlier terms, stays as it is. */
const recounted = (
  segment: KpiSegment,
  { calendarId }: KpiInstance,
  calendar: Calendar,
  calendarVersion: number,
): KpiSegment => {
  if (segment.calendarId !== calendarId) return segment;
  const { from, to } = segment;
  if (to === undefined) return { ...segment, calendarVersion };
  return { ...segment, calendarVersion, businessMs: businessTimeBetween(calendar, toMs(from), toMs(to)) };
};

const waiting = (paused: Extract<Open, { status: 'paused' }>, segments: KpiSegment[]): KpiInstance => ({
  ...paused,
  segments,
  usedMs: usedIn(segments),
});

/** A clock that is to start later still starts then. */
const running = (
  instance: Exclude<Open, { status: 'paused' }>,
  counted: readonly KpiSegment[],
  calendar: Calendar,
  now: Instant,
  cause: string,
): KpiInstance => {
  const from = instance.runningSince > now ? instance.runningSince : now;
  const past = endedAt(counted, calendar, from);
  const clock = { ...instance, usedMs: usedIn(past) };
  const segment = { from, kind: 'running' as const, cause, ...countedBy(instance) };
  return { ...clock, ...deadlines(clock, calendar, from), runningSince: from, segments: [...past, segment] };
};
