import type { Instant } from '../time.ts';
import { hasNothingLeft } from './deadlines.ts';
import { about, andThen, type KpiChange, unchanged } from './kpi-change.ts';
import type { KpiInstance } from './kpi-instance.ts';
import { moved } from './kpi-lifecycle.ts';

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

const warn = (instance: KpiInstance, isDue: IsDue): KpiChange => {
  if (instance.status !== 'inProgress' || !instance.warnAt || !isDue(instance.warnAt)) return unchanged(instance);
  const dueAt = instance.warnAt;
  const warned: KpiInstance = { ...instance, ...moved(instance, 'nearingNoncompliance'), warnedAt: dueAt };
  return { instance: warned, facts: [{ type: 'sla.warning', occurredAt: dueAt, ...about(warned), dueAt }] };
};

const breach = (instance: KpiInstance, isDue: IsDue): KpiChange => {
  const runs = instance.status === 'inProgress' || instance.status === 'nearingNoncompliance';
  if (!runs || !isDue(instance.failAt)) return unchanged(instance);
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
