import { z } from 'zod';
import type { Versioned } from '../cases/case-file.ts';
import { evaluate, type Lookup, type Verdict } from '../conditions/condition.ts';
import { DEFAULT_QUEUE_ID } from '../queues/queue.ts';
import type { RoutingRule, RoutingRuleSet } from './rule-set.ts';

/** Where a case goes, and why: what the timeline shows. */
export interface RoutingTarget {
  queueId?: string;
  ownerId?: string;
  spam?: true;
  ruleSetId?: string;
  ruleSetVersion?: number;
  ruleId?: string;
  because: string;
}

/** What became of one rule. */
export const TraceEntry = z
  .object({ ruleId: z.string(), matched: z.boolean(), because: z.string() })
  .meta({ id: 'RoutingTraceEntry' });
export type TraceEntry = z.infer<typeof TraceEntry>;

/** A target, and every rule that was looked at on the way to it, the deciding one last. */
export interface RoutingChoice {
  target: RoutingTarget;
  trace: TraceEntry[];
}

/**
 * The first rule from the top decides whose condition holds and whose target can take the case; without one the default
 * queue takes it. `canTake` looks at what the case does not tell: who has which skills, who is there. The real routing,
 * simulations and dry runs all choose by this.
 */
export const chooseTarget = async (
  ruleSet: Versioned<RoutingRuleSet> | undefined,
  lookup: Lookup,
  canTake: (rule: RoutingRule) => Promise<Verdict>,
): Promise<RoutingChoice> => {
  if (!ruleSet) return { target: { queueId: DEFAULT_QUEUE_ID, because: 'no rule set is active' }, trace: [] };
  const set = { ruleSetId: ruleSet.id, ruleSetVersion: ruleSet.version };
  const trace: TraceEntry[] = [];
  for (const rule of ruleSet.document.rules) {
    const { matched, because } = await judge(rule, lookup, canTake);
    trace.push({ ruleId: rule.id, matched, because });
    if (matched) return { target: { ...set, ruleId: rule.id, because, ...targetOf(rule) }, trace };
  }
  return { target: { ...set, queueId: ruleSet.document.defaultQueueId, because: 'no rule matched' }, trace };
};

const judge = async (
  rule: RoutingRule,
  lookup: Lookup,
  canTake: (rule: RoutingRule) => Promise<Verdict>,
): Promise<Verdict> => {
  const condition = evaluate(rule.when, lookup);
  if (!condition.matched) return condition;
  const taking = await canTake(rule);
  if (!taking.matched) return { matched: false, because: `${condition.because}, but ${taking.because}` };
  return { matched: true, because: [condition.because, taking.because].filter(Boolean).join(', and ') };
};

const targetOf = (rule: RoutingRule): Pick<RoutingTarget, 'queueId' | 'ownerId' | 'spam'> => {
  if ('queueId' in rule) return { queueId: rule.queueId };
  return 'ownerId' in rule ? { ownerId: rule.ownerId } : { spam: true };
};
