import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addBusinessTime, businessTimeBetween } from '../../../domain/sla/business-time.ts';
import { MINUTE } from '../../../domain/time.ts';
import { openMinutes } from '../../support/minute-stepper.ts';
import {
  calendarNear,
  calendarNearChange,
  changesOfClock,
  opens,
  wallClockAround,
  ZONES,
} from '../../support/sla-arbitraries.ts';

const DAY = 1440 * MINUTE;
const minutesAround = fc
  .integer({ min: (-3 * DAY) / MINUTE, max: (3 * DAY) / MINUTE })
  .map((minutes) => minutes * MINUTE);
const msAround = fc.integer({ min: -3 * DAY, max: 3 * DAY });
describe('business time around the changes of the clock', () => {
  // Changes of many years, and many calendars at each, are for the night.
  const nightly = process.env.NIGHTLY !== undefined;
  const years = nightly ? ([2020, 2031] as const) : ([2026, 2027] as const);
  const numRuns = nightly ? 60 : 5;

  it.each(ZONES)('is what someone counts who looks at the clock on the wall every minute, in %s', (timeZone) => {
    for (const change of changesOfClock(timeZone, ...years)) {
      fc.assert(
        fc.property(calendarNear(timeZone, change), minutesAround, minutesAround, ({ calendar, middle }, a, b) => {
          const wall = wallClockAround(calendar.timeZone, middle);
          const open = openMinutes(calendar, wall);
          const [from, to] = [middle + Math.min(a, b), middle + Math.max(a, b)];
          const index = (ms: number) => (ms - wall.fromMs) / MINUTE;
          const counted = open.slice(index(from), index(to)).filter(Boolean).length;

          expect(businessTimeBetween(calendar, from, to)).toBe(counted * MINUTE);
          if (counted === 0) return;
          const minuteOfDeadline = open.findLastIndex((isOpen, t) => isOpen && t < index(to));
          expect(addBusinessTime(calendar, from, counted * MINUTE)).toBe(wall.fromMs + (minuteOfDeadline + 1) * MINUTE);
        }),
        { numRuns },
      );
    }
  });

  it('is tried at the changes of thirty zones', () => {
    const changing = ZONES.filter((timeZone) => changesOfClock(timeZone).length > 1);
    expect(changing.length).toBeGreaterThanOrEqual(30);
  });

  it('adds what it counts: the deadline lies as far from the start as was added', () => {
    fc.assert(
      fc.property(
        calendarNearChange,
        msAround,
        fc.integer({ min: 0, max: 60 * DAY }),
        ({ calendar, middle }, shift, duration) => {
          fc.pre(opens(calendar));
          const start = middle + shift;
          const deadline = addBusinessTime(calendar, start, duration);
          expect(businessTimeBetween(calendar, start, deadline)).toBe(duration);
          // The earliest such instant: a millisecond sooner, less has passed.
          if (duration > 0) expect(businessTimeBetween(calendar, start, deadline - 1)).toBe(duration - 1);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('counts what it adds: the deadline for the time until an instant lies at it, or before it when that is closed', () => {
    fc.assert(
      fc.property(calendarNearChange, msAround, msAround, ({ calendar, middle }, a, b) => {
        const [from, to] = [middle + Math.min(a, b), middle + Math.max(a, b)];
        const passed = businessTimeBetween(calendar, from, to);
        const deadline = addBusinessTime(calendar, from, passed);
        expect(deadline).toBeLessThanOrEqual(to);
        expect(businessTimeBetween(calendar, deadline, to)).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on where a span of time is divided', () => {
    fc.assert(
      fc.property(
        calendarNearChange,
        fc.array(fc.integer({ min: -900 * DAY, max: 900 * DAY }), { minLength: 3, maxLength: 3 }),
        ({ calendar, middle }, shifts) => {
          const [a, b, c] = shifts.toSorted((x, y) => x - y).map((shift) => middle + shift);
          expect(businessTimeBetween(calendar, a!, b!) + businessTimeBetween(calendar, b!, c!)).toBe(
            businessTimeBetween(calendar, a!, c!),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('added in two parts leads to the same deadline as added at once', () => {
    fc.assert(
      fc.property(
        calendarNearChange,
        msAround,
        fc.integer({ min: 1, max: 30 * DAY }),
        fc.integer({ min: 1, max: 30 * DAY }),
        ({ calendar, middle }, shift, first, second) => {
          fc.pre(opens(calendar));
          const start = middle + shift;
          expect(addBusinessTime(calendar, addBusinessTime(calendar, start, first), second)).toBe(
            addBusinessTime(calendar, start, first + second),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});
