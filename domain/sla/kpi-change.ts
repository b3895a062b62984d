import type { Fact } from '../facts/fact.ts';
import type { KpiInstance } from './kpi-instance.ts';

/** What can happen to a clock. */
export type SlaFact = Extract<
  Fact,
  {
    type:
      | 'sla.started'
      | 'sla.paused'
      | 'sla.resumed'
      | 'sla.recomputed'
      | 'sla.warning'
      | 'sla.breached'
      | 'sla.succeeded'
      | 'sla.cancelled';
  }
>;

/** What a command makes of a clock: the instance after it, the one that takes its place if any, and what happened. */
export type KpiChange = {
  readonly instance: KpiInstance;
  readonly successor?: KpiInstance;
  /** In the order of their making. */
  readonly facts: readonly SlaFact[];
};

/** A command that has nothing to do returns the very instance that it was given, so that nothing is written. */
export const unchanged = (instance: KpiInstance): KpiChange => ({ instance, facts: [] });

/** The facts of one step, followed by those of the next on what the first one left. */
export const andThen = (first: KpiChange, next: (instance: KpiInstance) => KpiChange): KpiChange => {
  const second = next(first.instance);
  return { ...second, facts: [...first.facts, ...second.facts] };
};

/** Which clock a fact is about. */
export const about = ({
  kpi,
  generation,
  epoch,
  excludedFromStatistics,
}: KpiInstance): Pick<KpiInstance, 'kpi' | 'generation' | 'epoch' | 'excludedFromStatistics'> => ({
  kpi,
  generation,
  epoch,
  ...(excludedFromStatistics && { excludedFromStatistics }),
});
