import { describe, expect, it } from 'vitest';
import { addBusinessTime, BeyondHorizon, businessTimeBetween } from '../../../domain/sla/business-time.ts';
import type { Calendar } from '../../../domain/sla/calendar.ts';
import { MINUTE, toInstant, toMs } from '../../../domain/time.ts';
import { at, everyDay, LONDON, officeHours, short } from '../../support/sla-builders.ts';

const HOUR = 60 * MINUTE;
const add = (calendar: Calendar | undefined, start: string, ms: number) =>
  short(toInstant(addBusinessTime(calendar, toMs(at(start)), ms)));
const minutesBetween = (calendar: Calendar | undefined, from: string, to: string) =>
  businessTimeBetween(calendar, toMs(at(from)), toMs(at(to))) / MINUTE;

const NEW_YORK = officeHours('America/New_York');
const EASTER = officeHours('Europe/London', [{ date: '2026-04-03' }, { date: '2026-04-06' }]);
const WITH_LUNCH = everyDay('Europe/London', { from: '09:00', to: '12:00' }, { from: '13:00', to: '17:00' });
const NIGHTS = everyDay('America/New_York', { from: '22:00', to: '06:00' });

describe('a deadline in business time', () => {
  it.each([
    ['runs on after the weekend', LONDON, '2026-03-06 16:30', 60, '2026-03-09 09:30'],
    ['counts from opening when work arrives before it', LONDON, '2026-03-09 07:00', 240, '2026-03-09 13:00'],
    ['stays at closing when it falls exactly there', LONDON, '2026-03-09 09:00', 480, '2026-03-09 17:00'],
    ['moves to the next day one minute later', LONDON, '2026-03-09 09:00', 481, '2026-03-10 09:01'],
    ['stays at closing over several days', LONDON, '2026-03-09 09:00', 960, '2026-03-10 17:00'],
    ['without a calendar counts around the clock', undefined, '2026-03-07 12:00', 1440, '2026-03-08 12:00'],
    ['observes holidays', EASTER, '2026-04-02 15:00', 240, '2026-04-07 11:00'],
    ['without the holidays comes four days sooner', LONDON, '2026-04-02 15:00', 240, '2026-04-03 11:00'],
    ['pauses over lunch', WITH_LUNCH, '2026-03-09 11:30', 120, '2026-03-09 14:30'],
    [
      'stays at the beginning of lunch when it falls exactly there',
      WITH_LUNCH,
      '2026-03-09 11:30',
      30,
      '2026-03-09 12:00',
    ],
    ['works years ahead', LONDON, '2026-03-09 09:00', 480 * 5 * 52, '2027-03-05 17:00'],
  ])('%s', (_, calendar, start, minutes, deadline) => {
    expect(add(calendar, start, minutes * MINUTE)).toBe(deadline);
  });

  it.each([
    [
      '24 hours around the clock in London over the start of summer time',
      everyDay('Europe/London', { from: '00:00', to: '24:00' }),
      '2026-03-28 12:00',
      24,
      '2026-03-29 12:00',
    ],
    [
      '24 hours around the clock in New York over the end of summer time',
      everyDay('America/New_York', { from: '00:00', to: '24:00' }),
      '2026-10-31 16:00',
      24,
      '2026-11-01 16:00',
    ],
    [
      '8 hours in New York over the start of summer time end at 16:00 local time',
      NEW_YORK,
      '2026-03-06 21:00',
      8,
      '2026-03-09 20:00',
    ],
    [
      '6 hours of the short night from 22:00 end at 05:00 local time',
      NIGHTS,
      '2026-03-08 03:00',
      6,
      '2026-03-08 09:00',
    ],
    ['6 hours of the long night from 22:00 end at 03:00 local time', NIGHTS, '2026-11-01 02:00', 6, '2026-11-01 08:00'],
  ])('counts hours that really pass: %s', (_, calendar, start, hours, deadline) => {
    expect(add(calendar, start, hours * HOUR)).toBe(deadline);
  });

  it('stays at closing on each day of three years', () => {
    const everyDayInUtc = everyDay('UTC', { from: '09:00', to: '17:00' });
    for (let day = 0; day < 3 * 366; day += 1) {
      const opening = toMs(at('2025-01-01 09:00')) + day * 24 * HOUR;
      expect(addBusinessTime(everyDayInUtc, opening, 8 * HOUR)).toBe(opening + 8 * HOUR);
    }
  });

  it('is exact to the millisecond', () => {
    const friday = toMs('2026-03-06T16:59:59.750Z');
    expect(toInstant(addBusinessTime(LONDON, friday, 1001))).toBe('2026-03-09T09:00:00.751Z');
    expect(businessTimeBetween(LONDON, friday, toMs('2026-03-09T09:00:00.751Z'))).toBe(1001);
  });

  it('is the start itself when nothing is to be waited for, even outside hours', () => {
    expect(add(LONDON, '2026-03-07 03:00', 0)).toBe('2026-03-07 03:00');
    expect(add(LONDON, '2026-03-07 03:00', -HOUR)).toBe('2026-03-07 03:00');
  });

  it('waits for an opening that lies decades ahead', () => {
    const closed = officeHours('Europe/London', [{ fromDate: '2026-01-01', toDate: '2075-12-31' }]);
    expect(add(closed, '2026-03-09 09:00', HOUR)).toBe('2076-01-01 10:00');
  });

  it.each([
    ['a calendar without a window', { timeZone: 'UTC', weekly: {}, holidays: [] }, MINUTE],
    ['a holiday of centuries', officeHours('UTC', [{ fromDate: '2026-01-01', toDate: '9999-12-31' }]), MINUTE],
    [
      'two years of work in one hour a week',
      { timeZone: 'UTC', weekly: { mon: [{ from: '09:00', to: '10:00' }] }, holidays: [] },
      1_051_200 * MINUTE,
    ],
  ])('is refused a search without end: %s', (_, calendar, ms) => {
    expect(() => add(calendar, '2026-03-09 09:00', ms)).toThrow(BeyondHorizon);
  });

  it('never lies where an instant can no longer be written', () => {
    expect(() => add(undefined, '9999-12-31 23:00', 2 * HOUR)).toThrow(BeyondHorizon);
  });
});

