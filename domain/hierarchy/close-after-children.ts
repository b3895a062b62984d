import type { Case } from '../cases/case.ts';
import type { CaseChange, CaseFile, Fence, Rules } from '../cases/case-file.ts';
import { type Closing, closeCase, whyNotClosed } from '../cases/close-case.ts';
import { whyNotResolved } from '../custom-fields/fill-fields.ts';
import { whyExhausted } from '../entitlements/draw.ts';
import { isMoving } from '../merge/merges.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';

/** A child that has been closed under a parent, by whom, and the case among its children that was resolved last. */
export interface ClosedChild {
  childId: string;
  by: string;
  lastResolved?: Case;
}

/** The cause of a parent's closing that follows from its children's. */
export const CHILDREN_CAUSE = 'children';

/**
 * Decides what the closing of a child means for a parent that closes by itself: with its last active child it is
 * resolved, as the child was that was resolved last. Where it may not be closed now, for example because activities of its own
 * are open, it stays open for somebody to look at, and tells why. Nothing while a child is active.
 */
export const closeAfterChildren = (
  parent: CaseFile,
  { childId, by, lastResolved }: ClosedChild,
  rules: Rules,
  now: Instant,
): Decision<CaseChange> | undefined => {
  const { case: subject, family } = parent;
  if (subject.status !== 'active' || family.activeChildren > 0) return undefined;
  if (isMoving(parent)) return refuse('TRY_AGAIN', `Children may be on their way to ${subject.caseNumber}`);
  const fence: Fence = { type: 'activeChildrenAre', count: 0 };
  const stayedOpen = (code: string, because: string): Decision<CaseChange> =>
    accept({
      before: parent,
      after: parent,
      facts: [{ type: 'case.stayedOpen', occurredAt: now, childId, code, because }],
      fences: [fence],
    });
  if (lastResolved?.status !== 'resolved')
    return stayedOpen('NO_RESOLUTION', 'No child has a resolution to close it with');
  const { resolutionType, resolution } = lastResolved.resolution;
  const request = {
    statusReason: resolutionType,
    confirmCancelActivities: false,
    openActivitiesOfChildren: 0,
  };
  const refusal = whyNotClosed(parent, request, rules) ?? whyNotResolved(subject, rules.customFields);
  if (refusal) return stayedOpen(refusal.code, refusal.detail ?? refusal.code);
  const closing: Closing = {
    status: 'resolved',
    statusReason: resolutionType,
    resolution,
    occurredAt: now,
    now,
    by,
    cause: CHILDREN_CAUSE,
  };
  const change = closeCase(parent, closing, rules);
  const exhausted = whyExhausted(change);
  if (exhausted) return stayedOpen(exhausted.code, exhausted.detail ?? exhausted.code);
  return accept({ ...change, fences: [...(change.fences ?? []), fence] });
};
