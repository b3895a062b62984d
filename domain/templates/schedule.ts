import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { type Instant, Instant as InstantSchema, toInstant, toMs } from '../time.ts';
import { TimeZone } from '../time-zone.ts';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const common = {
  at: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day from 00:00 to 23:59')
    .describe('Local wall-clock time'),
  timeZone: TimeZone,
  nextAt: InstantSchema.optional().describe('When the first case is due, if not at the next time that fits'),
};

/** When a template's cases are due: every so many days, on weekdays, or on a day of the month (the last, in shorter ones). */
export const Schedule = z
  .union(
    [
      z.strictObject({ everyDays: z.int().min(1).max(366), ...common }),
      z.strictObject({ weekly: z.array(z.enum(WEEKDAYS)).min(1).max(7), ...common }),
      z.strictObject({ monthly: z.int().min(1).max(31), ...common }),
    ],
    { error: 'a schedule is {everyDays}, {weekly} or {monthly}, with at and timeZone' },
  )
  .meta({ id: 'CaseSchedule' });
export type Schedule = z.infer<typeof Schedule>;

/** The first instant behind `after` at which a schedule's day and time of day come. `everyDays` counts from its day. */
export const nextDue = (schedule: Schedule, after: Instant): Instant => {
  const start = Temporal.Instant.fromEpochMilliseconds(toMs(after)).toZonedDateTimeISO(schedule.timeZone);
  let date = start.toPlainDate();
  for (;;) {
    const due = dueOn(date, schedule);
    if (isDay(date, start.toPlainDate(), schedule) && due > toMs(after)) return toInstant(due);
    date = date.add({ days: 1 });
  }
};

/** In summer time's missing hour the clock's reading is moved on; in its doubled hour the first one counts. */
const dueOn = (date: Temporal.PlainDate, { at, timeZone }: Schedule): number =>
  date.toZonedDateTime({ timeZone, plainTime: at }).epochMilliseconds;

const isDay = (date: Temporal.PlainDate, from: Temporal.PlainDate, schedule: Schedule): boolean => {
  if ('weekly' in schedule) return schedule.weekly.some((day) => WEEKDAYS.indexOf(day) === date.dayOfWeek - 1);
  if ('monthly' in schedule) return date.day === Math.min(schedule.monthly, date.daysInMonth);
  return from.until(date, { largestUnit: 'days' }).days === schedule.everyDays;
};

/** When the first case of a schedule that is put now is due: when it says, else at the next time that fits. */
export const firstDue = (schedule: Schedule, now: Instant): Instant => {
  if (schedule.nextAt && schedule.nextAt > now) return schedule.nextAt;
  const { at, timeZone } = schedule;
  return nextDue('everyDays' in schedule ? { weekly: [...WEEKDAYS], at, timeZone } : schedule, now);
};
