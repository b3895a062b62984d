import { MINUTE } from '../time.ts';
import { instantAfter, passedAt, SPAN_MS, spanOf } from './business-spans.ts';
import type { Calendar } from './calendar.ts';

/** How far a deadline may lie from its start. Holidays may close a desk for decades; a search has to end. */
const HORIZON_MS = 100 * 366 * 1440 * MINUTE;

/** The last instant that is written with a year of four digits, so that instants keep sorting as text. */
const END_OF_TIME = Date.parse('9999-12-31T23:59:59.999Z');

/** No such business time within a hundred years: a target that makes no sense on its calendar. */
export class BeyondHorizon extends Error {
  override name = 'BeyondHorizon';
}

/**
 * The instant at which `durationMs` of business time have passed since `startMs`, to the millisecond; without a
 * calendar, around the clock. It is the earliest such instant: a deadline that falls exactly at closing stays at
 * closing, and with nothing to wait for (zero or less) the start itself is returned, even when it lies outside hours.
 */
export const addBusinessTime = (calendar: Calendar | undefined, startMs: number, durationMs: number): number => {
  if (durationMs <= 0) return startMs;
  const deadline = calendar === undefined ? startMs + durationMs : search(calendar, startMs, durationMs);
  if (deadline > END_OF_TIME) throw new BeyondHorizon('the deadline lies after the year 9999');
  return deadline;
};

const search = (calendar: Calendar, startMs: number, durationMs: number): number => {
  const first = Math.floor(startMs / SPAN_MS);
  let left = durationMs + passedAt(spanOf(calendar, first), startMs);
  for (let index = first; index * SPAN_MS <= startMs + HORIZON_MS; index += 1) {
    const span = spanOf(calendar, index);
    if (left <= span.total) return instantAfter(span, left);
    left -= span.total;
  }
  throw new BeyondHorizon(`no ${Math.ceil(durationMs / MINUTE)} minutes of business time within a hundred years`);
};

/** The business time between two instants, to the millisecond; none when the second is not after the first. */
export const businessTimeBetween = (calendar: Calendar | undefined, fromMs: number, toMs: number): number => {
  if (toMs <= fromMs) return 0;
  if (calendar === undefined) return toMs - fromMs;
  if (toMs - fromMs > HORIZON_MS) throw new BeyondHorizon('the two instants lie more than a hundred years apart');
  const first = Math.floor(fromMs / SPAN_MS);
  const last = Math.floor(toMs / SPAN_MS);
  let sum = passedAt(spanOf(calendar, last), toMs) - passedAt(spanOf(calendar, first), fromMs);
  for (let index = first; index < last; index += 1) sum += spanOf(calendar, index).total;
  return sum;
};
