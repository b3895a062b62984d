import type { CaseChange, CaseFile, Rules } from '../cases/case-file.ts';
import { type Closing, closeCase, withClosurePolicy } from '../cases/close-case.ts';
import { MERGED, permittedTransitions, type StatusModel } from '../cases/status-reasons.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import type { RoutingTarget } from './choose-target.ts';
import { routed } from './route-case.ts';

/** What a dismissal needs besides the case and the rule that asks for it. */
export interface DismissContext {
  rules: Rules;
  by: string;
  now: Instant;
  /** Never used: a case with active children is no spam, so nothing cascades. */
  cascadeId: string;
}

/** The note on a case that a rule took for spam. */
export const SPAM_NOTE = 'spam';

/**
 * Decides that an active case is spam: it is cancelled with the note `spam` and stands in no queue. The case itself
 * stays, because a rule may be wrong, and a reactivated case is routed by hand. The transition graph is for people: a
 * rule cancels also where it has no such edge.
 */
export const dismissSpam = (
  file: CaseFile,
  target: RoutingTarget,
  { rules, by, now, cascadeId }: DismissContext,
): Decision<CaseChange> => {
  const { case: subject } = file;
  if (subject.status !== 'active') return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is ${subject.status}`);
  const statusReason = cancelledReason(rules.statusModel);
  const isPermitted = permittedTransitions(rules.statusModel, subject.statusReason).includes(statusReason);
  const closing: Closing = {
    status: 'cancelled',
    statusReason,
    note: SPAM_NOTE,
    occurredAt: now,
    now,
    by,
    cause: 'routing',
    ...(!isPermitted && { forced: true }),
  };
  const change = withClosurePolicy(closeCase(file, closing, rules), closing, rules, cascadeId);
  return accept({ ...change, facts: [routed(target, now), ...change.facts] });
};

/** An organisation may have disabled the reason that a fresh service has; another one of the status will do. */
const cancelledReason = ({ reasons }: StatusModel): string => {
  const usable = Object.keys(reasons).filter(
    (id) => id !== MERGED && reasons[id]?.status === 'cancelled' && reasons[id]?.enabled,
  );
  return usable.includes(STANDARD) || usable.length === 0 ? STANDARD : (usable[0] ?? STANDARD);
};
const STANDARD = 'cancelled';
