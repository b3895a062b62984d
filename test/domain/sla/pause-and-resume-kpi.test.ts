import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../../domain/time.ts';
import { at, Life, LONDON, short } from '../../support/sla-builders.ts';

const times = ({ instance: { warnAt, failAt } }: Life) => [short(warnAt), short(failAt)];

describe('a pause', () => {
  it('over a working day moves the deadline by the business time that it lasted', () => {
    const held = Life.start({ warnMinutes: 360 }, LONDON, '2026-03-06 15:30').pause('2026-03-09 10:00');
    expect(held.instance).toMatchObject({ status: 'paused', usedMs: 150 * MINUTE, pausedAt: at('2026-03-09 10:00') });
    expect(times(held)).toEqual([undefined, undefined]);

    const resumed = held.resume('2026-03-10 14:00');
    expect(times(resumed)).toEqual(['2026-03-11 09:30', '2026-03-11 11:30']);
    expect(resumed.instance.segments).toEqual([
      {
        from: at('2026-03-06 15:30'),
        to: at('2026-03-09 10:00'),
        kind: 'running',
        businessMs: 150 * MINUTE,
        cause: 'created',
      },
      {
        from: at('2026-03-09 10:00'),
        to: at('2026-03-10 14:00'),
        kind: 'paused',
        businessMs: 720 * MINUTE,
        cause: 'status reason onHold',
      },
      { from: at('2026-03-10 14:00'), kind: 'running', cause: 'status reason inProgress' },
    ]);
    expect(resumed.facts.slice(1)).toEqual([
      {
        type: 'sla.paused',
        occurredAt: at('2026-03-09 10:00'),
        kpi: 'resolve',
        generation: 1,
        epoch: 2,
        cause: 'status reason onHold',
      },
      {
        type: 'sla.resumed',
        occurredAt: at('2026-03-10 14:00'),
        kpi: 'resolve',
        generation: 1,
        epoch: 3,
        cause: 'status reason inProgress',
        warnAt: at('2026-03-11 09:30'),
        failAt: at('2026-03-11 11:30'),
        because: expect.stringContaining('so due Wed 11 March 11:30'),
      },
    ]);
  });

  it.each([
    ['that ends before opening costs nothing', '07:00', '07:30', '2026-03-09 08:30', '2026-03-09 13:00'],
    ['that begins before opening counts from opening', '07:00', '08:30', '2026-03-09 10:45', '2026-03-09 14:45'],
    ['within hours counts in full', '07:00', '09:30', '2026-03-09 10:45', '2026-03-09 14:15'],
    ['that ends after closing counts until closing', '10:00', '13:00', '2026-03-09 20:00', '2026-03-10 10:00'],
    [
      'that begins after closing counts from the next opening',
      '15:00',
      '20:00',
      '2026-03-10 11:30',
      '2026-03-10 13:30',
    ],
  ])('%s', (_, started, paused, resumed, deadline) => {
    const life = Life.start({ targetMinutes: 240 }, LONDON, `2026-03-09 ${started}`)
      .pause(`2026-03-09 ${paused}`)
      .resume(resumed);
    expect(short(life.instance.failAt)).toBe(deadline);
    expect(life.instance.status).toBe('inProgress');
  });

  it('that spans the old deadline is no breach', () => {
    const life = Life.start({ targetMinutes: 240 }, LONDON, '2026-03-09 15:00')
      .pause('2026-03-09 20:00')
      .settle('2026-03-10 11:15')
      .resume('2026-03-10 11:30');
    expect(life.story).toEqual([
      'sla.started 2026-03-09 15:00',
      'sla.paused 2026-03-09 20:00',
      'sla.resumed 2026-03-10 11:30',
    ]);
  });

  it('after the warning leaves the warning as it was and never repeats it', () => {
    const held = Life.start({ warnMinutes: 360 }, LONDON, '2026-03-09 09:00')
      .settle('2026-03-09 15:00')
      .pause('2026-03-09 16:00');
    expect(held.instance).toMatchObject({
      status: 'paused',
      usedMs: 420 * MINUTE,
      warnAt: at('2026-03-09 15:00'),
      warnedAt: at('2026-03-09 15:00'),
    });

    const resumed = held.resume('2026-03-10 12:00');
    expect(resumed.instance.status).toBe('nearingNoncompliance');
    expect(times(resumed)).toEqual(['2026-03-09 15:00', '2026-03-10 13:00']);
    expect(resumed.settle('2026-03-10 12:59').facts).toEqual(resumed.facts);
  });

  it('first commits the warning that was due', () => {
    const life = Life.start({ warnMinutes: 360 }, LONDON, '2026-03-09 09:00').pause('2026-03-09 16:00');
    expect(life.story.slice(1)).toEqual(['sla.warning 2026-03-09 15:00', 'sla.paused 2026-03-09 16:00']);
  });

  it('first commits the breach that was due, and then has nothing to pause', () => {
    const life = Life.start({}, LONDON, '2026-03-09 09:00').pause('2026-03-10 09:00');
    expect(life.story.slice(1)).toEqual(['sla.breached 2026-03-09 17:00']);
    expect(life.instance.status).toBe('noncompliant');
  });

  it('at the very instant of the deadline comes too late', () => {
    expect(Life.start({}, LONDON, '2026-03-09 09:00').pause('2026-03-09 17:00').instance.status).toBe('noncompliant');
  });

  it('in the moment of the start leaves only the wait in the history', () => {
    const { instance } = Life.start({}, LONDON, '2026-03-09 09:00').pause('2026-03-09 09:00');
    expect(instance.segments).toEqual([
      { from: at('2026-03-09 09:00'), kind: 'paused', cause: 'status reason onHold' },
    ]);
  });

  it.each([
    [
      'waits already',
      Life.start({}, LONDON, '2026-03-09 09:00').pause('2026-03-09 10:00', 'status reason waitingForDetails'),
    ],
    ['may not be paused', Life.start({ allowPause: false, warnMinutes: 1 }, LONDON, '2026-03-09 09:00')],
    ['was met', Life.start({}, LONDON, '2026-03-09 09:00').succeed('2026-03-09 10:00')],
    ['was missed', Life.start({}, LONDON, '2026-03-09 09:00').settle('2026-03-09 17:00')],
    ['was cancelled', Life.start({}, LONDON, '2026-03-09 09:00').cancel('2026-03-09 10:00')],
  ])('changes nothing on a clock that %s', (_, life) => {
    const again = life.pause('2026-03-09 17:30');
    expect(again.instance).toBe(life.instance);
    expect(again.facts).toEqual(life.facts);
  });
});

