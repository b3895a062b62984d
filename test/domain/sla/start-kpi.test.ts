import { describe, expect, it } from 'vitest';
import { KpiInstance, termsOf } from '../../../domain/sla/kpi-instance.ts';
import { SlaItem } from '../../../domain/sla/sla.ts';
import { at, CASE_ID, Life, LONDON, terms } from '../../support/sla-builders.ts';

describe('a clock that starts', () => {
  it('runs with its warning and its deadline set in business time', () => {
    const { instance, facts } = Life.start({ targetMinutes: 480, warnMinutes: 360 }, LONDON, '2026-03-06 15:30');
    expect(instance).toEqual({
      ...terms({ warnMinutes: 360 }),
      caseId: CASE_ID,
      generation: 1,
      epoch: 1,
      revision: 1,
      status: 'inProgress',
      startedAt: at('2026-03-06 15:30'),
      runningSince: at('2026-03-06 15:30'),
      warnAt: at('2026-03-09 13:30'),
      failAt: at('2026-03-09 15:30'),
      usedMs: 0,
      segments: [{ from: at('2026-03-06 15:30'), kind: 'running', cause: 'created' }],
    });
    expect(facts).toEqual([
      {
        type: 'sla.started',
        occurredAt: at('2026-03-06 15:30'),
        kpi: 'resolve',
        generation: 1,
        epoch: 1,
        slaId: 'standard',
        warnAt: at('2026-03-09 13:30'),
        failAt: at('2026-03-09 15:30'),
        cause: 'created',
        because: '480 minutes of business time (Europe/London) from Fri 6 March 15:30; so due Mon 9 March 15:30.',
      },
    ]);
  });

  it('is stored and read back as it is', () => {
    const { instance } = Life.start({ warnMinutes: 360 }, LONDON, '2026-03-06 15:30').pause('2026-03-09 10:00');
    expect(KpiInstance.parse(JSON.parse(JSON.stringify(instance)))).toEqual(instance);
  });

  it('needs no warning', () => {
    expect(Life.start({}, LONDON, '2026-03-09 09:00').instance.warnAt).toBeUndefined();
  });

  it('on an imported case has warned and failed when it should have', () => {
    const life = Life.start({ warnMinutes: 360 }, LONDON, '2026-03-09 09:00', { now: '2026-03-12 12:00' });
    expect(life.story).toEqual([
      'sla.started 2026-03-09 09:00',
      'sla.warning 2026-03-09 15:00',
      'sla.breached 2026-03-09 17:00',
    ]);
    expect(life.instance).toMatchObject({
      status: 'noncompliant',
      warnedAt: at('2026-03-09 15:00'),
      breachedAt: at('2026-03-09 17:00'),
    });
  });

  it('on a held case is born paused, with no deadline and its whole target left', () => {
    const held = Life.start({ warnMinutes: 360 }, LONDON, '2026-03-09 09:00', {
      onHold: true,
      now: '2026-03-12 12:00',
    });
    expect(held.story).toEqual(['sla.started 2026-03-09 09:00']);
    expect(held.instance).toMatchObject({ status: 'paused', pausedAt: at('2026-03-09 09:00'), usedMs: 0 });
    expect(held.instance.failAt).toBeUndefined();
    expect(held.resume('2026-03-12 12:00').instance.failAt).toBe(at('2026-03-13 12:00'));
  });

  it('on a held case runs all the same when its terms forbid pauses', () => {
    const { instance } = Life.start({ allowPause: false }, LONDON, '2026-03-09 09:00', { onHold: true });
    expect(instance.status).toBe('inProgress');
  });

  it('copies its terms from the item of its SLA and the version of its calendar', () => {
    const item = SlaItem.parse({ id: 'urgent', kpi: 'firstResponse', targetMinutes: 30, calendarId: 'london' });
    expect(termsOf({ id: 'gold', version: 3 }, item, { id: 'london', version: 7 })).toEqual({
      kpi: 'firstResponse',
      slaId: 'gold',
      slaVersion: 3,
      itemId: 'urgent',
      calendarId: 'london',
      calendarVersion: 7,
      targetMinutes: 30,
      warnMinutes: undefined,
      allowPause: true,
      onReopen: 'continue',
    });
  });
});
