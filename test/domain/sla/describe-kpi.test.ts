import { describe, expect, it } from 'vitest';
import { describeKpi, KpiView } from '../../../domain/sla/describe-kpi.ts';
import { at, Life, LONDON, terms } from '../../support/sla-builders.ts';

const running = () => Life.start({ warnMinutes: 360 }, LONDON, '2026-03-06 15:30');
const view = ({ instance }: Life, asOf: string) => describeKpi(instance, LONDON, at(asOf));

describe('a clock as it is shown', () => {
  it('tells why its deadline is where it is', () => {
    const life = running().pause('2026-03-09 10:00').resume('2026-03-10 14:00');
    expect(view(life, '2026-03-10 16:30')).toEqual({
      ...terms({ warnMinutes: 360 }),
      generation: 1,
      status: 'inProgress',
      startedAt: at('2026-03-06 15:30'),
      usedMinutes: 300,
      remainingMinutes: 180,
      warnAt: at('2026-03-11 09:30'),
      failAt: at('2026-03-11 11:30'),
      because: expect.stringContaining('so due Wed 11 March 11:30'),
      segments: [
        {
          from: at('2026-03-06 15:30'),
          to: at('2026-03-09 10:00'),
          kind: 'running',
          businessMinutes: 150,
          cause: 'created',
        },
        {
          from: at('2026-03-09 10:00'),
          to: at('2026-03-10 14:00'),
          kind: 'paused',
          businessMinutes: 720,
          cause: 'status reason onHold',
        },
        { from: at('2026-03-10 14:00'), kind: 'running', businessMinutes: 150, cause: 'status reason inProgress' },
      ],
    });
  });

  it('fits the schema that the API publishes', () => {
    const shown = view(running().settle('2026-03-20 09:00').succeed('2026-03-20 10:00'), '2026-03-20 10:00');
    expect(KpiView.strict().parse(JSON.parse(JSON.stringify(shown)))).toEqual(shown);
  });

  it('rounds minutes down', () => {
    expect(view(running(), '2026-03-06T15:31:59.999Z')).toMatchObject({ usedMinutes: 1, remainingMinutes: 479 });
  });

  it('counts a wait without counting it as used', () => {
    const shown = view(running().pause('2026-03-09 10:00'), '2026-03-09 12:00');
    expect(shown).toMatchObject({ status: 'paused', usedMinutes: 150, pausedAt: at('2026-03-09 10:00') });
    expect(shown.segments.at(-1)).toMatchObject({ kind: 'paused', businessMinutes: 120 });
    expect(shown.failAt).toBeUndefined();
  });

  it('goes below zero once overdue, until someone succeeds', () => {
    const missed = running().settle('2026-03-09 15:30');
    expect(view(missed, '2026-03-09 16:30')).toMatchObject({
      status: 'noncompliant',
      usedMinutes: 540,
      remainingMinutes: -60,
    });
    expect(view(missed.succeed('2026-03-10 10:00'), '2026-03-20 10:00')).toMatchObject({
      usedMinutes: 630,
      remainingMinutes: -150,
    });
  });
});
