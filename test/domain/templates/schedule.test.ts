import { describe, expect, it } from 'vitest';
import { firstDue, nextDue, Schedule } from '../../../domain/templates/schedule.ts';

const london = { at: '09:00', timeZone: 'Europe/London' };
const schedule = (fields: object): Schedule => Schedule.parse({ ...london, ...fields });
const dues = (fields: object, from: string, count: number): string[] => {
  const all = [from];
  while (all.length <= count) all.push(nextDue(schedule(fields), `${all.at(-1)}`));
  return all.slice(1).map((due) => due.slice(0, 16));
};

describe('cases of a schedule are due', () => {
  it.each([
    [
      'every two days, at the same wall-clock time over the change to summer time',
      { everyDays: 2 },
      '2026-03-27T09:00:00.000Z',
      ['2026-03-29T08:00', '2026-03-31T08:00'],
    ],
    [
      'on weekdays',
      { weekly: ['mon', 'thu'] },
      '2026-01-05T09:00:00.000Z',
      ['2026-01-08T09:00', '2026-01-12T09:00', '2026-01-15T09:00'],
    ],
    [
      'on a day of the month, on the last in shorter ones',
      { monthly: 31 },
      '2026-01-31T09:00:00.000Z',
      ['2026-02-28T09:00', '2026-03-31T08:00', '2026-04-30T08:00'],
    ],
    [
      'after the missing hour where the clock jumps over the time',
      { everyDays: 1, at: '01:30' },
      '2026-03-28T01:30:00.000Z',
      ['2026-03-29T01:30', '2026-03-30T00:30'],
    ],
    [
      'once in the hour that comes twice',
      { everyDays: 1, at: '01:30' },
      '2026-10-24T00:30:00.000Z',
      ['2026-10-25T00:30', '2026-10-26T01:30'],
    ],
    [
      'on the same day when the time is still to come',
      { weekly: ['mon'] },
      '2026-01-05T08:59:00.000Z',
      ['2026-01-05T09:00'],
    ],
  ])('%s', (_, fields, from, expected) => {
    expect(dues(fields, from, expected.length)).toEqual(expected);
  });
});

describe('the first case is due', () => {
  const now = '2026-01-05T10:00:00.000Z';

  it.each([
    ['when it says', { everyDays: 7, nextAt: '2026-02-01T12:34:00.000Z' }, '2026-02-01T12:34:00.000Z'],
    [
      'at the next time that fits when it says a time that is past',
      { everyDays: 7, nextAt: '2026-01-01T00:00:00.000Z' },
      '2026-01-06T09:00:00.000Z',
    ],
    ['on the same day when its time is still to come', { everyDays: 7, at: '11:00' }, '2026-01-05T11:00:00.000Z'],
    ['on the next of its weekdays', { weekly: ['mon'] }, '2026-01-12T09:00:00.000Z'],
  ])('%s', (_, fields, expected) => {
    expect(firstDue(schedule(fields), now)).toBe(expected);
  });
});

it.each([
  ['two kinds at once', { everyDays: 1, monthly: 1 }],
  ['none', {}],
  ['no such time of day', { everyDays: 1, at: '24:00' }],
  ['no such zone', { everyDays: 1, timeZone: 'Europe/Atlantis' }],
])('a schedule with %s is none', (_, fields) => {
  expect(Schedule.safeParse({ ...london, ...fields }).success).toBe(false);
});
