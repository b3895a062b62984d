import { z } from 'zod';

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

/** A zone of the IANA database, by name. */
export const TimeZone = z.string().refine(isZone, { error: 'not a time zone of the IANA database' });
