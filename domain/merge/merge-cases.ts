import { z } from 'zod';
import { MAX_OPEN_ACTIVITIES } from '../activities/activity.ts';
import { type Case, CaseId } from '../cases/case.ts';
import { type Caller, type CaseChange, type CaseFile, type Fence, type Rules, revised } from '../cases/case-file.ts';
import { outOfQueue } from '../cases/close-case.ts';
import { MERGED, permittedTransitions } from '../cases/status-reasons.ts';
import { withDraws } from '../entitlements/draw.ts';
import type { Fact } from '../facts/fact.ts';
import { isSupervisor } from '../queues/access.ts';
import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';
import { cancelClocks } from '../sla/clocks.ts';
import type { Instant } from '../time.ts';
import {
  type Away,
  isMoving,
  MAX_HOPS,
  MAX_MERGED_AT_ONCE,
  MAX_RECEIVED,
  mergesOf,
  participantsOf,
  type Received,
} from './merges.ts';
import { resummarised, takenOver } from './open-activities.ts';

/** The body of a merge: the cases that are merged away. How many they may be is a rule with a word of its own. */
export const MergeCases = z
  .strictObject({
    caseIds: z.array(CaseId).min(1).max(1_000).describe(`1 to ${MAX_MERGED_AT_ONCE} cases; the path's case survives`),
    confirmDifferentCustomers: z
      .boolean()
      .default(false)
      .describe('Supervisors only: merge although the cases are of different customers'),
  })
  .meta({ id: 'MergeCases' });
export type MergeCases = z.infer<typeof MergeCases>;

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

/** What a merge rests on besides the cases. */
export interface MergeContext {
  rulesOf: (file: CaseFile) => Rules;
  caller: Caller;
  now: Instant;
  /** Id of the move that follows for a case that is merged away. */
  moveIdOf: (file: CaseFile) => string;
  /** Whether the clocks end with the merge, or with the first pages of the move because they are too many for it. */
  clocks: 'now' | 'later';
}

/** A merge that is allowed: what it makes of each case. */
export interface Merge {
  survivor: CaseChange;
  merged: CaseChange[];
}

/**
 * Decides a merge, all or nothing. The merged cases are cancelled and point to the survivor, which takes over their
 * open activities, minutes and children at once as far as its limits go; the things themselves follow by the stream,
 * because there may be more of them than one transaction has writes. The survivor's clocks stay as they are.
 */
export const mergeCases = (
  survivor: CaseFile,
  others: readonly CaseFile[],
  command: MergeCases,
  context: MergeContext,
): Decision<Merge> => {
  const refusal = whyNotMerged(survivor, others, command, context);
  if (refusal) return refusal;
  return accept({
    survivor: receiving(survivor, others, context),
    merged: others.map((file) => mergedAway(file, survivor, context)),
  });
};

