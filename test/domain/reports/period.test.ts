import { describe, expect, it } from 'vitest';
import { type PeriodQuery, periodOf } from '../../../domain/reports/period.ts';
import { monthsOf, sumUp } from '../../../domain/reports/sum.ts';

const now = '2026-03-09T13:37:42.123Z';
const period = (query: PeriodQuery, timeZone = 'UTC') => {
  const decision = periodOf(query, { timeZone, now });
  if (!decision.accepted) throw new Error(decision.detail);
  return decision.value;
};
const starts = (query: PeriodQuery) => period(query).parts.map(({ from }) => from);

describe('a period', () => {
  it('is the last thirty days unless told, whole days of the organisation and the quarter of an hour that runs', () => {
    expect(period({}, 'Europe/London')).toMatchObject({
      from: '2026-02-08T00:00:00.000Z',
      to: '2026-03-09T13:45:00.000Z',
    });
  });

  it('takes local days, the last one included', () => {
    expect(period({ from: '2026-03-01', to: '2026-03-31', timeZone: 'Asia/Kathmandu' })).toMatchObject({
      from: '2026-02-28T18:15:00.000Z',
      to: '2026-03-31T18:15:00.000Z',
    });
  });

  it('takes instants, and moves them out to a quarter of an hour', () => {
    expect(period({ from: '2026-03-09T08:07:00+01:00', to: '2026-03-09T09:16:00.000Z' })).toMatchObject({
      from: '2026-03-09T07:00:00.000Z',
      to: '2026-03-09T09:30:00.000Z',
    });
  });

  it('has days of 23 and 25 hours where a zone changes its clock', () => {
    const days = period({ from: '2026-03-28', to: '2026-03-30', interval: 'day', timeZone: 'Europe/London' }).parts;
    expect(days.map(({ from, to }) => (Date.parse(to) - Date.parse(from)) / 3_600_000)).toEqual([24, 23, 24]);
  });

  it('begins its weeks on Monday and its months on the first, and cuts off what lies outside', () => {
    expect(starts({ from: '2026-03-05', to: '2026-03-17', interval: 'week' })).toEqual([
      '2026-03-05T00:00:00.000Z',
      '2026-03-09T00:00:00.000Z',
      '2026-03-16T00:00:00.000Z',
    ]);
    expect(starts({ from: '2026-01-31', to: '2026-03-01', interval: 'month' })).toEqual([
      '2026-01-31T00:00:00.000Z',
      '2026-02-01T00:00:00.000Z',
      '2026-03-01T00:00:00.000Z',
    ]);
  });

  it.each([
    [{ from: '2026-03-10', to: '2026-03-09' }, 'does not lie before `to`'],
    [{ from: '2024-01-01', to: '2026-03-09' }, 'lies more than 400 days before `to`'],
  ])('%j is refused', (query, message) => {
    expect(periodOf(query, { timeZone: 'UTC', now })).toMatchObject({ errors: [{ path: 'query.from', message }] });
  });

  it('touches each month once', () => {
    expect(monthsOf({ first: '2025-12-31', last: '2026-03-01' })).toEqual(['2025-12', '2026-01', '2026-02', '2026-03']);
  });
});

describe('rows', () => {
  it('add up to the quarter of an hour, in the zone that is asked for', () => {
    const rows = [
      {
        day: '2026-03-01',
        dims: ['web'],
        cells: [
          { measure: 'cases', quarter: 72, n: 1 },
          { measure: 'cases', quarter: 73, n: 2 },
        ],
      },
      {
        day: '2026-03-02',
        dims: ['web'],
        cells: [
          { measure: 'cases', quarter: 72, n: 4 },
          { measure: 'cases', quarter: 73, n: 8 },
        ],
      },
    ];
    const nepal = period({ from: '2026-03-02', to: '2026-03-02', timeZone: 'Asia/Kathmandu', interval: 'day' });
    const { groups, parts } = sumUp(rows, nepal, (dims) => dims);
    // The day lasts from 18:15 to 18:15 UTC: quarter 73 of the day before to quarter 72.
    expect(groups).toEqual([{ key: 'web', measures: { cases: 6 } }]);
    expect(parts.map((part) => part.groups)).toEqual([groups]);
  });
});
