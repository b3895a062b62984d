import { z } from 'zod';
import { Slug } from '../cases/case.ts';
import { TimeZone } from '../time-zone.ts';

const WALL_TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const CLOSING_TIME = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

const opening = z
  .string()
  .regex(WALL_TIME, 'a time of day from 00:00 to 23:59')
  .meta({ examples: ['09:00'] });
const closing = z
  .string()
  .regex(CLOSING_TIME, 'a time of day from 00:00 to 24:00')
  .meta({ examples: ['17:00'] });

/** Part of a day in local wall-clock time; a `to` that is not after `from` belongs to the next day. */
export const DailyRange = z.strictObject({ from: opening, to: closing });
export type DailyRange = z.infer<typeof DailyRange>;

const day = z.array(DailyRange).max(48).optional();
const name = z.string().min(1).max(100).optional();

const date = z.iso.date();

export const Holiday = z.union(
  [
    z.strictObject({ date, name }),
    z
      .strictObject({ fromDate: date, toDate: date, name })
      .refine(({ fromDate, toDate }) => fromDate <= toDate, { path: ['toDate'], error: 'must not be before fromDate' }),
    z.strictObject({ date, from: opening, to: closing, name }),
  ],
  { error: 'a holiday is {date}, {fromDate, toDate} or {date, from, to}' },
);
export type Holiday = z.infer<typeof Holiday>;

/** Holidays of one calendar or list; a list of bank holidays for ten years has a hundred. */
export const MAX_HOLIDAYS = 2000;

/**
 * When a desk works: weekly windows in local time, less holidays. Two windows in a day make a break, overlapping
 * windows count once, a day that is not named is closed. A holiday closes its local days from midnight to midnight, so
 * it also cuts the part of an overnight window that runs into it.
 */
export const Calendar = z
  .strictObject({
    name,
    timeZone: TimeZone,
    weekly: z.strictObject({ mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day }),
    holidays: z.array(Holiday).max(MAX_HOLIDAYS).default([]),
  })
  .meta({ id: 'Calendar' });
export type Calendar = z.infer<typeof Calendar>;

/** A calendar as it is set up: it may share holidays with others. */
export const CalendarSetting = Calendar.extend({
  holidayLists: z.array(Slug).max(20).optional().describe('Lists whose holidays are added to its own'),
}).meta({ id: 'CalendarSetting' });
export type CalendarSetting = z.infer<typeof CalendarSetting>;

/** A version of a calendar as it is kept: it names the very versions of its lists, so that it never changes. */
export const CalendarDocument = CalendarSetting.extend({
  holidayListVersions: z.array(z.strictObject({ id: Slug, version: z.int() })).optional(),
}).meta({ id: 'CalendarDocument' });
export type CalendarDocument = z.infer<typeof CalendarDocument>;

/** The calendar that clocks count by: its own holidays and those of its lists. */
export const withHolidays = (
  { name, timeZone, weekly, holidays }: CalendarDocument,
  lists: readonly { holidays: readonly Holiday[] }[],
): Calendar => ({ name, timeZone, weekly, holidays: [...holidays, ...lists.flatMap((list) => list.holidays)] });

/** Whether no weekly window opens the calendar at all: every deadline on it would lie in eternity. */
export const neverOpens = ({ weekly }: Calendar): boolean => Object.values(weekly).every((windows) => !windows?.length);
