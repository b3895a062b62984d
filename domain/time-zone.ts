import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { type Instant, toMs } from './time.ts';

/** The zone names a person can set; offsets such as `+05:00` are refused because they know no summer time. */
const isZone = (name: string): boolean => {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/** A time zone by its name in the IANA database. */
export const TimeZone = z.string().refine(isZone, { error: 'not a time zone of the IANA database' });

/** A day without a time: ISO 8601, so that comparing the strings compares the days. */
export const LocalDate = z.iso.date().meta({ id: 'LocalDate', examples: ['2026-03-09'] });
export type LocalDate = z.infer<typeof LocalDate>;

/** The day that it is in a time zone at an instant. */
export const dateIn = (timeZone: string, instant: Instant): LocalDate =>
  Temporal.Instant.fromEpochMilliseconds(toMs(instant)).toZonedDateTimeISO(timeZone).toPlainDate().toString();

/** The day that lies as long after `from` as `to` lies after `since`. */
export const asLongAfter = (from: LocalDate, { since, to }: { since: LocalDate; to: LocalDate }): LocalDate => {
  const { days } = Temporal.PlainDate.from(since).until(to, { largestUnit: 'days' });
  return Temporal.PlainDate.from(from).add({ days }).toString();
};
