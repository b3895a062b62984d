import type { KpiInstance, KpiStatus } from './kpi-instance.ts';

type Node = {
  /** Whether time counts against the target, is frozen, or no longer matters to the outcome. */
  readonly clock: 'running' | 'paused' | 'ended';
  readonly next: readonly KpiStatus[];
};

/** The life of a clock. Nothing leads out of a state whose clock has ended: what was promised was kept, broken or void. */
export const KPI_LIFECYCLE: Readonly<Record<KpiStatus, Node>> = {
  inProgress: {
    clock: 'running',
    next: ['nearingNoncompliance', 'noncompliant', 'paused', 'succeeded', 'cancelled'],
  },
  nearingNoncompliance: { clock: 'running', next: ['noncompliant', 'paused', 'succeeded', 'cancelled'] },
  paused: { clock: 'paused', next: ['inProgress', 'nearingNoncompliance', 'succeeded', 'cancelled'] },
  noncompliant: { clock: 'ended', next: [] },
  succeeded: { clock: 'ended', next: [] },
  cancelled: { clock: 'ended', next: [] },
};

const isRunning = (status: KpiStatus): boolean => KPI_LIFECYCLE[status].clock === 'running';

/** Whether the outcome is settled: met, missed or void. */
export const hasEnded = ({ status }: KpiInstance): boolean => KPI_LIFECYCLE[status].clock === 'ended';

/** A move that the life of a clock does not know: a mistake in the program, never in a request. */
export class IllegalKpiMove extends Error {
  override name = 'IllegalKpiMove';
}

/** The part of an instance that every move of its status changes. */
export const moved = <To extends KpiStatus>(instance: KpiInstance, to: To) => {
  const { status, epoch, revision } = instance;
  if (!KPI_LIFECYCLE[status].next.includes(to)) throw new IllegalKpiMove(`${status} never becomes ${to}`);
  // A clock that runs on, warned or not, keeps its alarm: the same execution waits for the deadline.
  const alarmHolds = isRunning(status) && isRunning(to);
  return { status: to, epoch: alarmHolds ? epoch : epoch + 1, revision: revision + 1 };
};
