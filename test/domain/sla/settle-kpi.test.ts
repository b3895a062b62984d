import { describe, expect, it } from 'vitest';
import { settleKpi, settleKpiBefore } from '../../../domain/sla/settle-kpi.ts';
import { at, Life, LONDON } from '../../support/sla-builders.ts';

const running = () => Life.start({ warnMinutes: 360 }, LONDON, '2026-03-09 09:00');

describe('settling a clock', () => {
  it.each([
    ['before the warning', '2026-03-09 14:59', 'inProgress', []],
    ['at the warning', '2026-03-09 15:00', 'nearingNoncompliance', ['sla.warning 2026-03-09 15:00']],
    ['before the deadline', '2026-03-09 16:59', 'nearingNoncompliance', ['sla.warning 2026-03-09 15:00']],
    [
      'at the deadline',
      '2026-03-09 17:00',
      'noncompliant',
      ['sla.warning 2026-03-09 15:00', 'sla.breached 2026-03-09 17:00'],
    ],
    [
      'days later',
      '2026-03-20 12:00',
      'noncompliant',
      ['sla.warning 2026-03-09 15:00', 'sla.breached 2026-03-09 17:00'],
    ],
  ])('%s commits what is due, dated when it was due', (_, when, status, story) => {
    const life = running().settle(when);
    expect(life.instance.status).toBe(status);
    expect(life.story.slice(1)).toEqual(story);
  });

  it('tells when the alarm was due, for whoever acts on it', () => {
    const [, warning, breach] = running().settle('2026-03-10 09:00').facts;
    expect(warning).toEqual({
      type: 'sla.warning',
      occurredAt: at('2026-03-09 15:00'),
      kpi: 'resolve',
      generation: 1,
      epoch: 1,
      dueAt: at('2026-03-09 15:00'),
    });
    expect(breach).toEqual({
      type: 'sla.breached',
      occurredAt: at('2026-03-09 17:00'),
      kpi: 'resolve',
      generation: 1,
      epoch: 2,
      dueAt: at('2026-03-09 17:00'),
      reason: undefined,
    });
  });

  it('keeps the armed alarm valid after a warning: the same timer waits for the deadline', () => {
    expect(running().settle('2026-03-09 15:00').instance).toMatchObject({ epoch: 1, revision: 2 });
  });

  it('makes the armed alarm stale after a breach', () => {
    expect(running().settle('2026-03-09 17:00').instance).toMatchObject({ epoch: 2, revision: 3 });
  });

  it.each([
    ['already settled', running().settle('2026-03-10 09:00')],
    ['paused', running().pause('2026-03-09 10:00')],
    ['met', running().succeed('2026-03-09 10:00')],
    ['cancelled', running().cancel('2026-03-09 10:00')],
  ])('changes nothing on a clock that is %s', (_, { instance }) => {
    const again = settleKpi(instance, at('2026-03-20 12:00'));
    expect(again.instance).toBe(instance);
    expect(again.facts).toEqual([]);
  });

  it('before an instant leaves out what is due at it', () => {
    const { instance } = running();
    expect(settleKpiBefore(instance, at('2026-03-09 15:00')).instance).toBe(instance);
    expect(settleKpiBefore(instance, at('2026-03-09 17:00')).instance.status).toBe('nearingNoncompliance');
    expect(settleKpiBefore(instance, '2026-03-09T17:00:00.001Z').instance.status).toBe('noncompliant');
  });
});
