import { describe, expect, it } from 'vitest';
import { MINUTE } from '../../../domain/time.ts';
import { at, Life, LONDON } from '../../support/sla-builders.ts';

const running = () => Life.start({ warnMinutes: 360 }, LONDON, '2026-03-09 09:00');

describe('a success', () => {
  it('in time ends the clock and keeps what was used', () => {
    const { instance, facts } = running().succeed('2026-03-09 14:00');
    expect(instance).toMatchObject({
      status: 'succeeded',
      succeededAt: at('2026-03-09 14:00'),
      usedMs: 300 * MINUTE,
      epoch: 2,
    });
    expect(facts.at(-1)).toEqual({
      type: 'sla.succeeded',
      occurredAt: at('2026-03-09 14:00'),
      kpi: 'resolve',
      generation: 1,
      epoch: 2,
    });
  });

  it('after the warning commits the warning first', () => {
    expect(running().succeed('2026-03-09 16:00').story.slice(1)).toEqual([
      'sla.warning 2026-03-09 15:00',
      'sla.succeeded 2026-03-09 16:00',
    ]);
  });

  it('at the very instant of the deadline is in time', () => {
    expect(running().succeed('2026-03-09 17:00').instance.status).toBe('succeeded');
  });

  it('that is dated back is in time as long as it is told by the deadline', () => {
    const { instance } = running().succeed('2026-03-09 14:00', { now: '2026-03-09 17:00' });
    expect(instance).toMatchObject({ status: 'succeeded', succeededAt: at('2026-03-09 14:00'), usedMs: 300 * MINUTE });
  });

  it('that is told after the deadline is late, whether or not the alarm has rung', () => {
    const told = (life: Life) => life.succeed('2026-03-09 14:00', { now: '2026-03-09 17:01' });
    const [punctual, late] = [told(running().settle('2026-03-09 17:00')), told(running())];
    expect(late.story).toEqual(punctual.story);
    expect(late.instance).toMatchObject({
      status: 'noncompliant',
      breachedAt: at('2026-03-09 17:00'),
      succeededAt: at('2026-03-09 14:00'),
    });
  });

  it('after the deadline finds the breach committed and is told as a late one', () => {
    const { instance, story, facts } = running().succeed('2026-03-10 10:00');
    expect(story.slice(1)).toEqual([
      'sla.warning 2026-03-09 15:00',
      'sla.breached 2026-03-09 17:00',
      'sla.succeeded 2026-03-10 10:00',
    ]);
    expect(instance).toMatchObject({
      status: 'noncompliant',
      succeededAt: at('2026-03-10 10:00'),
      usedMs: 540 * MINUTE,
    });
    expect(facts.at(-1)).toMatchObject({ late: true });
  });

  it('that is backdated before a committed breach leaves it noncompliant, with its date', () => {
    const { instance } = running().settle('2026-03-09 17:00').succeed('2026-03-09 16:00');
    expect(instance).toMatchObject({
      status: 'noncompliant',
      breachedAt: at('2026-03-09 17:00'),
      succeededAt: at('2026-03-09 16:00'),
      usedMs: 420 * MINUTE,
    });
  });

  it('of a paused clock ends it', () => {
    const { instance } = running().pause('2026-03-09 10:00').succeed('2026-03-12 10:00');
    expect(instance).toMatchObject({ status: 'succeeded', usedMs: 60 * MINUTE });
    expect(instance.pausedAt).toBeUndefined();
  });

  it('that is backdated before a pause takes the pause back', () => {
    const { instance } = running().pause('2026-03-09 11:00').resume('2026-03-09 12:00').succeed('2026-03-09 10:00');
    expect(instance.usedMs).toBe(60 * MINUTE);
    expect(instance.segments).toEqual([
      {
        from: at('2026-03-09 09:00'),
        to: at('2026-03-09 10:00'),
        kind: 'running',
        businessMs: 60 * MINUTE,
        cause: 'created',
      },
    ]);
  });

  it.each([
    ['was met', running().succeed('2026-03-09 10:00')],
    ['was missed and then met late', running().succeed('2026-03-10 10:00')],
    ['was cancelled', running().cancel('2026-03-09 10:00')],
  ])('changes nothing on a clock that %s', (_, life) => {
    expect(life.succeed('2026-03-11 10:00').instance).toBe(life.instance);
  });
});

describe('a cancellation', () => {
  it.each([
    ['running', running()],
    ['warned', running().settle('2026-03-09 15:00')],
    ['paused', running().pause('2026-03-09 10:00')],
  ])('voids a clock that is %s', (_, life) => {
    const { instance, facts } = life.cancel('2026-03-09 16:00');
    expect(instance).toMatchObject({
      status: 'cancelled',
      cancelledAt: at('2026-03-09 16:00'),
      epoch: life.instance.epoch + 1,
    });
    expect(facts.at(-1)).toMatchObject({
      type: 'sla.cancelled',
      occurredAt: at('2026-03-09 16:00'),
      cause: 'case cancelled',
    });
  });

  it('first commits the breach that was due: closing a case hides no missed deadline', () => {
    const { instance, story } = running().cancel('2026-03-10 10:00');
    expect(instance.status).toBe('noncompliant');
    expect(story.slice(1)).toEqual(['sla.warning 2026-03-09 15:00', 'sla.breached 2026-03-09 17:00']);
  });

  it('that is dated back commits first what is due by the time at which it is told', () => {
    const { instance } = running().cancel('2026-03-09 14:00', { now: '2026-03-09 18:00' });
    expect(instance).toMatchObject({
      status: 'noncompliant',
      breachedAt: at('2026-03-09 17:00'),
      usedMs: 300 * MINUTE,
    });
  });

  it('of a missed clock only stops its overdue time', () => {
    const missed = running().settle('2026-03-09 17:00');
    const { instance, facts } = missed.cancel('2026-03-10 10:00');
    expect(instance).toMatchObject({ status: 'noncompliant', usedMs: 540 * MINUTE, epoch: missed.instance.epoch });
    expect(instance.runningSince).toBeUndefined();
    expect(facts).toEqual(missed.facts);
  });

  it.each([
    ['was met', running().succeed('2026-03-09 10:00')],
    ['was missed and then met late', running().succeed('2026-03-10 10:00')],
    ['was missed and stopped', running().settle('2026-03-09 17:00').cancel('2026-03-10 10:00')],
    ['was cancelled', running().cancel('2026-03-09 10:00')],
  ])('changes nothing on a clock that %s', (_, life) => {
    expect(life.cancel('2026-03-11 10:00').instance).toBe(life.instance);
  });
});
