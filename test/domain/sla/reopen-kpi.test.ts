import { describe, expect, it } from 'vitest';
import type { KpiTerms } from '../../../domain/sla/kpi-instance.ts';
import { MINUTE } from '../../../domain/time.ts';
import { at, Life, LONDON, short } from '../../support/sla-builders.ts';

const resolved = (changed: Partial<KpiTerms> = {}) =>
  Life.start(changed, LONDON, '2026-03-09 09:00').succeed('2026-03-09 14:00');

describe('a case reopened after its clock was met', () => {
  it('continues with what was left; the closed time counts as a wait', () => {
    const life = resolved().reopen('2026-03-11 11:00');
    expect(life.earlier).toMatchObject([{ generation: 1, status: 'succeeded', succeededAt: at('2026-03-09 14:00') }]);
    expect(life.instance).toMatchObject({
      generation: 2,
      epoch: 1,
      status: 'inProgress',
      usedMs: 300 * MINUTE,
      startedAt: at('2026-03-09 09:00'),
    });
    expect(life.instance.succeededAt).toBeUndefined();
    expect(short(life.instance.failAt)).toBe('2026-03-11 14:00');
    expect(life.instance.segments).toMatchObject([
      { kind: 'running', businessMs: 300 * MINUTE, cause: 'created' },
      {
        kind: 'paused',
        from: at('2026-03-09 14:00'),
        to: at('2026-03-11 11:00'),
        businessMs: 780 * MINUTE,
        cause: 'closed',
      },
      { kind: 'running', from: at('2026-03-11 11:00'), cause: 'reopened' },
    ]);
    expect(life.facts.at(-1)).toMatchObject({ type: 'sla.started', generation: 2, occurredAt: at('2026-03-11 11:00') });
  });

  it('restarts with the whole target', () => {
    const { instance } = resolved({ onReopen: 'restart' }).reopen('2026-03-11 11:00');
    expect(short(instance.failAt)).toBe('2026-03-12 11:00');
    expect(instance).toMatchObject({ generation: 2, usedMs: 0, startedAt: at('2026-03-11 11:00') });
    expect(instance.segments).toHaveLength(1);
  });

  it('keeps the met clock and starts none', () => {
    const met = resolved({ onReopen: 'keep' });
    expect(met.reopen('2026-03-11 11:00').instance).toBe(met.instance);
  });

  it('never promises a first response again', () => {
    const answered = resolved({ kpi: 'firstResponse', onReopen: 'restart' });
    expect(answered.reopen('2026-03-11 11:00').instance).toBe(answered.instance);
  });

  it('does not repeat the warning that it has given', () => {
    const life = Life.start({ warnMinutes: 60 }, LONDON, '2026-03-09 09:00')
      .succeed('2026-03-09 14:00')
      .reopen('2026-03-11 11:00');
    expect(life.instance).toMatchObject({ status: 'nearingNoncompliance', warnedAt: at('2026-03-09 10:00') });
    expect(life.story.slice(3)).toEqual(['sla.started 2026-03-11 11:00']);
  });

  it('into a reason that is on hold waits from then on', () => {
    const { instance } = resolved().reopen('2026-03-11 11:00', { onHold: true });
    expect(instance).toMatchObject({ status: 'paused', pausedAt: at('2026-03-11 11:00'), usedMs: 300 * MINUTE });
    expect(instance.segments.map(({ cause }) => cause)).toEqual(['created', 'closed', 'reopened']);
  });

  it('the moment that it was closed has no closed time', () => {
    const { instance } = resolved().reopen('2026-03-09 14:00');
    expect(instance.segments.map(({ cause }) => cause)).toEqual(['created', 'reopened']);
    expect(short(instance.failAt)).toBe('2026-03-09 17:00');
  });

  it('may be closed and reopened again and again', () => {
    const life = resolved().reopen('2026-03-11 11:00').succeed('2026-03-11 12:00').reopen('2026-03-12 09:00');
    expect(life.instance).toMatchObject({ generation: 3, usedMs: 360 * MINUTE });
    expect(short(life.instance.failAt)).toBe('2026-03-12 11:00');
  });
});

describe('a case reopened otherwise', () => {
  it('after its cancellation continues with what was left', () => {
    const life = Life.start({}, LONDON, '2026-03-09 09:00')
      .pause('2026-03-09 11:00')
      .cancel('2026-03-09 14:00')
      .reopen('2026-03-11 11:00');
    expect(life.instance).toMatchObject({ generation: 2, status: 'inProgress', usedMs: 120 * MINUTE });
    expect(short(life.instance.failAt)).toBe('2026-03-11 17:00');
  });

  it('after a missed clock has nothing to continue', () => {
    const missed = Life.start({}, LONDON, '2026-03-09 09:00').succeed('2026-03-10 10:00');
    expect(missed.reopen('2026-03-11 11:00').instance).toBe(missed.instance);
  });

  it('after a clock met in its last moment has nothing to continue either', () => {
    const met = Life.start({}, LONDON, '2026-03-09 09:00').succeed('2026-03-09 17:00');
    expect(met.reopen('2026-03-11 11:00').instance).toBe(met.instance);
  });

  it('after a missed clock restarts when the terms say so', () => {
    const { instance } = Life.start({ onReopen: 'restart' }, LONDON, '2026-03-09 09:00')
      .succeed('2026-03-10 10:00')
      .reopen('2026-03-11 11:00');
    expect(instance).toMatchObject({ generation: 2, status: 'inProgress' });
    expect(instance.breachedAt).toBeUndefined();
    expect(instance.succeededAt).toBeUndefined();
  });

  it.each([
    ['runs', Life.start({}, LONDON, '2026-03-09 09:00')],
    ['waits', Life.start({}, LONDON, '2026-03-09 09:00').pause('2026-03-09 10:00')],
  ])('leaves alone a clock that %s', (_, life) => {
    expect(life.reopen('2026-03-09 11:00').instance).toBe(life.instance);
  });
});
