import { type Instant, MINUTE, toMs } from '../time.ts';
import type { Calendar } from './calendar.ts';
import type { KpiInstance, KpiSegment } from './kpi-instance.ts';
import { usedIn } from './segments.ts';

/** More waits than this are summed up: a sentence is for people. */
const TOLD_WAITS = 3;

/**
 * Why a clock is due when it is, as a sentence in the local time of its calendar: what was promised and since when, how
 * long it waited and why, and what follows. It tells what is in the segments, so that it can be checked by hand.
 */
export const explainDeadline = (instance: KpiInstance, calendar: Calendar | undefined): string => {
  const at = spoken(calendar?.timeZone ?? 'UTC', instance.startedAt);
  const promise = `${minutes(instance.targetMinutes * MINUTE)} ${hoursOf(instance, calendar)} from ${at(instance.startedAt)}`;
  return `${[promise, ...waitsOf(instance.segments, at), outcomeOf(instance, at)].join('; ')}.`;
};

type Spoken = (instant: Instant) => string;

const hoursOf = ({ calendarId, calendarVersion }: KpiInstance, calendar: Calendar | undefined): string => {
  if (!calendar) return 'around the clock (UTC)';
  const version = calendarVersion === undefined ? '' : `version ${calendarVersion}, `;
  return `of ${calendar.name ?? calendarId ?? 'business time'} (${version}${calendar.timeZone})`;
};

const waitsOf = (segments: readonly KpiSegment[], at: Spoken): string[] => {
  const ended = [...segments.entries()].filter(([, { kind, to }]) => kind === 'paused' && to !== undefined);
  if (ended.length > TOLD_WAITS) {
    const held = ended.reduce((sum, [, { businessMs = 0 }]) => sum + businessMs, 0);
    return [`held ${minutes(held)} in ${ended.length} waits`];
  }
  return ended.map(([n, { from, to = from, businessMs = 0, cause }]) => {
    const next = segments[n + 1]?.cause;
    return `held ${minutes(businessMs)} from ${at(from)} (${cause}) to ${at(to)}${next ? ` (${next})` : ''}`;
  });
};

const outcomeOf = (instance: KpiInstance, at: Spoken): string => {
  const used = usedIn(instance.segments);
  switch (instance.status) {
    case 'inProgress':
    case 'nearingNoncompliance':
      return `so due ${at(instance.failAt)}`;
    case 'paused': {
      const left = minutes(instance.targetMinutes * MINUTE - used);
      return `waiting since ${at(instance.pausedAt)} (${instance.segments.at(-1)?.cause}) with ${left} left, so nothing is due`;
    }
    case 'noncompliant':
      return instance.breachReason === 'targetReduced'
        ? `more than that was used already, so missed at once ${at(instance.failAt)}`
        : `so due ${at(instance.failAt)}, and missed`;
    case 'succeeded':
      return `met ${at(instance.succeededAt)} after ${minutes(used)}`;
    case 'cancelled':
      return `void since ${at(instance.cancelledAt)} (${instance.cancelCause ?? 'cancelled'})`;
  }
};

const minutes = (ms: number): string => {
  const whole = Math.floor(ms / MINUTE);
  return `${whole} minute${whole === 1 ? '' : 's'}`;
};

/** Making a format costs more than all else in a sentence, and there are few zones. */
const formats = new Map<string, Intl.DateTimeFormat>();
const formatFor = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timeZone, format);
  return format;
};

/** `Mon 9 March 15:30`; with the year where it is another than that of `start`. */
const spoken = (timeZone: string, start: Instant): Spoken => {
  const partsOf = (instant: Instant) =>
    new Map(
      formatFor(timeZone)
        .formatToParts(toMs(instant))
        .map(({ type, value }) => [type, value]),
    );
  const startYear = partsOf(start).get('year');
  return (instant) => {
    const parts = partsOf(instant);
    const year = parts.get('year') === startYear ? [] : [parts.get('year')];
    const date = [parts.get('weekday'), parts.get('day'), parts.get('month'), ...year].join(' ');
    return `${date} ${parts.get('hour')}:${parts.get('minute')}`;
  };
};