describe('the business time between two instants', () => {
  it.each([
    ['leaves out the weekend', LONDON, '2026-03-06 15:30', '2026-03-09 10:00', 150],
    ['is nothing outside hours', LONDON, '2026-03-06 17:00', '2026-03-09 09:00', 0],
    ['is nothing backwards', LONDON, '2026-03-10 10:00', '2026-03-09 10:00', 0],
    ['is all time without a calendar', undefined, '2026-03-06 17:00', '2026-03-06 18:00', 60],
    ['holds 420 minutes of the night that summer time shortens', NIGHTS, '2026-03-08 00:00', '2026-03-08 20:00', 420],
    ['holds 540 minutes of the night that summer time lengthens', NIGHTS, '2026-10-31 20:00', '2026-11-01 20:00', 540],
    ['counts a year of office hours', LONDON, '2025-01-01 00:00', '2026-01-01 00:00', 261 * 480],
    [
      'counts overlapping windows once',
      everyDay('UTC', { from: '09:00', to: '12:00' }, { from: '10:00', to: '13:00' }),
      '2026-03-09 00:00',
      '2026-03-10 00:00',
      240,
    ],
    [
      'counts a window of a whole day from nine to nine',
      everyDay('UTC', { from: '09:00', to: '09:00' }),
      '2026-03-09 00:00',
      '2026-03-10 00:00',
      1440,
    ],
  ])('%s', (_, calendar, from, to, minutes) => {
    expect(minutesBetween(calendar, from, to)).toBe(minutes);
  });

  it('is refused over more than a hundred years', () => {
    expect(() => minutesBetween(LONDON, '1980-01-01 00:00', '2106-01-01 00:00')).toThrow(BeyondHorizon);
  });
});

