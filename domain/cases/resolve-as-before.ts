import { whyExhausted } from '../entitlements/draw.ts';
import { accept, type Decision, invalid, refuse } from '../refusal.ts';
import type { Resolution } from './case.ts';
import type { CaseChange, CaseFile } from './case-file.ts';
import { type Closing, closeCase, whyNotClosed, withClosurePolicy } from './close-case.ts';
import type { ClosingContext, ResolveCase } from './resolve-case.ts';

/**
 * Decides that a case which was reopened for nothing, by a customer's "Thanks!" for example, is resolved as it was
 * before: its resolution holds on, the reopening does not count, and the clocks that it started are void.
 */
export const resolveAsBefore = (
  file: CaseFile,
  previous: Resolution | undefined,
  { confirmCancelActivities }: Pick<ResolveCase, 'confirmCancelActivities'>,
  { rules, caller, now, cascadeId, openActivitiesOfChildren }: ClosingContext,
): Decision<CaseChange> => {
  const { case: subject } = file;
  if (subject.status === 'resolved') return refuse('ALREADY_RESOLVED', `${subject.caseNumber} is resolved already`);
  if (subject.status !== 'active') return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is ${subject.status}`);
  if (!previous) return invalid('asBefore', 'the case has not been reopened after a resolution');
  const { resolutionType: statusReason, resolution } = previous;
  const refusal = whyNotClosed(file, { statusReason, confirmCancelActivities, openActivitiesOfChildren }, rules);
  if (refusal) return refusal;
  const closing: Closing = {
    status: 'resolved',
    statusReason,
    resolution,
    asBefore: previous,
    occurredAt: now,
    now,
    by: caller.userId,
    cause: 'user',
  };
  const closed = closeCase(file, closing, rules);
  return whyExhausted(closed) ?? accept(withClosurePolicy(closed, closing, rules, cascadeId));
};
