import { z } from 'zod';
import { type Case, CaseId } from '../cases/case.ts';
import { type Caller, type CaseChange, type CaseFile, type Fence, type Rules, revised } from '../cases/case-file.ts';
import { outOfQueue } from '../cases/close-case.ts';
import { MERGED } from '../cases/status-reasons.ts';
import { withDraws } from '../entitlements/draw.ts';
import type { Fact } from '../facts/fact.ts';
import { moveTo } from '../process/stages.ts';
import { accept, type Decision } from '../refusal.ts';
import { cancelClocks } from '../sla/clocks.ts';
import type { Instant } from '../time.ts';
import { type Away, MAX_MERGED_AT_ONCE, mergesOf, participantsOf, type Received } from './merges.ts';
import { resummarised, takenOver } from './open-activities.ts';
import { childrenOf, depthWith, whyNotMerged } from './why-not-merged.ts';

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
  const refusal = whyNotMerged(survivor, others, { ...context, ...command });
  if (refusal) return refusal;
  return accept({
    survivor: receiving(survivor, others, context),
    merged: others.map((file) => mergedAway(file, survivor, context)),
  });
};

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
  const left = moveTo(subject, undefined, { at: now, rules: rulesOf(file) });
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
        ...left.case,
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
      ...left.facts,
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
