import { z } from 'zod';
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

const Holiday = z.union(
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
    holidays: z.array(Holiday).max(2000).default([]),
  })
  .meta({ id: 'Calendar' });
export type Calendar = z.infer<typeof Calendar>;

/** Whether no weekly window opens the calendar at all: every deadline on it would lie in eternity. */
export const neverOpens = ({ weekly }: Calendar): boolean => Object.values(weekly).every((windows) => !windows?.length);
