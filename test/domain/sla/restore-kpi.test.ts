import { describe, expect, it } from 'vitest';
import { cancelKpi } from '../../../domain/sla/cancel-kpi.ts';
import { describeKpi } from '../../../domain/sla/describe-kpi.ts';
import type { KpiInstance } from '../../../domain/sla/kpi-instance.ts';
import { restoreKpi } from '../../../domain/sla/restore-kpi.ts';
import { at, Life, LONDON } from '../../support/sla-builders.ts';

const STOPPED = '2026-03-09 12:00';

/** A clock that is stopped at noon on Monday as by a merge, and restored on Tuesday at ten. */
const restored = (life: Life, how: { onHold?: boolean } = {}) => {
  const { instance } = cancelKpi(life.instance, LONDON, at(STOPPED), { cause: 'merged' });
  const now = at('2026-03-10 10:00');
  return restoreKpi(instance, LONDON, { stoppedAt: at(STOPPED), now, onHold: false, cause: 'unmerged', ...how });
};
const started = (promised = {}) => Life.start({ warnMinutes: 360, ...promised }, LONDON, '2026-03-09 09:00');

describe('a clock whose stop is taken back', () => {
  it('has a successor that goes on with what was left; the time between was a wait', () => {
    const { instance, successor, facts } = restored(started());
    expect(instance).toMatchObject({ status: 'cancelled', generation: 1 });
    expect(successor).toMatchObject({
      status: 'inProgress',
      generation: 2,
      usedMs: 180 * 60_000,
      warnAt: at('2026-03-10 13:00'),
      failAt: at('2026-03-10 15:00'),
    });
    expect(facts.map(({ type }) => type)).toEqual(['sla.started']);
  });

  it.each(['keep', 'restart'] as const)(
    'does so whatever its terms say of reopening (%s): it was never closed',
    (onReopen) => {
      expect(restored(started({ onReopen })).successor).toMatchObject({ usedMs: 180 * 60_000 });
    },
  );

  it('does so for a first response too: nobody has answered yet', () => {
    expect(restored(started({ kpi: 'firstResponse' })).successor?.status).toBe('inProgress');
  });

  it('waits on when the case is on hold again', () => {
    const held = started().pause('2026-03-09 10:00');
    expect(restored(held, { onHold: true }).successor).toMatchObject({ status: 'paused', usedMs: 60 * 60_000 });
  });

  it('does not warn a second time', () => {
    const warned = Life.start({ warnMinutes: 60 }, LONDON, '2026-03-09 09:00').settle('2026-03-09 10:00');
    expect(restored(warned).successor).toMatchObject({ status: 'nearingNoncompliance' });
  });

  it('counts on when it had been missed, and can still be met late', () => {
    const missed = started({ targetMinutes: 60, warnMinutes: undefined });
    const { instance, successor, facts } = restored(missed);
    expect(successor).toBeUndefined();
    expect(facts).toEqual([]);
    expect(instance).toMatchObject({ status: 'noncompliant', cancelledAt: undefined });
    const shown = describeKpi(instance as KpiInstance, LONDON, at('2026-03-10 11:00'));
    expect(shown.usedMinutes).toBe(180 + 60);
  });

  it('stays as it is when something else had ended it', () => {
    const met = started().succeed('2026-03-09 11:00');
    expect(restored(met)).toEqual({ instance: met.instance, facts: [] });
    const void_ = started().cancel('2026-03-09 11:00');
    expect(restored(void_)).toEqual({ instance: void_.instance, facts: [] });
  });
});
