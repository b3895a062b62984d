import { MAX_OPEN_ACTIVITIES } from '../activities/activity.ts';
import type { Case } from '../cases/case.ts';
import type { Caller, CaseFile, Rules } from '../cases/case-file.ts';
import { MERGED, permittedTransitions } from '../cases/status-reasons.ts';
import { isSupervisor } from '../queues/access.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { isMoving, MAX_HOPS, MAX_MERGED_AT_ONCE, MAX_RECEIVED, mergesOf } from './merges.ts';

type Selection = 'MERGE_SELF' | 'MERGE_DUPLICATE' | 'MERGE_TOO_MANY';

/** What is wrong with a selection whatever the cases are like, or nothing. */
export const whyNotSelected = (survivorId: string, caseIds: readonly string[]): Refusal<Selection> | undefined => {
  if (caseIds.includes(survivorId)) return refuse('MERGE_SELF', 'A case cannot be merged into itself');
  if (new Set(caseIds).size < caseIds.length) return refuse('MERGE_DUPLICATE', 'A case is named twice');
  if (caseIds.length > MAX_MERGED_AT_ONCE) {
    return refuse('MERGE_TOO_MANY', `At most ${MAX_MERGED_AT_ONCE} cases are merged into another at once`);
  }
  return undefined;
};

/** What a merge is judged by besides the cases. */
export interface Judging {
  rulesOf: (file: CaseFile) => Rules;
  caller: Caller;
  confirmDifferentCustomers: boolean;
}

/** Why these cases may not be merged, or nothing when they may: the first reason that holds for any of them. */
export const whyNotMerged = (
  survivor: CaseFile,
  others: readonly CaseFile[],
  { rulesOf, caller, confirmDifferentCustomers }: Judging,
): Refusal | undefined => {
  const all = [survivor, ...others];
  const closed = all.filter((file) => file.case.status !== 'active');
  if (closed.length > 0) {
    const which = closed.map((file) => `${file.case.caseNumber} is ${file.case.status}`).join(', ');
    return refuse('MERGE_NOT_ACTIVE', which, { caseIds: closed.map((file) => file.case.caseId) });
  }
  return (
    first(others, (file) => whyNotRelated(survivor.case, file)) ??
    first(others, (file) => whyNoTransition(file, rulesOf(file))) ??
    first(others, whyNotNow) ??
    whyTooMuch(survivor, others, rulesOf(survivor)) ??
    whyNotTheirs(survivor, others, confirmDifferentCustomers && isSupervisor(caller))
  );
};

const first = (files: readonly CaseFile[], why: (file: CaseFile) => Refusal | undefined): Refusal | undefined => {
  for (const file of files) {
    const refusal = why(file);
    if (refusal) return refusal;
  }
  return undefined;
};

/** Depth stays one: a child survives only what has no children, and is merged only into a child of its own parent. */
const whyNotRelated = (survivor: Case, { case: subject, family }: CaseFile): Refusal | undefined => {
  if (subject.parentId && subject.parentId !== survivor.parentId) {
    return refuse(
      'MERGE_DIFFERENT_PARENTS',
      `${subject.caseNumber} is a child and is merged only into another child of its parent`,
    );
  }
  if (survivor.parentId && family.childCount > 0) {
    return refuse(
      'MERGE_DEPTH',
      `${survivor.caseNumber} is a child and cannot take over ${subject.caseNumber}'s children`,
    );
  }
  return undefined;
};

const whyNoTransition = ({ case: subject }: CaseFile, { statusModel }: Rules): Refusal | undefined => {
  const permitted = permittedTransitions(statusModel, subject.statusReason);
  if (permitted.includes(MERGED)) return undefined;
  return refuse('TRANSITION_NOT_ALLOWED', `${subject.caseNumber}: ${subject.statusReason} may not become ${MERGED}`, {
    permitted,
  });
};

/** What is still arriving at a case would miss the case that it is merged into. */
const whyNotNow = (file: CaseFile): Refusal | undefined =>
  isMoving(file) ? refuse('TRY_AGAIN', `Another merge is still moving things of ${file.case.caseNumber}`) : undefined;

const whyTooMuch = (survivor: CaseFile, others: readonly CaseFile[], { caseSettings }: Rules): Refusal | undefined => {
  const brought = childrenOf(others);
  if (brought > 0 && survivor.family.childCount + brought > caseSettings.maxChildren) {
    return refuse('CHILD_LIMIT', `A parent has at most ${caseSettings.maxChildren} children`);
  }
  const open = [survivor, ...others].reduce((sum, { activities }) => sum + activities.open.length, 0);
  if (others.some(({ activities }) => activities.open.length > 0) && open > MAX_OPEN_ACTIVITIES) {
    return refuse(
      'TOO_MANY_OPEN_ACTIVITIES',
      `A case has at most ${MAX_OPEN_ACTIVITIES} open activities, these ${open}`,
    );
  }
  if (mergesOf(survivor).received.length + others.length > MAX_RECEIVED) {
    return refuse('MERGE_TOO_MANY', `At most ${MAX_RECEIVED} cases in all are merged into another`);
  }
  if (depthWith(survivor, others) > MAX_HOPS) {
    return refuse('MERGE_DEPTH', `A chain of merges has at most ${MAX_HOPS} links`);
  }
  return undefined;
};

const whyNotTheirs = (survivor: CaseFile, others: readonly CaseFile[], isConfirmed: boolean): Refusal | undefined => {
  const strangers = others.filter((file) => file.case.accountId !== survivor.case.accountId);
  if (strangers.length === 0 || isConfirmed) return undefined;
  return refuse(
    'MERGE_DIFFERENT_CUSTOMERS',
    `${strangers.map((file) => file.case.caseNumber).join(', ')} of other customers: a supervisor has to confirm`,
    { caseIds: strangers.map((file) => file.case.caseId) },
  );
};

/** How many children these cases bring along. */
export const childrenOf = (files: readonly CaseFile[]): number =>
  files.reduce((sum, { family }) => sum + family.childCount, 0);

/** The longest chain of merges that ends at the survivor once these are merged into it. */
export const depthWith = (survivor: CaseFile, others: readonly CaseFile[]): number =>
  Math.max(mergesOf(survivor).depth, ...others.map((file) => mergesOf(file).depth + 1));
