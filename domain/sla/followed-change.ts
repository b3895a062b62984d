import type { CaseChange, Rules } from '../cases/case-file.ts';
import { fileLookup, looksTheSame } from '../cases/case-lookup.ts';
import type { Instant } from '../time.ts';
import { fieldsBehind, followCase, withClocks } from './follow-case.ts';

/** What only this file may put on a change, so that none that clocks have not followed is ever committed. */
const FOLLOWED = Symbol('clocks have followed');

/** A change of which the clocks have been followed: the only kind that a store of cases commits. */
export type FollowedChange = CaseChange & { readonly [FOLLOWED]: true };

const marked = (change: CaseChange): FollowedChange => ({ ...change, [FOLLOWED]: true });

/**
 * A command's change with the clocks that follow from it, where it touches anything that the case's SLA looks at; a case
 * that is worked on again is looked at in any case, for nothing has followed what was edited while it was closed. What
 * opens or closes a case, or gives it another SLA or customer, has seen to its clocks itself.
 */
export const withClocksFollowing = (change: CaseChange, rules: Rules, now: Instant): FollowedChange => {
  const { before, after } = change;
  const { sla } = rules;
  const isSameSla = after.case.slaId === sla?.id && after.case.slaVersion === sla?.version;
  if (!before || leavesClocks(change) || !isSameSla) return marked(change);

  const [was, is] = [before, after].map((file) => fileLookup(file, rules.customer));
  const isTouched =
    before.case.status !== 'active' ||
    fieldsBehind(sla?.document).some((field) => JSON.stringify(was?.(field)) !== JSON.stringify(is?.(field)));
  return marked(isTouched ? withClocks(change, followCase(after, rules, { now })) : change);
};

/** Whether a change leaves the clocks to those that it has itself, whatever the case's SLA looks at. */
export const leavesClocks = ({ before, after }: CaseChange): boolean =>
  !before ||
  after.case.status !== 'active' ||
  (before.case.status === 'active' &&
    (before.case.customerId !== after.case.customerId || looksTheSame(before, after)));

/** A change that has no clocks to follow by its very nature: it is told so without the rules of its case. */
export const withClocksLeft = (change: CaseChange): FollowedChange => {
  if (!leavesClocks(change)) throw new Error(`the clocks of ${change.after.case.caseId} have not been followed`);
  return marked(change);
};
