import type { Instant } from '../time.ts';
import { hasNothingLeft } from './deadlines.ts';
import { about, andThen, type KpiChange, unchanged } from './kpi-change.ts';
import type { KpiInstance } from './kpi-instance.ts';
import { KPI_LIFECYCLE, moved } from './kpi-lifecycle.ts';
import { givenBy, nextWarning } from './warnings.ts';

type IsDue = (dueAt: Instant) => boolean;

/**
 * Commits the warning and the breach that are due at an instant, dated when they were due. Every command does this
 * first, so that an alarm which comes late finds nothing left to do. A clock that is paused or has ended owes nothing.
 */
export const settleKpi = (instance: KpiInstance, at: Instant): KpiChange => settle(instance, (dueAt) => dueAt <= at);

/** Settles what was due before an instant: a success at the very instant of the deadline is still in time. */
export const settleKpiBefore = (instance: KpiInstance, at: Instant): KpiChange =>
  settle(instance, (dueAt) => dueAt < at);

const settle = (instance: KpiInstance, isDue: IsDue): KpiChange =>
  andThen(warn(instance, isDue), (warned) => breach(warned, isDue));

/** Every warning that is due, one after the other; only the first one moves the clock. */
const warn = (instance: KpiInstance, isDue: IsDue): KpiChange => {
  if (!isRunning(instance)) return unchanged(instance);
  const dueAt = nextWarning(instance);
  if (!dueAt || !isDue(dueAt)) return unchanged(instance);
  const given = givenBy(instance);
  const state =
    instance.status === 'inProgress'
      ? moved(instance, 'nearingNoncompliance')
      : { status: 'nearingNoncompliance' as const, revision: instance.revision + 1 };
  const later = instance.warnTimes && {
    warningsGiven: given + 1,
    warnAt: instance.warnTimes[given + 1] ?? dueAt,
  };
  const warned: KpiInstance = { ...instance, ...state, warnedAt: dueAt, ...later };
  const warning = later && { warning: given };
  const fact = { type: 'sla.warning' as const, occurredAt: dueAt, ...about(warned), ...warning, dueAt };
  return andThen({ instance: warned, facts: [fact] }, (next) => warn(next, isDue));
};

type Running = Extract<KpiInstance, { status: 'inProgress' | 'nearingNoncompliance' }>;
const isRunning = (instance: KpiInstance): instance is Running => KPI_LIFECYCLE[instance.status].clock === 'running';

const breach = (instance: KpiInstance, isDue: IsDue): KpiChange => {
  if (!isRunning(instance) || !isDue(instance.failAt)) return unchanged(instance);
  const dueAt = instance.failAt;
  // Running clocks use up their target while they run; only a target that shrank can be used up before.
  const reason = hasNothingLeft(instance) ? 'targetReduced' : undefined;
  const breached: KpiInstance = {
    ...instance,
    ...moved(instance, 'noncompliant'),
    breachedAt: dueAt,
    breachReason: reason,
  };
  return {
    instance: breached,
    facts: [{ type: 'sla.breached', occurredAt: dueAt, ...about(breached), dueAt, reason }],
  };
};
