import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeKpi } from '../../../domain/sla/describe-kpi.ts';
import { nextAlarm } from '../../../domain/sla/next-alarm.ts';
import { actionsOfWarning, SlaItem, warningsOf } from '../../../domain/sla/sla.ts';
import { toInstant } from '../../../domain/time.ts';
import { at, Life, LONDON, short } from '../../support/sla-builders.ts';

/** Half, three quarters and nine tenths of eight hours: 240, 360 and 432 minutes. */
const several = { warnings: [240, 360, 432] };
const running = () => Life.start(several, LONDON, '2026-03-09 09:00');

describe('several warnings', () => {
  it('come one after the other, each once, before the breach', () => {
    expect(running().settle('2026-03-10 12:00').story.slice(1)).toEqual([
      'sla.warning 2026-03-09 13:00',
      'sla.warning 2026-03-09 15:00',
      'sla.warning 2026-03-09 16:12',
      'sla.breached 2026-03-09 17:00',
    ]);
  });

  it('tell which of them they are', () => {
    const warnings = running()
      .settle('2026-03-09 15:00')
      .facts.filter(({ type }) => type === 'sla.warning');
    expect(warnings).toMatchObject([{ warning: 0 }, { warning: 1 }]);
  });

  it('are all rung by the one alarm that the first one armed', () => {
    const first = running();
    const second = first.settle('2026-03-09 13:00');
    expect(short(nextAlarm(first.instance))).toBe('2026-03-09 13:00');
    expect(short(nextAlarm(second.instance))).toBe('2026-03-09 15:00');
    expect(second.instance.epoch).toBe(first.instance.epoch);
    expect(second.instance).toMatchObject({ status: 'nearingNoncompliance', warnedAt: at('2026-03-09 13:00') });
  });

  it('move with a pause as long as they have not been given', () => {
    const waited = running().pause('2026-03-09 14:00').resume('2026-03-09 15:00');
    expect(waited.instance.status).toBe('nearingNoncompliance');
    expect(waited.settle('2026-03-10 12:00').story.slice(1)).toEqual([
      'sla.warning 2026-03-09 13:00',
      'sla.paused 2026-03-09 14:00',
      'sla.resumed 2026-03-09 15:00',
      'sla.warning 2026-03-09 16:00',
      'sla.warning 2026-03-10 09:12',
      'sla.breached 2026-03-10 10:00',
    ]);
  });

  it('are not repeated when a reopened case goes on', () => {
    const reopened = running().succeed('2026-03-09 14:00').reopen('2026-03-11 11:00');
    expect(reopened.settle('2026-03-12 12:00').story.slice(3)).toEqual([
      'sla.started 2026-03-11 11:00',
      'sla.warning 2026-03-11 12:00',
      'sla.warning 2026-03-11 13:12',
      'sla.breached 2026-03-11 14:00',
    ]);
  });

  it('are shown with when they came and when they will come', () => {
    const { instance } = running().settle('2026-03-09 14:00');
    expect(describeKpi(instance, LONDON, at('2026-03-09 14:00')).warnings).toEqual([
      { minutes: 240, at: at('2026-03-09 13:00'), given: true },
      { minutes: 360, at: at('2026-03-09 15:00'), given: false },
      { minutes: 432, at: at('2026-03-09 16:12'), given: false },
    ]);
  });

  it('may be said in percent and in any order, and each keeps what it alone sets off', () => {
    const tell = (to: string) => [{ type: 'notify' as const, to }];
    const item = SlaItem.parse({
      id: 'all',
      kpi: 'resolve',
      targetMinutes: 90,
      warnings: [
        { percent: 75, actions: tell('supervisors') },
        { minutes: 30, actions: tell('owner') },
      ],
    });
    expect(warningsOf(item)).toEqual([30, 67.5]);
    expect([0, 1, 2].map((n) => actionsOfWarning(item, n))).toEqual([tell('owner'), tell('supervisors'), []]);
  });

  it('come to the same as single ones on clocks of their own, however the clock is paused', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 2, maxLength: 8 });
    const minutes = fc.uniqueArray(fc.integer({ min: 1, max: 479 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(waits, minutes, (gaps, unsorted) => {
        const warnings = unsorted.toSorted((a, b) => a - b);
        const lived = (terms: object): Life => {
          let ms = Date.parse(at('2026-03-09 09:00'));
          return gaps.reduce(
            (life, gap, n) => {
              ms += gap * 60_000;
              return n % 2 === 0 ? life.pause(toInstant(ms)) : life.resume(toInstant(ms));
            },
            Life.start(terms, LONDON, '2026-03-09 09:00'),
          );
        };
        const told = (life: Life) =>
          life.facts.flatMap(({ type, occurredAt }) => (type === 'sla.warning' ? [occurredAt] : []));
        const together = told(lived({ warnings }));
        expect(together).toEqual(warnings.flatMap((warnMinutes) => told(lived({ warnMinutes }))));
      }),
    );
  });
});

describe('a warning that is to be heard in business hours', () => {
  const held = { warnMinutes: 240, warnInBusinessHours: true };

  it('waits for the next opening when it falls exactly at closing', () => {
    const friday = Life.start(held, LONDON, '2026-03-06 13:00');
    expect(short(friday.instance.warnAt)).toBe('2026-03-09 09:00');
    expect(short(Life.start({ warnMinutes: 240 }, LONDON, '2026-03-06 13:00').instance.warnAt)).toBe(
      '2026-03-06 17:00',
    );
  });

  it('waits for it as well when its time had passed before the clock ran on at night', () => {
    const normal = Life.start({ targetMinutes: 960 }, LONDON, '2026-03-09 09:00');
    const raised = normal.pause('2026-03-09 16:00').retarget('2026-03-09 20:00', { ...held, targetMinutes: 480 });
    expect(short(raised.resume('2026-03-09 22:00').instance.warnAt)).toBe('2026-03-10 09:00');
  });

  it('comes at its own time within them', () => {
    expect(short(Life.start(held, LONDON, '2026-03-09 10:00').instance.warnAt)).toBe('2026-03-09 14:00');
  });
});
