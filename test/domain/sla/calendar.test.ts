import { describe, expect, it } from 'vitest';
import { Calendar, neverOpens } from '../../../domain/sla/calendar.ts';

const monday = (from: string, to: string) => ({ timeZone: 'Europe/London', weekly: { mon: [{ from, to }] } });
const withHoliday = (holiday: object) => ({ ...monday('09:00', '17:00'), holidays: [holiday] });

describe('a calendar', () => {
  it.each([
    ['weekly windows alone', monday('09:00', '17:00')],
    [
      'a break as two windows in a day',
      {
        timeZone: 'UTC',
        weekly: {
          mon: [
            { from: '09:00', to: '12:00' },
            { from: '13:00', to: '17:00' },
          ],
        },
      },
    ],
    ['a window to the end of the day', monday('00:00', '24:00')],
    ['a window past midnight', monday('22:00', '06:00')],
    [
      'windows that overlap',
      {
        timeZone: 'UTC',
        weekly: {
          mon: [
            { from: '09:00', to: '12:00' },
            { from: '10:00', to: '17:00' },
          ],
        },
      },
    ],
    ['a holiday of a day', withHoliday({ date: '2026-12-25', name: 'Christmas' })],
    ['a holiday of several days', withHoliday({ fromDate: '2026-12-24', toDate: '2027-01-01' })],
    ['a holiday of part of a day', withHoliday({ date: '2026-12-24', from: '12:00', to: '24:00' })],
    ['a leap day', withHoliday({ date: '2028-02-29' })],
    ['a name', { ...monday('09:00', '17:00'), name: 'London office' }],
  ])('may have %s', (_, calendar) => {
    expect(Calendar.safeParse(calendar).error).toBeUndefined();
  });

  it.each([
    ['a zone that nobody knows', { ...monday('09:00', '17:00'), timeZone: 'Europe/Atlantis' }, 'timeZone'],
    ['an offset for a zone', { ...monday('09:00', '17:00'), timeZone: '+01:00' }, 'timeZone'],
    ['a window that opens at 24:00', monday('24:00', '06:00'), 'weekly.mon.0.from'],
    ['a window that closes at 24:30', monday('09:00', '24:30'), 'weekly.mon.0.to'],
    ['a time without its zero', monday('9:00', '17:00'), 'weekly.mon.0.from'],
    ['a day that is no weekday', { timeZone: 'UTC', weekly: { monday: [] } }, 'weekly'],
    ['a field that it does not know', { ...monday('09:00', '17:00'), colour: 'blue' }, ''],
    ['30 February', withHoliday({ date: '2026-02-30' }), 'holidays.0.date'],
    ['29 February of a common year', withHoliday({ date: '2027-02-29' }), 'holidays.0.date'],
    [
      'a holiday that ends before it begins',
      withHoliday({ fromDate: '2026-12-27', toDate: '2026-12-24' }),
      'holidays.0.toDate',
    ],
    ['a holiday with a beginning and no end', withHoliday({ date: '2026-12-24', from: '12:00' }), 'holidays.0'],
    ['a holiday without a date', withHoliday({ name: 'Some day' }), 'holidays.0'],
  ])('may not have %s', (_, calendar, path) => {
    expect(Calendar.safeParse(calendar).error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });

  it('without holidays has an empty list of them', () => {
    expect(Calendar.parse(monday('09:00', '17:00')).holidays).toEqual([]);
  });

  it.each([
    ['no weekday at all', {}, true],
    ['weekdays without a window', { mon: [], tue: [] }, true],
    ['one minute a week', { sun: [{ from: '23:59', to: '24:00' }] }, false],
  ])('with %s never opens: %s → %s', (_, weekly, never) => {
    expect(neverOpens(Calendar.parse({ timeZone: 'UTC', weekly }))).toBe(never);
  });
});
