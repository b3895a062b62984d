import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KpiInstance } from '../../../domain/sla/kpi-instance.ts';
import { replayCase } from '../../../domain/sla/replay-case.ts';
import { settleKpi } from '../../../domain/sla/settle-kpi.ts';
import { Sla } from '../../../domain/sla/sla.ts';
import { histories, lives } from '../../support/case-histories.ts';
import { PromisedCase } from '../../support/promised-case.ts';
import { at } from '../../support/sla-builders.ts';

const MON = '2026-03-09 09:00';
const END = at('2026-04-01 09:00');

const replayed = ({ file, events, activities, rules }: PromisedCase, sla = rules.sla) =>
  replayCase(
    { file, events, activities, isPerson: () => true, pathOf: () => ['network', 'vpn'] },
    { ...rules, sla },
    END,
  );

const item = (changed: object = {}) => ({
  id: 'all',
  kpi: 'resolve',
  targetMinutes: 480,
  calendarId: 'london',
  ...changed,
});
const under = (...items: object[]) => ({ id: 'other', version: 1, document: Sla.parse({ name: 'Other', items }) });
const outcomes = (subject: PromisedCase, ...items: object[]) =>
  replayed(subject, under(...items)).map(({ kpi, generation, status }) => `${kpi} ${generation} ${status}`);

/** What counts of a clock; how it came to it is told by its segments. */
const outcome = ({ kpi, generation, status, startedAt, warnedAt, breachedAt, succeededAt, usedMs }: KpiInstance) => ({
  kpi,
  generation,
  status,
  startedAt,
  warnedAt,
  breachedAt,
  succeededAt,
  usedMs,
});

describe('the past of a case, played again', () => {
  it('under its own SLA tells just what happened, whatever happened', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { subject } = lives(history).at(-1)!;
        const lived = subject.file.kpis.map((instance) => settleKpi(instance, END).instance);
        expect(replayed(subject).map(outcome)).toEqual(lived.map(outcome));
      }),
      { numRuns: process.env.NIGHTLY ? 2_000 : 150 },
    );
  }, 300_000);

  it('is judged by other targets', () => {
    const subject = PromisedCase.open(MON, [item()])
      .patch('2026-03-09 10:00', { statusReason: 'onHold' })
      .patch('2026-03-09 15:00', { statusReason: 'inProgress' })
      .record('2026-03-09 15:30', 'outbound')
      .resolve('2026-03-09 16:00');
    expect(outcomes(subject, item({ targetMinutes: 120 }))).toEqual(['resolve 1 succeeded']);
    expect(outcomes(subject, item({ targetMinutes: 119 }))).toEqual(['resolve 1 noncompliant']);
    expect(outcomes(subject, item({ targetMinutes: 120, allowPause: false }))).toEqual(['resolve 1 noncompliant']);
    expect(outcomes(subject, item({ kpi: 'firstResponse', targetMinutes: 90 }))).toEqual(['firstResponse 1 succeeded']);
  });

  it('is known as far as an erasure has left it', () => {
    const { file, activities, rules, events } = PromisedCase.open(MON, [item()]).resolve('2026-03-09 16:00');
    const last = events.at(-1)!;
    const fact = { type: 'case.erased', occurredAt: END, changes: [{ field: 'title' }, { field: 'description' }] };
    const erased = [...events, { ...last, at: END, fact: fact as (typeof last)['fact'] }];
    const past = { file, events: erased, activities, isPerson: () => true, pathOf: () => undefined };
    expect(replayCase(past, rules, END).map(({ kpi, status }) => `${kpi} ${status}`)).toEqual(['resolve succeeded']);
  });

  it('knows what the fields were at the time', () => {
    const high = { field: 'priority', op: 'eq', value: 'high' };
    const owned = { field: 'ownerId', op: 'exists' };
    const subject = PromisedCase.open(MON, [], { priority: 'high' })
      .patch('2026-03-09 12:00', { priority: 'low' })
      .assign('2026-03-09 13:00', 'anna')
      .resolve('2026-03-10 16:00');
    expect(outcomes(subject, item({ when: high, targetMinutes: 170 }))).toEqual(['resolve 1 noncompliant']);
    expect(outcomes(subject, item({ when: high, targetMinutes: 190 }))).toEqual(['resolve 1 cancelled']);
    expect(outcomes(subject, item({ kpi: 'taken', success: owned, targetMinutes: 239 }))).toEqual([
      'taken 1 noncompliant',
    ]);
    expect(outcomes(subject, item({ kpi: 'taken', success: owned, targetMinutes: 240 }))).toEqual([
      'taken 1 succeeded',
    ]);
  });
});
