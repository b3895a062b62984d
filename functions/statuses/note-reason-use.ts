import type { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import { transitionOf } from '../../domain/statuses/judge-transition.ts';
import type { Services } from '../services.ts';

/** Keeps when a reason was last used, for the report of those that nobody uses any more. */
export const noteReasonUse = async (
  { reasons }: Pick<Services, 'reasons'>,
  { at }: CaseEvent,
  fact: Fact,
): Promise<void> => {
  const transition = transitionOf(fact);
  if (transition) await reasons.used(transition.to, at);
};