const whyNotMerged = (
  survivor: CaseFile,
  others: readonly CaseFile[],
  command: MergeCases,
  context: MergeContext,
): Refusal | undefined => {
  const all = [survivor, ...others];
  const closed = all.filter((file) => file.case.status !== 'active');
  if (closed.length > 0) {
    const which = closed.map((file) => `${file.case.caseNumber} is ${file.case.status}`).join(', ');
    return refuse('MERGE_NOT_ACTIVE', which, { caseIds: closed.map((file) => file.case.caseId) });
  }
  return (
    first(others, (file) => whyNotRelated(survivor.case, file)) ??
    first(others, (file) => whyNoTransition(file, context.rulesOf(file))) ??
    first(others, whyNotNow) ??
    whyTooMuch(survivor, others, context.rulesOf(survivor)) ??
    whyNotTheirs(survivor, others, command, context.caller)
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

const whyNotTheirs = (
  survivor: CaseFile,
  others: readonly CaseFile[],
  { confirmDifferentCustomers }: MergeCases,
  caller: Caller,
): Refusal | undefined => {
  const strangers = others.filter((file) => file.case.accountId !== survivor.case.accountId);
  if (strangers.length === 0 || (confirmDifferentCustomers && isSupervisor(caller))) return undefined;
  return refuse(
    'MERGE_DIFFERENT_CUSTOMERS',
    `${strangers.map((file) => file.case.caseNumber).join(', ')} of other customers: a supervisor has to confirm`,
    { caseIds: strangers.map((file) => file.case.caseId) },
  );
};

const childrenOf = (files: readonly CaseFile[]): number =>
  files.reduce((sum, { family }) => sum + family.childCount, 0);

const depthWith = (survivor: CaseFile, others: readonly CaseFile[]): number =>
  Math.max(mergesOf(survivor).depth, ...others.map((file) => mergesOf(file).depth + 1));

const receiving = (survivor: CaseFile, others: readonly CaseFile[], { rulesOf, now }: MergeContext): CaseChange => {
  const { case: subject, activities, family } = survivor;
  const merges = mergesOf(survivor);
  const brought = childrenOf(others);
  const received = [...merges.received, ...others.map((file) => receivedAs(file, subject))];
  const { maxChildren } = rulesOf(survivor).caseSettings;
  return {
    before: survivor,
    after: {
      ...survivor,
      case: { ...subject, ...(brought > 0 && { hasFamily: true }), ...revised(subject, now) },
      family: { ...family, childCount: family.childCount + brought },
      activities: resummarised(activities, {
        open: [...activities.open, ...others.flatMap((file) => takenOver(file.activities.open, file.case.caseId))],
        totalMinutes: others.reduce((sum, file) => sum + file.activities.totalMinutes, activities.totalMinutes),
        customerReplied: [survivor, ...others].some((file) => file.activities.customerReplied),
      }),
      merges: {
        ...merges,
        received,
        depth: depthWith(survivor, others),
        moves: merges.moves + others.length,
      },
    },
    facts: [
      {
        type: 'case.mergeReceived',
        occurredAt: now,
        caseIds: others.map((file) => file.case.caseId),
        changes: [{ field: 'mergedCases', old: idsOf(merges.received), new: idsOf(received) }],
      },
    ],
    fences: [
      { type: 'movesUnderWay', by: others.length },
      ...(brought > 0 ? [{ type: 'childrenReserved', count: brought, maxChildren } satisfies Fence] : []),
    ],
  };
};

const idsOf = (received: readonly Received[]): string[] => received.map(({ caseId }) => caseId);

const receivedAs = (file: CaseFile, survivor: Case): Received => {
  const participants = [...new Set([file.case.customerId, ...participantsOf(file)])];
  const isNew = participants.some((participant) => participant !== survivor.customerId);
  return { caseId: file.case.caseId, ...(isNew && { participants }) };
};

const mergedAway = (file: CaseFile, survivor: CaseFile, context: MergeContext): CaseChange => {
  const { case: subject, activities, placement, family } = file;
  const { now, caller, moveIdOf, rulesOf } = context;
  const { caseId: survivorId } = survivor.case;
  const clocks =
    context.clocks === 'now' ? cancelClocks(file, rulesOf(file), now, MERGED) : { kpis: file.kpis, facts: [] };
  const merges = mergesOf(file);
  const away: Away = {
    moveId: moveIdOf(file),
    survivorId,
    mergedOn: now,
    by: caller.userId,
    state: 'moving',
    step: 'clocks',
    position: 0,
    reserved: family.childCount,
    movedChildren: 0,
    movedActivities: 0,
    movedMinutes: 0,
    before: {
      statusReason: subject.statusReason,
      queued: placement !== undefined && placement.state !== 'left',
      customerReplied: activities.customerReplied,
      totalMinutes: activities.totalMinutes,
    },
    progressAt: now,
  };
  const change: CaseChange = {
    before: file,
    after: {
      ...file,
      case: {
        ...subject,
        ...revised(subject, now),
        status: 'cancelled',
        statusReason: MERGED,
        cancelledOn: now,
        mergedInto: survivorId,
      },
      ...(placement && { placement: outOfQueue(placement, now) }),
      activities: {
        ...activities,
        accepts: 'nothing',
        open: [],
        totalMinutes: 0,
        customerReplied: false,
        revision: activities.revision + 1,
      },
      kpis: clocks.kpis,
      merges: { ...merges, away, moves: merges.moves + 1 },
    },
    facts: [
      ...clocks.facts,
      {
        type: 'case.merged',
        occurredAt: now,
        mergedInto: survivorId,
        moveId: away.moveId,
        changes: [
          { field: 'status', old: subject.status, new: 'cancelled' },
          { field: 'statusReason', old: subject.statusReason, new: MERGED },
          { field: 'mergedInto', new: survivorId },
        ],
      } satisfies Fact,
    ],
    fences: [
      // A case that never had a child bears no mark, which is asked of the case itself.
      subject.hasFamily ? { type: 'childrenAre', count: family.childCount } : { type: 'hasNoFamily' },
      { type: 'movesUnderWay', by: 1 },
      ...(subject.parentId ? [{ type: 'childCloses', parentId: subject.parentId } satisfies Fence] : []),
    ],
  };
  return withDraws(change, now);
};
