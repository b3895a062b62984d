import { z } from 'zod';
import { Holiday, MAX_HOLIDAYS } from './calendar.ts';

/** How far the repeating events of an imported file are written out; what lies before or after is not in the list. */
export const ImportedHolidays = z.strictObject({
  events: z.int().describe('Events of the file that are in the list'),
  fromDate: z.iso.date().describe('Repeating events are written out from here'),
  toDate: z.iso.date().describe('… to here; import the file again before that day'),
});

/** Holidays that several calendars share. */
export const HolidayList = z
  .strictObject({
    name: z.string().min(1).max(100).optional(),
    holidays: z.array(Holiday).max(MAX_HOLIDAYS),
    imported: ImportedHolidays.optional(),
  })
  .meta({ id: 'HolidayList' });
export type HolidayList = z.infer<typeof HolidayList>;
