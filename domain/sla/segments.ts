import { type Instant, toMs } from '../time.ts';
import { businessTimeBetween } from './business-time.ts';
import type { Calendar } from './calendar.ts';
import type { KpiInstance, KpiSegment, KpiTerms } from './kpi-instance.ts';

/**
 * The history up to an instant: the stretch that reaches it ends there and is counted, what began at it or later never
 * was. So a stretch of no length leaves no trace, and an end that is reported late takes back what came after it.
 */
export const endedAt = (segments: readonly KpiSegment[], calendar: Calendar | undefined, at: Instant): KpiSegment[] =>
  segments
    .filter(({ from }) => from < at)
    .map((segment) =>
      segment.to !== undefined && segment.to <= at
        ? segment
        : { ...segment, to: at, businessMs: businessTimeBetween(calendar, toMs(segment.from), toMs(at)) },
    );

/** Which calendar a stretch under these terms is counted by. */
export const countedBy = ({
  calendarId,
  calendarVersion,
}: Pick<KpiTerms, 'calendarId' | 'calendarVersion'>): Pick<KpiSegment, 'calendarId' | 'calendarVersion'> => ({
  ...(calendarId && { calendarId }),
  ...(calendarVersion && { calendarVersion }),
});
/**
 * The history of a clock that counts from another instant up to `to`: the waits stay where they are, and between them
 * it ran. A wait that lasts goes on lasting.
 */
export const countedFrom = (
  clock: Pick<KpiInstance, 'segments' | 'calendarId' | 'calendarVersion'>,
  calendar: Calendar | undefined,
  from: Instant,
  to: Instant,
): KpiSegment[] => {
  const counted = (start: Instant, end: Instant, kind: KpiSegment['kind'], cause: string): KpiSegment[] => {
    if (start >= end) return [];
    const businessMs = businessTimeBetween(calendar, toMs(start), toMs(end));
    return [{ from: start, to: end, kind, businessMs, cause, ...countedBy(clock) }];
  };
  const history: KpiSegment[] = [];
  let reached = from;
  for (const wait of clock.segments.filter(({ kind }) => kind === 'paused')) {
    const start = wait.from > reached ? wait.from : reached;
    if (wait.to !== undefined && wait.to <= reached) continue;
    history.push(...counted(reached, start, 'running', 'counts from here'));
    if (wait.to === undefined) return [...history, { ...wait, from: start }];
    history.push(...counted(start, wait.to, 'paused', wait.cause));
    reached = wait.to;
  }
  return [...history, ...counted(reached, to, 'running', 'counts from here')];
};

/** The business time of the running stretches that have been counted. */
export const usedIn = (segments: readonly KpiSegment[]): number =>
  segments.reduce((sum, { kind, businessMs = 0 }) => (kind === 'running' ? sum + businessMs : sum), 0);

/** The part of an instance that changes when it stops counting for good. */
export const stopped = (instance: KpiInstance, calendar: Calendar | undefined, at: Instant) => {
  const segments = endedAt(instance.segments, calendar, at);
  return { segments, usedMs: usedIn(segments), runningSince: undefined, pausedAt: undefined };
};
