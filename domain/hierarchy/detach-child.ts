import { type CaseChange, type CaseFile, revised } from '../cases/case-file.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';

/** Decides that an active child stands alone again. What it inherited stays with it. */
export const detachChild = (child: CaseFile, parent: CaseFile | undefined, now: Instant): Decision<CaseChange> => {
  const { parentId, ...subject } = child.case;
  if (!parentId || !parent) return refuse('NOT_FOUND', `${subject.caseNumber} has no parent`);
  if (subject.status !== 'active') return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is ${subject.status}`);
  return accept({
    before: child,
    after: { ...child, case: { ...subject, ...revised(child.case, now) } },
    facts: [{ type: 'case.parentChanged', occurredAt: now, changes: [{ field: 'parentId', old: parentId }] }],
    fences: [{ type: 'childLeaves', parentId, parentVersion: parent.case.version }],
  });
};
