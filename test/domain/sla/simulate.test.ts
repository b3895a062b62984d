import { describe, expect, it } from 'vitest';
import { SimulationRequest, SimulationResult, simulate } from '../../../domain/sla/simulate.ts';
import { at, LONDON, officeHours } from '../../support/sla-builders.ts';

const pause = (when: string) => ({ at: at(when), action: 'pause' });
const resume = (when: string) => ({ at: at(when), action: 'resume' });
const request = (changed: object) => ({
  calendar: LONDON,
  startAt: at('2026-03-09 09:00'),
  targetMinutes: 480,
  ...changed,
});
const outcomeOf = (changed: object) => {
  const decision = simulate(SimulationRequest.parse(request(changed)));
  return decision.accepted ? decision.value : decision;
};

describe('a simulation', () => {
  it('tells the life of a clock by the rules of the real one', () => {
    const events = [pause('2026-03-09 10:00'), resume('2026-03-10 14:00')];
    const result = outcomeOf({ startAt: at('2026-03-06 15:30'), warnMinutes: 360, events });
    expect(result).toEqual({
      status: 'inProgress',
      usedMinutes: 150,
      usedSeconds: 9000,
      remainingMinutes: 330,
      warnAt: at('2026-03-11 09:30'),
      failAt: at('2026-03-11 11:30'),
      because:
        '480 minutes of business time (Europe/London) from Fri 6 March 15:30; held 720 minutes from Mon 9 March 10:00 (paused) to Tue 10 March 14:00 (resumed); so due Wed 11 March 11:30.',
      segments: [
        {
          from: at('2026-03-06 15:30'),
          to: at('2026-03-09 10:00'),
          kind: 'running',
          businessMinutes: 150,
          cause: 'started',
        },
        {
          from: at('2026-03-09 10:00'),
          to: at('2026-03-10 14:00'),
          kind: 'paused',
          businessMinutes: 720,
          cause: 'paused',
        },
        { from: at('2026-03-10 14:00'), kind: 'running', businessMinutes: 0, cause: 'resumed' },
      ],
    });
    expect(SimulationResult.strict().safeParse(result).success).toBe(true);
  });

  it.each([
    ['without events shows the start', {}, { status: 'inProgress', usedMinutes: 0, failAt: at('2026-03-09 17:00') }],
    ['without a calendar counts around the clock', { calendar: undefined }, { failAt: at('2026-03-09 17:00') }],
    [
      'as of later shows what has been due',
      { warnMinutes: 360, asOf: at('2026-03-10 10:00') },
      {
        status: 'noncompliant',
        warnedAt: at('2026-03-09 15:00'),
        breachedAt: at('2026-03-09 17:00'),
        usedMinutes: 540,
        remainingMinutes: -60,
      },
    ],
    [
      'as of earlier leaves out later events',
      { events: [pause('2026-03-09 10:00')], asOf: at('2026-03-09 09:30') },
      { status: 'inProgress', usedMinutes: 30 },
    ],
    [
      'ends with a success',
      { events: [{ at: at('2026-03-09 17:00'), action: 'succeed' }] },
      { status: 'succeeded', usedMinutes: 480 },
    ],
    [
      'ends with a cancellation',
      { events: [{ at: at('2026-03-09 10:00'), action: 'cancel' }], asOf: at('2026-03-12 10:00') },
      { status: 'cancelled', usedMinutes: 60 },
    ],
    ['counts seconds', { asOf: '2026-03-09T09:01:30.999Z' }, { usedMinutes: 1, usedSeconds: 90 }],
    [
      'carries the used time to a new target',
      {
        targetMinutes: 960,
        events: [
          pause('2026-03-09 13:00'),
          { at: at('2026-03-10 10:00'), action: 'retarget', targetMinutes: 480 },
          resume('2026-03-11 09:00'),
        ],
      },
      { status: 'inProgress', usedMinutes: 240, failAt: at('2026-03-11 13:00') },
    ],
    [
      'fails once on resumption when the new target is used up',
      {
        targetMinutes: 960,
        events: [
          pause('2026-03-09 13:00'),
          { at: at('2026-03-10 10:00'), action: 'retarget', targetMinutes: 180 },
          resume('2026-03-11 09:00'),
        ],
      },
      { status: 'noncompliant', breachedAt: at('2026-03-11 09:00'), breachReason: 'targetReduced' },
    ],
    [
      'keeps a missed clock when the target changes too late',
      { events: [{ at: at('2026-03-10 10:00'), action: 'retarget', targetMinutes: 960 }] },
      { status: 'noncompliant', breachedAt: at('2026-03-09 17:00') },
    ],
  ])('%s', (_, changed, outcome) => {
    expect(outcomeOf(changed)).toMatchObject(outcome);
  });

  it.each([
    [
      'events that are not in the order of time',
      { events: [pause('2026-03-09 11:00'), resume('2026-03-09 10:00')] },
      'events.1.at',
    ],
    ['an event before the start', { events: [pause('2026-03-08 11:00')] }, 'events.0.at'],
    ['an end before the start', { asOf: at('2026-03-08 11:00') }, 'asOf'],
    ['a warning after the deadline', { warnMinutes: 481 }, 'warnMinutes'],
    [
      'a new target without its minutes',
      { events: [{ at: at('2026-03-09 10:00'), action: 'retarget' }] },
      'events.0.targetMinutes',
    ],
    [
      'a new warning after the new deadline',
      { events: [{ at: at('2026-03-09 10:00'), action: 'retarget', targetMinutes: 60, warnMinutes: 60 }] },
      'events.0.warnMinutes',
    ],
    ['an action that is not known', { events: [{ at: at('2026-03-09 10:00'), action: 'explode' }] }, 'events.0.action'],
  ])('is refused %s', (_, changed, path) => {
    expect(SimulationRequest.safeParse(request(changed)).error?.issues.map((issue) => issue.path.join('.'))).toContain(
      path,
    );
  });

  it('is refused a calendar that never opens', () => {
    expect(outcomeOf({ calendar: { timeZone: 'UTC', weekly: {} } })).toMatchObject({
      accepted: false,
      code: 'CALENDAR_NEVER_OPEN',
    });
  });

  it('is refused a calendar on which the deadline is never reached', () => {
    const closed = officeHours('UTC', [{ fromDate: '2026-01-01', toDate: '9999-12-31' }]);
    expect(outcomeOf({ calendar: closed })).toMatchObject({
      accepted: false,
      code: 'VALIDATION_FAILED',
      errors: [{ path: 'calendar' }],
    });
  });
});
