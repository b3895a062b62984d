import { describe, expect, it } from 'vitest';
import type { KpiInstance } from '../../../domain/sla/kpi-instance.ts';
import { KpiStatus } from '../../../domain/sla/kpi-instance.ts';
import { hasEnded, IllegalKpiMove, KPI_LIFECYCLE, moved } from '../../../domain/sla/kpi-lifecycle.ts';
import { Life, LONDON } from '../../support/sla-builders.ts';

const running = () => Life.start({ warnMinutes: 360 }, LONDON, '2026-03-09 09:00');
const IN_STATUS: Record<KpiStatus, () => KpiInstance> = {
  inProgress: () => running().instance,
  nearingNoncompliance: () => running().settle('2026-03-09 15:00').instance,
  noncompliant: () => running().settle('2026-03-09 17:00').instance,
  paused: () => running().pause('2026-03-09 10:00').instance,
  succeeded: () => running().succeed('2026-03-09 10:00').instance,
  cancelled: () => running().cancel('2026-03-09 10:00').instance,
};

/** From the row to the column: `alarm` the move happens and the armed alarm holds, `epoch` it becomes stale. */
const MOVES = `
                       inProgress nearingNoncompliance noncompliant paused succeeded cancelled
  inProgress           -          alarm                epoch        epoch  epoch     epoch
  nearingNoncompliance -          -                    epoch        epoch  epoch     epoch
  noncompliant         -          -                    -            -      -         -
  paused               epoch      epoch                -            -      epoch     epoch
  succeeded            -          -                    -            -      -         -
  cancelled            -          -                    -            -      -         -
`;

const [header, ...rows] = MOVES.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const table = rows.flatMap(([from, ...cells]) =>
  cells.map((cell, i) => ({ from: KpiStatus.parse(from), to: KpiStatus.parse(header?.[i]), cell })),
);

describe('the life of a clock', () => {
  it.each(table)('$from → $to: $cell', ({ from, to, cell }) => {
    const instance = IN_STATUS[from]();
    if (cell === '-') {
      expect(() => moved(instance, to)).toThrow(IllegalKpiMove);
    } else {
      const epoch = instance.epoch + (cell === 'epoch' ? 1 : 0);
      expect(moved(instance, to)).toEqual({ status: to, epoch, revision: instance.revision + 1 });
    }
  });

  it('reaches each of its states by real commands', () => {
    for (const status of KpiStatus.options) expect(IN_STATUS[status]().status).toBe(status);
  });

  it('ends where nothing leads on', () => {
    for (const status of KpiStatus.options)
      expect(hasEnded(IN_STATUS[status]())).toBe(KPI_LIFECYCLE[status].next.length === 0);
  });
});
