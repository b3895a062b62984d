import { describe, expect, it } from 'vitest';
import { Holiday } from '../../domain/sla/calendar.ts';
import { type ImportOptions, importHolidays } from '../../functions/settings/import-holidays.ts';

const window: ImportOptions = { fromDate: '2026-01-01', toDate: '2028-12-31' };

const file = (...lines: string[]): string =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Test//EN', ...lines, 'END:VCALENDAR', ''].join('\r\n');
let uid = 0;
const event = (...lines: string[]): string[] => {
  uid += 1;
  return [
    'BEGIN:VEVENT',
    ...(lines.some((line) => line.startsWith('UID')) ? [] : [`UID:${uid}`]),
    ...lines,
    'END:VEVENT',
  ];
};
const read = (text: string, options = window) => {
  const decision = importHolidays(text, options);
  return decision.accepted ? decision.value : (decision.detail ?? '');
};
const holidays = (...lines: string[]) => {
  const found = read(file(...event(...lines)));
  return typeof found === 'string' ? found : found.holidays;
};

describe('an iCalendar file', () => {
  it('as a government publishes it becomes a list of days with their names', () => {
    const found = read(
      file(
        'X-WR-CALNAME:Bank holidays',
        ...event('DTSTART;VALUE=DATE:20260403', 'DTEND;VALUE=DATE:20260404', 'SUMMARY:Good Friday'),
        ...event('DTSTART;VALUE=DATE:20251226', 'DTEND;VALUE=DATE:20251227', 'SUMMARY:Boxing Day'),
        ...event('DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20270102', 'SUMMARY:Christ', ' mas\\, and New Year'),
      ),
    );
    expect(found).toEqual({
      name: 'Bank holidays',
      events: 3,
      ignored: [],
      // What happens once is kept whenever it is: clocks may have started long ago.
      holidays: [
        { date: '2025-12-26', name: 'Boxing Day' },
        { date: '2026-04-03', name: 'Good Friday' },
        { fromDate: '2026-12-24', toDate: '2027-01-01', name: 'Christmas, and New Year' },
      ],
    });
  });

  it.each<[string, string[], object[]]>([
    ['a day without an end is that day', ['DTSTART;VALUE=DATE:20260403'], [{ date: '2026-04-03' }]],
    [
      'a day with a duration is that many days',
      ['DTSTART;VALUE=DATE:20260403', 'DURATION:P3D'],
      [{ fromDate: '2026-04-03', toDate: '2026-04-05' }],
    ],
    [
      'hours are part of a day, as the clock on the wall shows them',
      ['DTSTART;TZID=Europe/London:20261224T120000', 'DTEND;TZID=Europe/London:20261224T173000'],
      [{ date: '2026-12-24', from: '12:00', to: '17:30' }],
    ],
    [
      'hours over several days are the parts of each',
      ['DTSTART:20261224T120000', 'DTEND:20261228T090000'],
      [
        { date: '2026-12-24', from: '12:00', to: '24:00' },
        { fromDate: '2026-12-25', toDate: '2026-12-27' },
        { date: '2026-12-28', from: '00:00', to: '09:00' },
      ],
    ],
    [
      'hours up to midnight end there',
      ['DTSTART:20261224T120000', 'DTEND:20261225T000000'],
      [{ date: '2026-12-24', from: '12:00', to: '24:00' }],
    ],
    [
      'a day of every year is written out in the span that was asked for',
      ['DTSTART;VALUE=DATE:20001225', 'RRULE:FREQ=YEARLY'],
      [{ date: '2026-12-25' }, { date: '2027-12-25' }, { date: '2028-12-25' }],
    ],
    [
      'the last Monday of May is found each year',
      ['DTSTART;VALUE=DATE:20200525', 'RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;UNTIL=20270601'],
      [{ date: '2026-05-25' }, { date: '2027-05-31' }],
    ],
    [
      'a day that is taken out is not closed, one that is added is',
      ['DTSTART;VALUE=DATE:20251225', 'RRULE:FREQ=YEARLY', 'EXDATE;VALUE=DATE:20271225', 'RDATE;VALUE=DATE:20270704'],
      [{ date: '2026-12-25' }, { date: '2027-07-04' }, { date: '2028-12-25' }],
    ],
    [
      '29 February is in leap years only',
      ['DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY'],
      [{ date: '2028-02-29' }],
    ],
  ])('%s', (_, lines, expected) => {
    expect(holidays(...lines)).toEqual(expected);
    for (const holiday of expected) expect(Holiday.safeParse(holiday).success).toBe(true);
  });

  it('moves the one occurrence that an exception moves', () => {
    const found = read(
      file(
        ...event('UID:boxing', 'DTSTART;VALUE=DATE:20251226', 'RRULE:FREQ=YEARLY;COUNT=3', 'SUMMARY:Boxing Day'),
        ...event(
          'UID:boxing',
          'RECURRENCE-ID;VALUE=DATE:20261226',
          'DTSTART;VALUE=DATE:20261228',
          'SUMMARY:Substitute',
        ),
      ),
    );
    expect(found).toMatchObject({
      events: 1,
      holidays: [
        { date: '2026-12-28', name: 'Substitute' },
        { date: '2027-12-26', name: 'Boxing Day' },
      ],
    });
  });

  it('with events in UTC needs to be told whose local time they are', () => {
    const utc = event('DTSTART:20260701T110000Z', 'DTEND:20260701T150000Z');
    expect(read(file(...utc))).toBe(
      'ics: line 4: the event is in UTC: send timeZone, to tell the local time of whom it is',
    );
    const local = [{ date: '2026-07-01', from: '12:00', to: '16:00' }];
    expect(read(file(...utc), { ...window, timeZone: 'Europe/London' })).toMatchObject({ holidays: local });
    expect(read(file('X-WR-TIMEZONE:Europe/London', ...utc))).toMatchObject({ holidays: local });
  });

  it('tells which events it leaves out, and why', () => {
    expect(
      read(
        file(
          ...event('DTSTART;VALUE=DATE:20260403', 'STATUS:CANCELLED', 'SUMMARY:Jubilee'),
          ...event('DTSTART:20260403T120000'),
          ...event('DTSTART;VALUE=DATE:20200101', 'RRULE:FREQ=YEARLY;COUNT=2'),
        ),
      ),
    ).toEqual({
      holidays: [],
      events: 0,
      ignored: [
        'line 4 (Jubilee): it is cancelled',
        'line 10: it lasts no time',
        'line 14: it never happens from 2026-01-01 to 2028-12-31',
      ],
    });
  });

  it.each<[string, string, string]>([
    ['that is none', 'Dear Sir', 'line 1: a file begins with BEGIN:VCALENDAR'],
    ['with a line that is none', file('Dear Sir'), 'line 4: invalid line (no token ";" or ":") "Dear Sir"'],
    ['that is empty', '', 'line 1: a file begins with BEGIN:VCALENDAR'],
    ['that begins elsewhere', 'BEGIN:VEVENT\nEND:VEVENT', 'line 1: a file begins with BEGIN:VCALENDAR'],
    [
      'that was cut off',
      'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260403',
      'line 1: BEGIN:VCALENDAR has no end',
    ],
    ['with an end too many', file('END:VEVENT'), 'line 4: END:VEVENT ends nothing that began'],
    ['with 30 February', file(...event('DTSTART;VALUE=DATE:20260230')), 'line 6: DTSTART is no date: 2026-02-30'],
    ['with a word for a date', file(...event('DTSTART:hello')), 'line 6: DTSTART is no date: hell-o-T::'],
    ['with an event at no time', file(...event('SUMMARY:Some day')), 'line 4: the event has no DTSTART'],
    [
      'with an event that ends before it begins',
      file(...event('DTSTART;VALUE=DATE:20260403', 'DTEND;VALUE=DATE:20260401')),
      'line 4: the event ends before it begins',
    ],
    [
      'with a day that ends at a time',
      file(...event('DTSTART;VALUE=DATE:20260403', 'DTEND:20260404T120000')),
      'line 4: DTSTART and DTEND are a day and a time',
    ],
    [
      'with a rule that is none',
      file(...event('DTSTART;VALUE=DATE:20260403', 'RRULE:FREQ=NEVER')),
      'line 7: invalid frequency "NEVER" expected: "SECONDLY, MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY"',
    ],
    [
      'with a rule of every minute',
      file(...event('DTSTART;VALUE=DATE:20260403', 'RRULE:FREQ=MINUTELY')),
      'line 4: holidays do not repeat MINUTELY',
    ],
    [
      'with a rule that would be looked for for ever',
      file(...event('DTSTART;VALUE=DATE:20260403', 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31')),
      'line 4: a DAILY rule may only have BYDAY',
    ],
    [
      'with days for centuries',
      file(...event('DTSTART;VALUE=DATE:19000101', 'RRULE:FREQ=DAILY')),
      "line 4: the file's events repeat more than 20000 times up to 2028-12-31",
    ],
  ])('%s is refused with its line', (_, text, detail) => {
    expect(read(text)).toBe(`ics: ${detail}`);
  });
});
