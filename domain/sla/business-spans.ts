import type { Calendar } from './calendar.ts';
import { openingTimes } from './opening-times.ts';

/** Opening times are expanded by spans of this length, as they are needed. */
export const SPAN_MS = 366 * 86_400_000;

/**
 * The windows of one span in three columns: where each starts and ends, and how much business time of the span lies
 * before it. With these sums at hand every question is one binary search.
 */
export type Span = {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly before: Float64Array;
  readonly total: number;
};

/** By the calendar object: a version of a calendar never changes, and its spans live as long as it does. */
const spans = new WeakMap<Calendar, Map<number, Span>>();

/** The span with this number: the one that starts `index` span lengths after the Unix epoch. */
export const spanOf = (calendar: Calendar, index: number): Span => {
  let known = spans.get(calendar);
  if (known === undefined) {
    known = new Map();
    spans.set(calendar, known);
  }
  let span = known.get(index);
  if (span === undefined) {
    span = expand(calendar, index);
    known.set(index, span);
  }
  return span;
};

const expand = (calendar: Calendar, index: number): Span => {
  const windows = openingTimes(calendar, index * SPAN_MS, (index + 1) * SPAN_MS);
  const before = new Float64Array(windows.length);
  let total = 0;
  for (const [i, { start, end }] of windows.entries()) {
    before[i] = total;
    total += end - start;
  }
  return {
    starts: Float64Array.from(windows, ({ start }) => start),
    ends: Float64Array.from(windows, ({ end }) => end),
    before,
    total,
  };
};

/** How much business time of the span has passed at an instant within it. */
export const passedAt = ({ starts, ends, before }: Span, atMs: number): number => {
  const i = countBelow(starts, atMs) - 1;
  return i < 0 ? 0 : at(before, i) + Math.min(atMs, at(ends, i)) - at(starts, i);
};

/** The first instant of the span at which this much business time, more than none, has passed. */
export const instantAfter = ({ starts, before }: Span, passed: number): number => {
  const i = countBelow(before, passed) - 1;
  return at(starts, i) + passed - at(before, i);
};

/** How many of the ascending numbers are smaller than the limit. */
const countBelow = (ascending: Float64Array, limit: number): number => {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(ascending, middle) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
};

const at = (numbers: Float64Array, index: number): number => numbers[index] ?? Number.NaN;
