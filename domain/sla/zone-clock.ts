import { Temporal } from 'temporal-polyfill';

/** A stretch of time in which a zone keeps one UTC offset; all in milliseconds, `start` included and `end` not. */
type Stretch = { readonly start: number; readonly end: number; readonly offset: number };

/**
 * What a zone's clock shows around a span of time. A wall time is a number too: the milliseconds since the epoch that
 * the same reading would be in UTC. So a reading turns into an instant by one subtraction, and only the changes of the
 * offset, a few a year, are asked from the time zone database. The first stretch reaches back and the last one forward
 * for ever: every reading is found.
 */
export type ZoneClock = readonly Stretch[];

/** The clock of a zone, exact from `fromMs` to `toMs`. */
export const zoneClock = (timeZone: string, fromMs: number, toMs: number): ZoneClock => {
  const stretches: Stretch[] = [];
  let start = Number.NEGATIVE_INFINITY;
  let here = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(timeZone);
  for (;;) {
    const next = here.getTimeZoneTransition('next');
    const last = next === null || next.epochMilliseconds >= toMs;
    const end = last ? Number.POSITIVE_INFINITY : next.epochMilliseconds;
    stretches.push({ start, end, offset: here.offsetNanoseconds / 1e6 });
    if (last) return stretches;
    start = end;
    here = next;
  }
};

/** The first instant at which the clock shows this reading; where it jumps over it, the first one after the jump. */
export const firstInstantOf = (clock: ZoneClock, wall: number): number => {
  const stretch = clock.find(({ end, offset }) => wall < end + offset);
  return stretch === undefined ? Number.NaN : Math.max(stretch.start, wall - stretch.offset);
};

/** The last instant at which the clock shows this reading; where it jumps over it, the first one after the jump. */
export const lastInstantOf = (clock: ZoneClock, wall: number): number => {
  const stretch = clock.findLast(({ start, offset }) => start + offset <= wall);
  return stretch === undefined ? Number.NaN : Math.min(stretch.end, wall - stretch.offset);
};
