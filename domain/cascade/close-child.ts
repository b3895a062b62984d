import type { CaseChange, CaseFile, Rules } from '../cases/case-file.ts';
import { closeCase } from '../cases/close-case.ts';
import { permittedTransitions } from '../cases/status-reasons.ts';
import { whyExhausted } from '../entitlements/draw.ts';
import type { Cascade } from '../hierarchy/family.ts';
import type { Outcome } from '../pages/tally.ts';
import type { Instant } from '../time.ts';

/**
 * Decides what a parent's closing means for one child. Children that are closed already keep their own record. An
 * active one is closed as the parent was, with its open activities, also where the transition graph has no such edge:
 * the parent's closing was confirmed for all of them. One whose entitlement has too little left stays open.
 */
export const closeChild = (
  child: CaseFile,
  parent: { caseId: string; caseNumber: string },
  cascade: Cascade,
  rules: Rules,
  now: Instant,
): Outcome<CaseChange> => {
  const { case: subject } = child;
  if (subject.parentId !== parent.caseId) return { outcome: 'skipped', reason: 'detached', isCounted: true };
  if (subject.status !== 'active') {
    const closedOn = subject.status === 'resolved' ? subject.resolvedOn : subject.cancelledOn;
    return { outcome: 'skipped', reason: subject.status, isCounted: closedOn > cascade.startedOn };
  }
  const isPermitted = permittedTransitions(rules.statusModel, subject.statusReason).includes(cascade.statusReason);
  const common = {
    statusReason: cascade.statusReason,
    occurredAt: now,
    now,
    by: cascade.by,
    cause: `cascade:${cascade.id}`,
    cascadeId: cascade.id,
    ...(!isPermitted && { forced: true }),
  };
  const change =
    cascade.closes === 'resolved'
      ? closeCase(
          child,
          { ...common, status: 'resolved', resolution: `Resolved with parent ${parent.caseNumber}` },
          rules,
        )
      : closeCase(child, { ...common, status: 'cancelled', note: `Cancelled with parent ${parent.caseNumber}` }, rules);
  const exhausted = whyExhausted(change);
  return exhausted ? { outcome: 'failed', reason: exhausted.detail ?? exhausted.code } : { outcome: 'done', change };
};
