import { z } from 'zod';
import { accept, type Decision, invalid, refuse } from '../refusal.ts';
import type { CaseChange, CaseFile } from './case-file.ts';
import { type Closing, closeCase, whyNotClosed, withClosurePolicy } from './close-case.ts';
import type { ClosingContext } from './resolve-case.ts';
import { MERGED } from './status-reasons.ts';

/** The body of a cancellation. */
export const CancelCase = z
  .strictObject({
    reason: z.string().min(1).default('cancelled').describe('Any enabled reason of status cancelled, but merged'),
    note: z.string().trim().min(1).max(8_000).optional(),
    confirmCancelActivities: z.boolean().default(false),
  })
  .meta({ id: 'CancelCase' });
export type CancelCase = z.infer<typeof CancelCase>;

/** Decides a cancellation by a person: all clocks are cancelled, none succeeds. */
export const cancelCase = (file: CaseFile, command: CancelCase, context: ClosingContext): Decision<CaseChange> => {
  const { rules, caller, now, cascadeId, openActivitiesOfChildren } = context;
  const { reason, note, confirmCancelActivities } = command;
  if (file.case.status !== 'active') return refuse('CASE_NOT_ACTIVE', `${file.case.caseNumber} is ${file.case.status}`);
  if (reason === MERGED || rules.statusModel.reasons[reason]?.status !== 'cancelled') {
    return invalid('reason', `there is no reason ${reason} to cancel for`);
  }
  const refusal = whyNotClosed(
    file,
    { statusReason: reason, confirmCancelActivities, openActivitiesOfChildren },
    rules,
  );
  if (refusal) return refusal;

  const closing: Closing = {
    status: 'cancelled',
    statusReason: reason,
    note,
    occurredAt: now,
    now,
    by: caller.userId,
    cause: 'user',
  };
  return accept(withClosurePolicy(closeCase(file, closing, rules), closing, rules, cascadeId));
};
