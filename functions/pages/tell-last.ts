import type { Fact } from '../../domain/facts/fact.ts';
import type { FollowedChange } from '../../domain/sla/followed-change.ts';

/**
 * A page's changes, the last of whose facts that can say where the work goes on says so: it sets the next page going.
 * `told` gives the fact with that in it, or nothing for facts that cannot.
 */
export const tellLast = (
  changes: readonly FollowedChange[],
  told: (fact: Fact) => Fact | undefined,
): FollowedChange[] => {
  const last = changes.flatMap(({ facts }) => facts).findLast((fact) => told(fact) !== undefined);
  return changes.map((change) => ({
    ...change,
    facts: change.facts.map((fact) => (fact === last ? (told(fact) ?? fact) : fact)),
  }));
};
