import type { Calendar } from '../../domain/sla/calendar.ts';

const MINUTE = 60_000;
const DAY_MINUTES = 1440;
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** What the clock on the wall shows at each minute of a span; the reading as minutes since 1970, as if it were UTC. */
export type WallReadings = { fromMs: number; readings: readonly number[] };

export const readWallClock = (timeZone: string, fromMs: number, toMs: number): WallReadings => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const readings: number[] = [];
  for (let at = fromMs; at < toMs; at += MINUTE) {
    readings.push(Date.parse(`${format.format(at).replace(' ', 'T')}Z`) / MINUTE);
  }
  return { fromMs, readings };
};

/**
 * A second opinion on business time, as slow and plain as can be: it looks at the clock on the wall every minute. A
 * window has opened once the clock has shown its opening time or a later one, and has closed once the clock will never
 * again show its closing time or an earlier one. A minute on a holiday's date is closed.
 */
export const openMinutes = (calendar: Calendar, { readings }: WallReadings): boolean[] => {
  const latestSoFar = runningMax(readings);
  const earliestToCome = runningMax(readings.map((reading) => -reading).toReversed())
    .map((negative) => -negative)
    .toReversed();

  const within = (t: number, from: number, to: number): boolean =>
    latestSoFar[t]! >= from && (readings[t]! < to || (earliestToCome[t + 1] ?? to + 1) <= to);
  const firstDay = Math.floor(readings[0]! / DAY_MINUTES) - 2;
  const lastDay = Math.floor(readings.at(-1)! / DAY_MINUTES) + 1;
  const open = readings.map(() => false);
  for (let day = firstDay; day <= lastDay; day += 1) {
    for (const range of calendar.weekly[WEEKDAYS[(day + 4) % 7]!] ?? []) {
      const [from, to] = edges(day, range);
      for (const t of readings.keys()) open[t] ||= within(t, from, to);
    }
  }
  for (const holiday of calendar.holidays) {
    if ('from' in holiday) {
      const [from, to] = edges(dayOf(holiday.date), holiday);
      for (const t of readings.keys()) open[t] &&= !within(t, from, to);
    } else {
      const first = dayOf('date' in holiday ? holiday.date : holiday.fromDate);
      const last = dayOf('date' in holiday ? holiday.date : holiday.toDate);
      for (const [t, reading] of readings.entries()) {
        const day = Math.floor(reading / DAY_MINUTES);
        if (first <= day && day <= last) open[t] = false;
      }
    }
  }
  return open;
};

const runningMax = (numbers: readonly number[]): number[] => {
  let max = Number.NEGATIVE_INFINITY;
  return numbers.map((number) => {
    max = Math.max(max, number);
    return max;
  });
};

const dayOf = (date: string): number => Date.parse(date) / MINUTE / DAY_MINUTES;

const edges = (day: number, { from, to }: { from: string; to: string }): [number, number] => {
  const [opens, closes] = [minutes(from), minutes(to)];
  return [day * DAY_MINUTES + opens, day * DAY_MINUTES + closes + (closes > opens ? 0 : DAY_MINUTES)];
};

const minutes = (time: string): number => {
  const [hours, rest] = time.split(':').map(Number);
  return hours! * 60 + rest!;
};
