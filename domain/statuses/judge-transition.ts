import { MERGED, permittedTransitions, type StatusModel } from '../cases/status-reasons.ts';
import type { Fact } from '../facts/fact.ts';

/** A move of a case from one reason to another, as it is recorded. */
export interface RecordedTransition {
  from: string;
  to: string;
  /** Somebody asked for it; a cascade and a customer's message ask nobody. */
  asked: boolean;
}

/** The move that a fact records, if it records one that a graph can be asked about. */
export const transitionOf = (fact: Fact): RecordedTransition | undefined => {
  const change = fact.changes?.find(({ field }) => field === 'statusReason');
  if (typeof change?.old !== 'string' || typeof change.new !== 'string') return undefined;
  // Leaving a merge is an action of its own.
  if (change.old === MERGED) return undefined;
  const byItself =
    ('cascadeId' in fact && fact.cascadeId !== undefined) || ('byReply' in fact && fact.byReply === true);
  return { from: change.old, to: change.new, asked: !byItself };
};

/** What a graph would have said: a cascade goes on where it forbids the move, and records that it was forced. */
export const judgeTransition = (
  model: StatusModel,
  { from, to, asked }: RecordedTransition,
): 'allowed' | 'refused' | 'forced' => {
  if (permittedTransitions(model, from).includes(to)) return 'allowed';
  return asked ? 'refused' : 'forced';
};