describe('a holiday', () => {
  const nights = (holiday: Calendar['holidays'][number]) => ({
    ...everyDay('UTC', { from: '22:00', to: '06:00' }),
    holidays: [holiday],
  });

  it('closes the local day from midnight to midnight and cuts the night that runs into it', () => {
    const calendar = nights({ date: '2026-03-10' });
    expect(minutesBetween(calendar, '2026-03-09 22:00', '2026-03-10 06:00')).toBe(120);
    expect(minutesBetween(calendar, '2026-03-10 22:00', '2026-03-11 06:00')).toBe(360);
  });

  it('of several days includes the first and the last', () => {
    const calendar = officeHours('UTC', [{ fromDate: '2026-03-10', toDate: '2026-03-11' }]);
    expect(minutesBetween(calendar, '2026-03-09 00:00', '2026-03-13 00:00')).toBe(960);
  });

  it('of part of a day closes only that part, also past midnight', () => {
    expect(
      minutesBetween(
        officeHours('UTC', [{ date: '2026-03-10', from: '12:00', to: '24:00' }]),
        '2026-03-10 00:00',
        '2026-03-11 00:00',
      ),
    ).toBe(180);
    expect(
      minutesBetween(
        nights({ date: '2026-03-09', from: '23:00', to: '01:00' }),
        '2026-03-09 12:00',
        '2026-03-10 12:00',
      ),
    ).toBe(360);
  });

  it('may overlap another', () => {
    const calendar = officeHours('UTC', [
      { date: '2026-03-10' },
      { fromDate: '2026-03-10', toDate: '2026-03-11' },
      { date: '2026-03-12', from: '09:00', to: '10:00' },
    ]);
    expect(minutesBetween(calendar, '2026-03-09 00:00', '2026-03-13 00:00')).toBe(480 + 420);
  });

  it('lasts 25 hours where the local day does', () => {
    const calendar = {
      ...everyDay('Europe/London', { from: '00:00', to: '24:00' }),
      holidays: [{ date: '2026-10-25' }],
    };
    expect(minutesBetween(calendar, '2026-10-24 00:00', '2026-10-27 00:00')).toBe((72 - 25) * 60);
  });

  it('before the day on which the hour after midnight comes twice ends at the first midnight', () => {
    const calendar = {
      ...everyDay('Atlantic/Azores', { from: '00:00', to: '24:00' }),
      holidays: [{ date: '2026-10-24' }],
    };
    expect(minutesBetween(calendar, '2026-10-24 00:00', '2026-10-26 01:00')).toBe(25 * 60);
  });
});

describe('an edge of a window on the day that summer time starts or ends', () => {
  // London jumps from 01:00 to 02:00 on 29 March and repeats 01:00 to 02:00 on 25 October 2026.
  it.each([
    [
      'an opening that the clock jumps over moves to the first instant after the jump',
      '01:30',
      '04:00',
      '2026-03-29 00:00',
      '2026-03-29 12:00',
      120,
    ],
    [
      'a closing that the clock jumps over moves to the first instant after the jump',
      '00:00',
      '01:30',
      '2026-03-29 00:00',
      '2026-03-29 12:00',
      60,
    ],
    ['a window that the clock jumps over does not open', '01:10', '01:50', '2026-03-29 00:00', '2026-03-29 12:00', 0],
    ['an opening in the repeated hour takes the first', '01:30', '04:00', '2026-10-25 00:00', '2026-10-25 12:00', 210],
    ['a closing in the repeated hour takes the last', '00:00', '01:30', '2026-10-24 23:00', '2026-10-25 12:00', 150],
    [
      'a window within the repeated hour stays open from the first to the last',
      '01:15',
      '01:45',
      '2026-10-25 00:00',
      '2026-10-25 12:00',
      90,
    ],
  ])('%s', (_, from, to, start, end, minutes) => {
    expect(minutesBetween(everyDay('Europe/London', { from, to }), start, end)).toBe(minutes);
  });
});
