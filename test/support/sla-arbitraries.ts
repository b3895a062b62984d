import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { businessTimeBetween } from '../../domain/sla/business-time.ts';
import { Calendar, type DailyRange, neverOpens } from '../../domain/sla/calendar.ts';
import { readWallClock, type WallReadings } from './minute-stepper.ts';

const DAY = 86_400_000;

const twoDigits = (n: number): string => String(n).padStart(2, '0');
const timeOf = (minute: number): string => `${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}`;

/** Hours and quarters are met most: edges that fall on each other, on midnight and on the changes of the clock. */
const minuteOfDay = (max: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: 0, max: Math.floor(max / 60) }).map((hour) => hour * 60),
    fc.integer({ min: 0, max: Math.floor(max / 15) }).map((quarter) => quarter * 15),
    fc.integer({ min: 0, max }),
  );

const range: fc.Arbitrary<DailyRange> = fc.record({
  from: minuteOfDay(1439).map(timeOf),
  to: minuteOfDay(1440).map(timeOf),
});

const dateNear = (ms: number): fc.Arbitrary<string> =>
  fc.integer({ min: -3, max: 3 }).map((days) => new Date(ms + days * DAY).toISOString().slice(0, 10));

/** Calendars with breaks, overlapping windows and nights, and holidays of each kind near an instant; some never open. */
const calendarIn = (timeZone: string, nearMs: number): fc.Arbitrary<Calendar> => {
  const day = fc.array(range, { maxLength: 3 });
  const holiday = fc.oneof(
    fc.record({ date: dateNear(nearMs) }),
    fc.tuple(dateNear(nearMs), dateNear(nearMs)).map((dates) => {
      const [fromDate, toDate] = dates.toSorted();
      return { fromDate, toDate };
    }),
    fc.record({ date: dateNear(nearMs), from: minuteOfDay(1439).map(timeOf), to: minuteOfDay(1440).map(timeOf) }),
  );
  return fc
    .record({
      timeZone: fc.constant(timeZone),
      weekly: fc.record({ mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day }),
      holidays: fc.array(holiday, { maxLength: 2 }),
    })
    .map((calendar) => Calendar.parse(calendar));
};

const HALF_SPAN = 4 * DAY;

/** Thirty of them change their clocks in these years, on many dates and by half an hour as well as by one or two. */
export const ZONES = `
  Europe/London Europe/Berlin Europe/Dublin Europe/Kyiv Europe/Lisbon Atlantic/Azores Africa/Cairo Africa/Casablanca
  Asia/Beirut Asia/Jerusalem Asia/Gaza America/New_York America/Chicago America/Denver America/Los_Angeles
  America/Anchorage America/St_Johns America/Halifax America/Havana America/Santiago America/Asuncion America/Nuuk
  Antarctica/Troll Australia/Sydney Australia/Adelaide Australia/Lord_Howe Pacific/Auckland Pacific/Chatham
  Pacific/Norfolk Asia/Nicosia America/Miquelon Asia/Kolkata`
  .trim()
  .split(/\s+/);

/** Every change of a zone's clock from the beginning of one year to that of another, or the middle of March where there is none. */
export const changesOfClock = (timeZone: string, fromYear = 2026, toYear = 2027): number[] => {
  const changes: number[] = [];
  const end = Date.parse(`${toYear}-01-01T00:00Z`);
  let at = Temporal.Instant.from(`${fromYear}-01-01T00:00Z`).toZonedDateTimeISO(timeZone);
  for (;;) {
    const next = at.getTimeZoneTransition('next');
    if (!next || next.epochMilliseconds >= end) break;
    changes.push(next.epochMilliseconds);
    at = next;
  }
  return changes.length > 0 ? changes : [Date.parse(`${fromYear}-03-15T00:00Z`)];
};

const wallClocks = new Map<string, WallReadings>();
/** Cached: reading a week of minutes off the wall takes longer than all else in these tests. */
export const wallClockAround = (timeZone: string, middle: number): WallReadings => {
  const key = `${timeZone} ${middle}`;
  const known = wallClocks.get(key) ?? readWallClock(timeZone, middle - HALF_SPAN, middle + HALF_SPAN);
  wallClocks.set(key, known);
  return known;
};

/** A calendar around an instant. */
export const calendarNear = (timeZone: string, middle: number) =>
  fc.record({ calendar: calendarIn(timeZone, middle), middle: fc.constant(middle) });

/** A calendar near a change of its zone's clock, and that instant. */
export const calendarNearChange = fc
  .constantFrom(...ZONES.flatMap((timeZone) => changesOfClock(timeZone).map((middle) => ({ timeZone, middle }))))
  .chain(({ timeZone, middle }) => calendarNear(timeZone, middle));

/** Whether a calendar opens often enough for the deadlines of a test. */
export const opens = (calendar: Calendar): boolean =>
  !neverOpens(calendar) && businessTimeBetween(calendar, Date.parse('2024-01-01'), Date.parse('2030-01-01')) > 60 * DAY;