describe('a resumption', () => {
  const held = Life.start({ targetMinutes: 240, warnMinutes: 180 }, LONDON, '2026-03-09 09:00').pause(
    '2026-03-09 11:00',
  );

  it('by a message counts from the message, however late that is processed', () => {
    const life = held.resume('2026-03-09 12:00', { now: '2026-03-09 12:20' });
    expect(times(life)).toEqual(['2026-03-09 13:00', '2026-03-09 14:00']);
  });

  it('settles what has been due since the message', () => {
    const life = held.resume('2026-03-09 12:00', { now: '2026-03-09 16:00' });
    expect(life.story.slice(2)).toEqual([
      'sla.resumed 2026-03-09 12:00',
      'sla.warning 2026-03-09 13:00',
      'sla.breached 2026-03-09 14:00',
    ]);
  });

  it.each([
    ['before the pause is taken as the pause', '2026-03-09 09:30', '2026-03-09 11:00', '2026-03-09 13:00'],
    ['after now is taken as now', '2026-03-09 15:00', '2026-03-09 12:00', '2026-03-09 14:00'],
  ])('%s', (_, when, resumedAt, deadline) => {
    const { instance } = held.resume(when, { now: '2026-03-09 12:00' });
    expect(short(instance.runningSince)).toBe(resumedAt);
    expect(short(instance.failAt)).toBe(deadline);
  });

  it.each([
    ['runs', Life.start({}, LONDON, '2026-03-09 09:00')],
    ['was met while it waited', held.succeed('2026-03-09 12:00')],
    ['was cancelled while it waited', held.cancel('2026-03-09 12:00')],
    ['was missed', Life.start({}, LONDON, '2026-03-09 09:00').settle('2026-03-09 17:00')],
  ])('changes nothing on a clock that %s', (_, life) => {
    expect(life.resume('2026-03-10 12:00').instance).toBe(life.instance);
  });
});
