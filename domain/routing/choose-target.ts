import type { Versioned } from '../cases/case-file.ts';
import { evaluate } from '../conditions/condition.ts';
import { DEFAULT_QUEUE_ID } from '../queues/queue.ts';
import type { RoutingRuleSet } from './rule-set.ts';

/** Where a case goes, and why: what the timeline shows. */
export interface RoutingTarget {
  queueId?: string;
  ownerId?: string;
  ruleSetId?: string;
  ruleSetVersion?: number;
  ruleId?: string;
  because: string;
}

/** The first rule from the top whose condition holds decides; without one the default queue takes the case. */
export const chooseTarget = (
  ruleSet: Versioned<RoutingRuleSet> | undefined,
  lookup: (field: string) => unknown,
): RoutingTarget => {
  if (!ruleSet) return { queueId: DEFAULT_QUEUE_ID, because: 'no rule set is active' };
  const set = { ruleSetId: ruleSet.id, ruleSetVersion: ruleSet.version };
  for (const rule of ruleSet.document.rules) {
    const { matched, because } = evaluate(rule.when, lookup);
    if (!matched) continue;
    return 'queueId' in rule
      ? { ...set, ruleId: rule.id, because, queueId: rule.queueId }
      : { ...set, ruleId: rule.id, because, ownerId: rule.ownerId };
  }
  return { ...set, queueId: ruleSet.document.defaultQueueId, because: 'no rule matched' };
};
