import { describe, expect, it } from 'vitest';
import { explainDeadline } from '../../../domain/sla/explain-deadline.ts';
import { Life, officeHours } from '../../support/sla-builders.ts';

const OFFICE = { ...officeHours('Europe/London'), name: 'Office hours' };
const promised = { calendarId: 'ldn', calendarVersion: 3 };
const begun = (target = 480) => Life.start({ ...promised, targetMinutes: target }, OFFICE, '2026-03-06 15:30');
const held = () => begun().pause('2026-03-09 10:00');
const FROM = '480 minutes of Office hours (version 3, Europe/London) from Fri 6 March 15:30';
const WAIT = 'held 720 minutes from Mon 9 March 10:00 (status reason onHold) to Tue 10 March 14:00';

describe('why a deadline lies where it does', () => {
  it.each([
    ['runs', begun(), `${FROM}; so due Mon 9 March 15:30.`],
    [
      'waits',
      held(),
      `${FROM}; waiting since Mon 9 March 10:00 (status reason onHold) with 330 minutes left, so nothing is due.`,
    ],
    [
      'has waited',
      held().resume('2026-03-10 14:00'),
      `${FROM}; ${WAIT} (status reason inProgress); so due Wed 11 March 11:30.`,
    ],
    [
      'was missed',
      held().resume('2026-03-10 14:00').settle('2026-03-12 09:00'),
      `${FROM}; ${WAIT} (status reason inProgress); so due Wed 11 March 11:30, and missed.`,
    ],
    ['was met', begun().succeed('2026-03-09 09:20'), `${FROM}; met Mon 9 March 09:20 after 110 minutes.`],
    ['is void', begun().cancel('2026-03-09 09:20'), `${FROM}; void since Mon 9 March 09:20 (case cancelled).`],
    [
      'has less left than it used when it was promised anew',
      begun().retarget('2026-03-09 10:00', { ...promised, targetMinutes: 60 }),
      '60 minutes of Office hours (version 3, Europe/London) from Fri 6 March 15:30; more than that was used already, so missed at once Mon 9 March 10:00.',
    ],
    [
      'runs around the clock, beyond the year',
      Life.start({ targetMinutes: 1 }, undefined, '2026-12-31 23:59'),
      '1 minute around the clock (UTC) from Thu 31 December 23:59; so due Fri 1 January 2027 00:00.',
    ],
  ])('is told of a clock that %s', (_, { instance, calendar }, sentence) => {
    expect(explainDeadline(instance, calendar)).toBe(sentence);
  });

  it('is told in the local time of the calendar, and with its id where it has no name', () => {
    const { instance, calendar } = Life.start(promised, officeHours('America/New_York'), '2026-03-06 21:00');
    expect(explainDeadline(instance, calendar)).toBe(
      '480 minutes of ldn (version 3, America/New_York) from Fri 6 March 16:00; so due Mon 9 March 16:00.',
    );
  });

  it('sums up many waits', () => {
    let life = begun(960);
    for (const hour of [10, 11, 12, 13]) {
      life = life.pause(`2026-03-09 ${hour}:00`).resume(`2026-03-09 ${hour}:15`);
    }
    expect(explainDeadline(life.instance, OFFICE)).toContain(
      '; held 60 minutes in 4 waits; so due Tue 10 March 16:30.',
    );
  });
});

describe('each stretch of a clock', () => {
  it('names the calendar version that it is counted by, also after new terms', () => {
    const other = { calendarId: 'nyc', calendarVersion: 1 };
    const calendar = officeHours('America/New_York');
    const { instance } = held().retarget('2026-03-10 10:00', other, { calendar }).resume('2026-03-10 14:00');
    expect(
      instance.segments.map(({ kind, calendarId, calendarVersion }) => [kind, calendarId, calendarVersion]),
    ).toEqual([
      ['running', 'ldn', 3],
      // It went on under the new terms, which count it.
      ['paused', 'nyc', 1],
      ['running', 'nyc', 1],
    ]);
  });
});
