import { z } from 'zod';
import { ArticleId } from '../articles/article.ts';
import { whyNotResolved } from '../custom-fields/fill-fields.ts';
import { whyExhausted } from '../entitlements/draw.ts';
import { accept, type Decision, invalid, refuse } from '../refusal.ts';
import { Instant } from '../time.ts';
import type { Caller, CaseChange, CaseFile, Rules } from './case-file.ts';
import { type Closing, closeCase, whyNotClosed, withClosurePolicy } from './close-case.ts';

/** The body of a resolution. */
export const ResolveCase = z
  .strictObject({
    resolutionType: z.string().min(1).optional().describe('Any enabled reason of status resolved'),
    resolution: z.string().trim().min(1).max(8_000).optional().describe('The narrative'),
    billableMinutes: z.int().min(0).max(1_000_000).optional().describe('Default: the minutes of all activities'),
    confirmCancelActivities: z.boolean().default(false),
    articleId: ArticleId.optional().describe('The article that resolved the case; it is linked if it was not'),
    occurredAt: Instant.optional().describe('When it was resolved, if earlier than now: supervisors only'),
    asBefore: z
      .boolean()
      .optional()
      .describe(
        'Reopened for nothing: the previous resolution holds on; what else is said of this one is not looked at',
      ),
  })
  .refine(({ asBefore, resolutionType }) => asBefore || resolutionType, {
    path: ['resolutionType'],
    error: 'is required',
  })
  .refine(({ asBefore, resolution }) => asBefore || resolution, { path: ['resolution'], error: 'is required' })
  .meta({ id: 'ResolveCase' });
export type ResolveCase = z.infer<typeof ResolveCase>;

/** What a closing decision needs besides the case and the command. */
export interface ClosingContext {
  rules: Rules;
  caller: Caller;
  now: Instant;
  /** Id of the cascade that this closing starts, if it starts one. */
  cascadeId: string;
  openActivitiesOfChildren: number;
}

/** Decides a resolution by a person. Children are never closed here, only asked for. */
export const resolveCase = (file: CaseFile, command: ResolveCase, context: ClosingContext): Decision<CaseChange> => {
  const { rules, caller, now, cascadeId, openActivitiesOfChildren } = context;
  const { resolutionType = '', resolution = '', billableMinutes, confirmCancelActivities } = command;
  const { articleId, occurredAt = now } = command;
  if (file.case.status === 'resolved') return refuse('ALREADY_RESOLVED', `${file.case.caseNumber} is resolved already`);
  if (file.case.status !== 'active') return refuse('CASE_NOT_ACTIVE', `${file.case.caseNumber} is ${file.case.status}`);
  if (rules.statusModel.reasons[resolutionType]?.status !== 'resolved') {
    return invalid('resolutionType', `there is no resolved reason ${resolutionType}`);
  }
  const backdating = whyNotBackdated(file, occurredAt, caller, now);
  if (backdating) return backdating;
  const unfilled = whyNotResolved(file.case, rules.customFields);
  if (unfilled) return unfilled;
  const refusal = whyNotClosed(
    file,
    { statusReason: resolutionType, confirmCancelActivities, openActivitiesOfChildren },
    rules,
  );
  if (refusal) return refusal;

  const closing: Closing = {
    status: 'resolved',
    statusReason: resolutionType,
    resolution,
    billableMinutes,
    articleId,
    occurredAt,
    now,
    by: caller.userId,
    cause: 'user',
  };
  const closed = closeCase(file, closing, rules);
  return whyExhausted(closed) ?? accept(withClosurePolicy(closed, closing, rules, cascadeId));
};

/** Why something may not be dated `occurredAt`: never in the future or before the case; in the past by supervisors only. */
export const whyNotBackdated = (file: CaseFile, occurredAt: Instant, caller: Caller, now: Instant) => {
  if (occurredAt > now) return invalid('occurredAt', 'lies in the future');
  if (occurredAt < now && !caller.roles.some((role) => role === 'supervisor' || role === 'admin')) {
    return refuse('FORBIDDEN', 'Only supervisors may date something in the past');
  }
  if (occurredAt < file.case.createdOn) return invalid('occurredAt', 'lies before the case was created');
  return undefined;
};
