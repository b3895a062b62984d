import { toMs } from '../time.ts';
import type { Period, Span } from './period.ts';

/** A row of a cube as it is stored: everything that was counted on one day (UTC) for some dimensions. */
export interface Row {
  day: string;
  dims: readonly string[];
  cells: readonly { measure: string; quarter: number; n: number }[];
}

/** What was counted, by measure. */
export type Measures = Readonly<Record<string, number>>;

/** What was counted for one key of a report. */
export interface Group {
  key: string;
  measures: Measures;
}

/** Sums of a whole period and of each of its parts. */
export interface Sums {
  groups: Group[];
  parts: (Span & { groups: Group[] })[];
}

const DAY = 24 * 3_600_000;
const QUARTER = 15 * 60_000;

/**
 * Adds rows up by a key that their dimensions give, for a period and its parts; rows without a key do not count. A row
 * may count under several keys.
 */
export const sumUp = (
  rows: readonly Row[],
  { from, to, parts }: Period,
  keysOf: (dims: readonly string[]) => readonly string[],
): Sums => {
  const [start, end] = [toMs(from), toMs(to)];
  const ends = parts.map((part) => toMs(part.to));
  const whole = new Map<string, Record<string, number>>();
  const each = parts.map(() => new Map<string, Record<string, number>>());
  for (const { day, dims, cells } of rows) {
    const keys = keysOf(dims);
    const midnight = Date.parse(`${day}T00:00:00.000Z`);
    for (const { measure, quarter, n } of cells) {
      const at = midnight + quarter * QUARTER;
      if (n === 0 || at < start || at >= end) continue;
      const part = each[indexOf(ends, at)];
      for (const key of keys) {
        add(whole, key, measure, n);
        if (part) add(part, key, measure, n);
      }
    }
  }
  return {
    groups: groupsOf(whole),
    parts: parts.map((part, n) => ({ ...part, groups: groupsOf(each[n] ?? new Map()) })),
  };
};

/** The first part that ends behind an instant; their ends rise. */
const indexOf = (ends: readonly number[], at: number): number => {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
};

const add = (sums: Map<string, Record<string, number>>, key: string, measure: string, n: number): void => {
  const sum = sums.get(key) ?? {};
  sum[measure] = (sum[measure] ?? 0) + n;
  sums.set(key, sum);
};

const groupsOf = (sums: ReadonlyMap<string, Record<string, number>>): Group[] =>
  [...sums]
    .filter(([, measures]) => Object.values(measures).some((n) => n !== 0))
    .map(([key, measures]) => ({ key, measures }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));

/** All that rows hold, by the key that their dimensions give, whenever it was counted. */
export const measuresOf = (
  rows: readonly Row[],
  keyOf: (dims: readonly string[]) => string,
): ReadonlyMap<string, Measures> => {
  const sums = new Map<string, Record<string, number>>();
  for (const { dims, cells } of rows) for (const { measure, n } of cells) add(sums, keyOf(dims), measure, n);
  return sums;
};

/** The days (UTC) that a span touches, first and last. */
export const daysOf = ({ from, to }: Span): { first: string; last: string } => ({
  first: from.slice(0, 10),
  last: new Date(toMs(to) - 1).toISOString().slice(0, 10),
});

/** The months (UTC) of days, as `2026-03`. */
export const monthsOf = ({ first, last }: { first: string; last: string }): string[] => {
  const months: string[] = [];
  for (let at = Date.parse(`${first.slice(0, 7)}-01T00:00:00.000Z`); ; at += 31 * DAY) {
    const month = new Date(at).toISOString().slice(0, 7);
    if (month > last.slice(0, 7)) return months;
    months.push(month);
    at = Date.parse(`${month}-01T00:00:00.000Z`);
  }
};
