import { MINUTE } from '../time.ts';
import type { Calendar, DailyRange, Holiday } from './calendar.ts';
import { firstInstantOf, lastInstantOf, type ZoneClock, zoneClock } from './zone-clock.ts';

/** From one instant, included, to another, excluded; milliseconds since the epoch. */
export type Interval = { readonly start: number; readonly end: number };

const DAY = 1440 * MINUTE;

/** No offset is larger than 15 hours and no window longer than two days: what touches a span began within this. */
const MARGIN = 3 * DAY;

/**
 * The open intervals of a calendar between two instants: sorted, disjoint, cut to the span. Local time becomes instants
 * here and nowhere else. An edge that the clock jumps over moves to the first instant after the jump; an edge that the
 * clock shows twice opens at the first and closes at the last.
 */
export const openingTimes = (calendar: Calendar, fromMs: number, toMs: number): Interval[] => {
  const clock = zoneClock(calendar.timeZone, fromMs - MARGIN, toMs + MARGIN);
  const cut = ({ start, end }: Interval): Interval => ({ start: Math.max(start, fromMs), end: Math.min(end, toMs) });
  const closed = union(calendar.holidays.map((holiday) => cut(closureOf(clock, holiday))));
  const open: Interval[] = [];
  for (let wallDay = Math.floor((fromMs - MARGIN) / DAY); wallDay * DAY < toMs + MARGIN; wallDay += 1) {
    for (const range of windowsOn(calendar, wallDay)) open.push(cut(rangeOn(clock, wallDay, range)));
  }
  return union(open).flatMap((interval) => without(closed, interval));
};

const isSome = ({ start, end }: Interval): boolean => start < end;

/** The windows of a local day; days count from Thursday, 1 January 1970. */
const windowsOn = ({ weekly }: Calendar, wallDay: number): readonly DailyRange[] => {
  const week = [weekly.thu, weekly.fri, weekly.sat, weekly.sun, weekly.mon, weekly.tue, weekly.wed];
  return week[((wallDay % 7) + 7) % 7] ?? [];
};

const rangeOn = (clock: ZoneClock, wallDay: number, range: DailyRange): Interval => {
  const from = minutesOf(range.from);
  const to = minutesOf(range.to);
  const midnight = wallDay * DAY;
  return {
    start: firstInstantOf(clock, midnight + from * MINUTE),
    end: lastInstantOf(clock, midnight + (to > from ? to : to + 1440) * MINUTE),
  };
};

/** A whole day ends where the next begins, also in zones that repeat the hour after midnight. */
const closureOf = (clock: ZoneClock, holiday: Holiday): Interval => {
  if ('from' in holiday) return rangeOn(clock, dayNumber(holiday.date), holiday);
  const [first, last] = 'date' in holiday ? [holiday.date, holiday.date] : [holiday.fromDate, holiday.toDate];
  return {
    start: firstInstantOf(clock, dayNumber(first) * DAY),
    end: firstInstantOf(clock, (dayNumber(last) + 1) * DAY),
  };
};

const minutesOf = (wallTime: string): number => Number(wallTime.slice(0, 2)) * 60 + Number(wallTime.slice(3));

const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY;

const union = (intervals: readonly Interval[]): Interval[] => {
  const merged: Interval[] = [];
  for (const next of intervals.filter(isSome).toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last === undefined || last.end < next.start) merged.push(next);
    else merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, next.end) };
  }
  return merged;
};

/** What is left of an interval; the closed ones are sorted and disjoint, as `union` leaves them. */
const without = (closed: readonly Interval[], { start, end }: Interval): Interval[] => {
  const left: Interval[] = [];
  let from = start;
  for (const closure of closed) {
    if (closure.end <= from || closure.start >= end) continue;
    left.push({ start: from, end: closure.start });
    from = closure.end;
  }
  return [...left, { start: from, end }].filter(isSome);
};
