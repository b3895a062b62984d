import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { accept, type Decision, invalid } from '../refusal.ts';
import { Instant, toInstant, toMs } from '../time.ts';
import { TimeZone } from '../time-zone.ts';

export const Interval = z.enum(['day', 'week', 'month']).meta({ id: 'ReportInterval' });
export type Interval = z.infer<typeof Interval>;

const LocalDay = z.iso.date();

/** When a report is about: instants, or whole days of the time zone, the last one included. */
export const PeriodQuery = z.object({
  from: z.union([Instant, LocalDay]).optional().describe('An instant or a local day; default 30 days before `to`'),
  to: z
    .union([Instant, LocalDay])
    .optional()
    .describe('An instant, not included, or a local day, included; default now'),
  interval: Interval.optional().describe('Also by day, week (from Monday) or month of the time zone'),
  timeZone: TimeZone.optional().describe('Default: the organisation’s'),
});
export type PeriodQuery = z.infer<typeof PeriodQuery>;

/** A stretch of time, its end not included. */
export interface Span {
  from: Instant;
  to: Instant;
}

/** What a report covers. */
export interface Period extends Span {
  timeZone: string;
  interval?: Interval;
  /** The parts that the interval makes of it; the first and the last may be cut off by the period. */
  parts: Span[];
}

const QUARTER = 15 * 60_000;
const DEFAULT_DAYS = 30;

/** A year and a month: what a report reads grows with its period and with nothing else. */
export const MAX_DAYS = 400;

/**
 * The period that a query means. Reports count by quarters of an hour, where every zone's days begin and end: an
 * instant in between is moved to the next such one before it, or after it at the end.
 */
export const periodOf = (query: PeriodQuery, organisation: { timeZone: string; now: Instant }): Decision<Period> => {
  const { timeZone = organisation.timeZone, interval } = query;
  const to = Math.ceil(msOf(query.to ?? organisation.now, timeZone, 'end') / QUARTER) * QUARTER;
  const from = query.from ? msOf(query.from, timeZone, 'start') : daysBefore(to, timeZone);
  const first = Math.floor(from / QUARTER) * QUARTER;
  if (first >= to) return invalid('query.from', 'does not lie before `to`');
  if (to - first > (MAX_DAYS + 1) * 24 * 3_600_000)
    return invalid('query.from', `lies more than ${MAX_DAYS} days before \`to\``);
  const span = { from: toInstant(first), to: toInstant(to) };
  return accept({
    ...span,
    timeZone,
    ...(interval && { interval }),
    parts: interval ? partsOf(span, timeZone, interval) : [],
  });
};

const startOf = (day: Temporal.PlainDate, timeZone: string): number =>
  day.toZonedDateTime({ timeZone }).epochMilliseconds;

const isDay = (text: string): boolean => LocalDay.safeParse(text).success;

const msOf = (text: string, timeZone: string, edge: 'start' | 'end'): number => {
  if (!isDay(text)) return toMs(text);
  const day = Temporal.PlainDate.from(text);
  return startOf(edge === 'start' ? day : day.add({ days: 1 }), timeZone);
};

const dayAt = (ms: number, timeZone: string): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).toPlainDate();

/** Whole days, so that the first part is no smaller than the others. */
const daysBefore = (to: number, timeZone: string): number =>
  startOf(dayAt(to - 1, timeZone).subtract({ days: DEFAULT_DAYS - 1 }), timeZone);

const partsOf = (span: Span, timeZone: string, interval: Interval): Span[] => {
  const parts: Span[] = [];
  const end = toMs(span.to);
  let begins = beginning(dayAt(toMs(span.from), timeZone), interval);
  for (let from = toMs(span.from); from < end; ) {
    begins = begins.add(STEPS[interval]);
    const to = Math.min(end, startOf(begins, timeZone));
    parts.push({ from: toInstant(from), to: toInstant(to) });
    from = to;
  }
  return parts;
};

const STEPS = { day: { days: 1 }, week: { weeks: 1 }, month: { months: 1 } } as const;

const beginning = (day: Temporal.PlainDate, interval: Interval): Temporal.PlainDate => {
  if (interval === 'week') return day.subtract({ days: day.dayOfWeek - 1 });
  return interval === 'month' ? day.with({ day: 1 }) : day;
};
