import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../../domain/time.ts';
import { at, everyDay, Life, LONDON, short } from '../../support/sla-builders.ts';

const normal = () => Life.start({ targetMinutes: 960 }, LONDON, '2026-03-09 09:00');
const waiting = () => normal().pause('2026-03-09 13:00', 'status reason waitingForDetails');

describe('a priority raised while the case waits', () => {
  const raised = waiting().retarget('2026-03-10 10:00', { targetMinutes: 480, warnMinutes: 360 });

  it('cancels the old clock and lets a new one wait with the time that was used', () => {
    expect(raised.earlier).toMatchObject([{ status: 'cancelled', generation: 1, cancelledAt: at('2026-03-10 10:00') }]);
    expect(raised.instance).toMatchObject({
      status: 'paused',
      generation: 2,
      epoch: 1,
      revision: 1,
      usedMs: 240 * MINUTE,
      itemId: 'high',
      targetMinutes: 480,
      startedAt: at('2026-03-09 09:00'),
      pausedAt: at('2026-03-09 13:00'),
    });
    expect(raised.instance.failAt).toBeUndefined();
    expect(raised.story.slice(2)).toEqual(['sla.cancelled 2026-03-10 10:00', 'sla.started 2026-03-10 10:00']);
  });

  it('leaves on resumption what the new target has left', () => {
    const { instance } = raised.resume('2026-03-11 09:00');
    expect(short(instance.failAt)).toBe('2026-03-11 13:00');
    expect(short(instance.warnAt)).toBe('2026-03-11 11:00');
  });

  it('tells the whole history of the deadline on the new clock', () => {
    expect(raised.resume('2026-03-11 09:00').instance.segments).toMatchObject([
      { kind: 'running', businessMs: 240 * MINUTE, cause: 'created' },
      { kind: 'paused', businessMs: 720 * MINUTE, cause: 'status reason waitingForDetails' },
      { kind: 'running', from: at('2026-03-11 09:00') },
    ]);
  });

  it.each([180, 240])('to %s minutes, used up already, fails once and only on resumption', (targetMinutes) => {
    const over = waiting().retarget('2026-03-10 10:00', { targetMinutes, warnMinutes: 120 }).settle('2026-03-10 12:00');
    expect(over.instance.status).toBe('paused');

    const resumed = over.resume('2026-03-11 09:00');
    expect(resumed.story.slice(4)).toEqual(['sla.resumed 2026-03-11 09:00', 'sla.breached 2026-03-11 09:00']);
    expect(resumed.instance).toMatchObject({
      status: 'noncompliant',
      breachedAt: at('2026-03-11 09:00'),
      breachReason: 'targetReduced',
    });
    expect(resumed.facts.at(-1)).toMatchObject({ reason: 'targetReduced' });
    expect(resumed.settle('2026-03-20 09:00').facts).toEqual(resumed.facts);
  });
});

describe('a priority changed while the clock runs', () => {
  it('carries the used time to the new target', () => {
    const { instance } = normal().retarget('2026-03-09 13:00', { targetMinutes: 480, warnMinutes: 360 });
    expect(instance).toMatchObject({ status: 'inProgress', usedMs: 240 * MINUTE });
    expect(short(instance.warnAt)).toBe('2026-03-09 15:00');
    expect(short(instance.failAt)).toBe('2026-03-09 17:00');
    expect(instance.segments).toMatchObject([{ cause: 'created' }, { cause: 'priority high', kind: 'running' }]);
  });

  it('warns at once when the new threshold has passed', () => {
    const { story, instance } = normal().retarget('2026-03-09 16:00', { targetMinutes: 480, warnMinutes: 360 });
    expect(story.slice(2)).toEqual(['sla.started 2026-03-09 16:00', 'sla.warning 2026-03-09 16:00']);
    expect(instance.status).toBe('nearingNoncompliance');
  });

  it('fails at once, without a warning, when the new target has passed', () => {
    const { story, instance } = normal().retarget('2026-03-09 16:00', { targetMinutes: 300, warnMinutes: 200 });
    expect(story.slice(2)).toEqual(['sla.started 2026-03-09 16:00', 'sla.breached 2026-03-09 16:00']);
    expect(instance.breachReason).toBe('targetReduced');
  });

  it('first commits what was due, and keeps a clock that was missed', () => {
    const life = normal().retarget('2026-03-12 09:00', { targetMinutes: 480 });
    expect(life.story.slice(1)).toEqual(['sla.breached 2026-03-10 17:00']);
    expect(life.instance).toMatchObject({ generation: 1, status: 'noncompliant' });
  });

  it('counts on by the new calendar and keeps what the old one counted', () => {
    const { instance } = normal().retarget(
      '2026-03-09 13:00',
      { targetMinutes: 480 },
      { calendar: everyDay('UTC', { from: '00:00', to: '24:00' }) },
    );
    expect(short(instance.failAt)).toBe('2026-03-09 17:00');
    const { instance: overnight } = normal().retarget(
      '2026-03-09 17:00',
      { targetMinutes: 960 },
      { calendar: everyDay('UTC', { from: '00:00', to: '24:00' }) },
    );
    expect(short(overnight.failAt)).toBe('2026-03-10 01:00');
  });

  it('never counts again what the old calendar counted', () => {
    const aroundTheClock = everyDay('UTC', { from: '00:00', to: '24:00' });
    const raised = normal().retarget('2026-03-10 09:00', { targetMinutes: 1920 }, { calendar: aroundTheClock });
    expect(raised.pause('2026-03-10 09:00').instance.usedMs).toBe(480 * MINUTE);
  });

  it('gives a waiting clock no wait that its new terms forbid', () => {
    const { instance } = waiting().retarget('2026-03-10 10:00', { targetMinutes: 480, allowPause: false });
    expect(instance).toMatchObject({
      status: 'inProgress',
      usedMs: 240 * MINUTE,
      runningSince: at('2026-03-10 10:00'),
    });
  });

  it('gives a running clock of a held case the wait that only its new terms allow', () => {
    const held = Life.start({ targetMinutes: 960, allowPause: false }, LONDON, '2026-03-09 09:00').retarget(
      '2026-03-09 13:00',
      { targetMinutes: 480 },
      { onHold: true },
    );
    expect(held.instance).toMatchObject({ status: 'paused', usedMs: 240 * MINUTE, pausedAt: at('2026-03-09 13:00') });
  });
});

describe('a new target', () => {
  it.each([
    ['was met', normal().succeed('2026-03-09 10:00')],
    ['was missed', normal().settle('2026-03-10 17:00')],
    ['was cancelled', normal().cancel('2026-03-09 10:00')],
  ])('leaves alone a clock that %s', (_, life) => {
    expect(life.retarget('2026-03-12 09:00', { targetMinutes: 2000 }).instance).toBe(life.instance);
  });

  it('that is the old one changes nothing, even when its definition has a new version', () => {
    const life = normal();
    expect(
      life.retarget('2026-03-12 09:00', { itemId: 'normal', targetMinutes: 960, slaVersion: 2, calendarVersion: 9 })
        .instance,
    ).toBe(life.instance);
  });
});
