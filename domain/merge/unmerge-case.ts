import { z } from 'zod';
import { type Case, CaseId } from '../cases/case.ts';
import { type CaseChange, type CaseFile, type Fence, type Rules, revised } from '../cases/case-file.ts';
import { requeued } from '../cases/reactivate-case.ts';
import { IN_PROGRESS } from '../cases/status-reasons.ts';
import { whyExhausted, withDraws } from '../entitlements/draw.ts';
import { parentMustBeActive } from '../hierarchy/open-under.ts';
import { reenter } from '../process/stages.ts';
import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';
import { cancelClocks, restoreClocks } from '../sla/clocks.ts';
import type { Instant } from '../time.ts';
import { type Away, isUnderWay, mergesOf } from './merges.ts';
import { cameFrom, resummarised, takenBack } from './open-activities.ts';
import { mergedInto } from './survivor-of.ts';

/** The body of an unmerge: the case that comes out of the path's case again. */
export const UnmergeCase = z.strictObject({ caseId: CaseId }).meta({ id: 'UnmergeCase' });
export type UnmergeCase = z.infer<typeof UnmergeCase>;

/** What an unmerge rests on besides the two cases. */
export interface UnmergeContext {
  /** Those of the merged case. */
  rules: Rules;
  by: string;
  now: Instant;
  /** Id of the move that brings back what came from the case. */
  moveId: string;
  /** The merged case's parent, if it has one. */
  parent?: CaseFile;
  /** Where the case goes back to: its last queue, or the default queue if that is gone. */
  queueId: string;
  /** The case's owner can be given cases no longer: it comes back to nobody. */
  ownerIsGone: boolean;
}

/** An unmerge that is allowed: what it makes of each case. */
export interface Unmerge {
  survivor: CaseChange;
  unmerged: CaseChange;
}

/**
 * Decides an unmerge: the merged case is active again where and as it stood, its clocks go on with their credit, it
 * takes of its entitlement again, and its activities and children come back by the stream. What was added to the
 * survivor since stays there. A merge that is still moving things turns round.
 */
export const unmergeCase = (survivor: CaseFile, merged: CaseFile, context: UnmergeContext): Decision<Unmerge> => {
  const { away } = mergesOf(merged);
  const into = mergedInto(merged.case);
  if (!away || into !== survivor.case.caseId || merged.case.status !== 'cancelled') {
    return refuse(
      'UNMERGE_NOT_POSSIBLE',
      `${merged.case.caseNumber} is not merged into ${survivor.case.caseNumber}`,
      into ? { mergedInto: into } : {},
    );
  }
  if (survivor.case.status !== 'active') {
    return refuse('CASE_NOT_ACTIVE', `${survivor.case.caseNumber} is ${survivor.case.status}`);
  }
  const own = mergesOf(survivor).away;
  if (own && isUnderWay(own)) {
    return refuse('TRY_AGAIN', `What came from ${survivor.case.caseNumber} is still coming back to it`);
  }
  const unmerged = withDraws(restored(merged, merged.case, survivor, away, context), context.now);
  const refusal = whyNotUnder(context) ?? whyExhausted(unmerged);
  return refusal ?? accept({ survivor: releasing(survivor, merged, away, context.now), unmerged });
};

const whyNotUnder = ({ parent, rules }: UnmergeContext): Refusal | undefined => {
  if (!parent) return undefined;
  if (mergedInto(parent.case)) return refuse('TRY_AGAIN', 'The parent has been merged; its children follow');
  return parentMustBeActive(rules.caseSettings) && parent.case.status !== 'active'
    ? refuse('PARENT_CLOSED', `The parent ${parent.case.caseNumber} is ${parent.case.status}`)
    : undefined;
};

/** Minutes of activities that have not gone to the survivor, which has counted them since the merge. */
const minutesLeft = ({ state, before, movedMinutes }: Away): number =>
  state === 'moving' ? before.totalMinutes - movedMinutes : 0;

const releasing = (survivor: CaseFile, { case: { caseId } }: CaseFile, away: Away, now: Instant): CaseChange => {
  const { case: subject, activities } = survivor;
  const merges = mergesOf(survivor);
  const received = merges.received.filter((one) => one.caseId !== caseId);
  const unused = away.state === 'moving' ? away.reserved - away.movedChildren : 0;
  const starts = isUnderWay(away) ? 0 : 1;
  const idsOf = (list: typeof received) => list.map((one) => one.caseId);
  return {
    before: survivor,
    after: {
      ...survivor,
      case: { ...subject, ...revised(subject, now) },
      family: { ...survivor.family, childCount: survivor.family.childCount - unused },
      activities: resummarised(activities, {
        open: activities.open.filter((one) => !cameFrom(one, caseId)),
        totalMinutes: activities.totalMinutes - minutesLeft(away),
      }),
      merges: { ...merges, received, moves: merges.moves + starts },
    },
    facts: [
      {
        type: 'case.mergeReleased',
        occurredAt: now,
        unmergedId: caseId,
        changes: [{ field: 'mergedCases', old: idsOf(merges.received), new: idsOf(received) }],
      },
    ],
    fences: [
      ...(starts > 0 ? [{ type: 'movesUnderWay', by: starts } satisfies Fence] : []),
      ...(unused > 0 ? [{ type: 'childrenReleased', count: unused } satisfies Fence] : []),
    ],
  };
};

const restored = (
  merged: CaseFile,
  closed: Extract<Case, { status: 'cancelled' }>,
  survivor: CaseFile,
  away: Away,
  { rules, by, now, moveId, parent, queueId, ownerIsGone }: UnmergeContext,
): CaseChange => {
  const { caseId } = closed;
  const { cancelledOn: _past, mergedInto: _former, ...fields } = closed;
  const statusReason = stillUsable(away.before.statusReason, rules);
  const { ownerId } = closed;
  const { case: active, facts: staged } = reenter<Case>(
    { ...fields, ...revised(closed, now), status: 'active', statusReason },
    now,
  );
  const subject = ownerIsGone ? { ...active, ownerId: undefined } : active;
  // Clocks that were too many for the merge's own transaction may not have been stopped yet.
  const stopped = cancelClocks(merged, rules, away.mergedOn, closed.statusReason);
  const restoring = { stoppedAt: away.mergedOn, now, cause: 'unmerged' };
  const clocks = restoreClocks({ ...merged, case: subject, kpis: stopped.kpis }, rules, restoring);
  const merges = mergesOf(merged);
  const starts = isUnderWay(away) ? 0 : 1;
  const { movedChildren } = away;
  return {
    before: merged,
    after: {
      ...merged,
      case: subject,
      ...((away.before.queued || ownerIsGone) && { placement: requeued(merged, queueId, now) }),
      family: { ...merged.family, childCount: merged.family.childCount + movedChildren },
      activities: {
        ...merged.activities,
        accepts: 'anything',
        open: takenBack(survivor.activities.open, caseId, survivor.case.caseId),
        totalMinutes: minutesLeft(away),
        customerReplied: away.before.customerReplied && survivor.activities.customerReplied,
        revision: merged.activities.revision + 1,
      },
      kpis: clocks.kpis,
      merges: { ...merges, moves: merges.moves + starts, away: returning(away, { by, now, moveId }) },
    },
    facts: [
      ...stopped.facts,
      ...clocks.facts,
      ...staged,
      {
        type: 'case.unmerged',
        occurredAt: now,
        unmergedFrom: survivor.case.caseId,
        moveId,
        changes: [
          { field: 'status', old: closed.status, new: 'active' },
          { field: 'statusReason', old: closed.statusReason, new: statusReason },
          { field: 'mergedInto', old: survivor.case.caseId },
          ...(ownerIsGone ? [{ field: 'ownerId', old: ownerId }] : []),
        ],
      },
    ],
    fences: [
      ...(starts > 0 ? [{ type: 'movesUnderWay', by: starts } satisfies Fence] : []),
      ...(movedChildren > 0 ? [{ type: 'childrenReserved', count: movedChildren } satisfies Fence] : []),
      ...(ownerId && !ownerIsGone ? [{ type: 'ownerIsThere', ownerId } satisfies Fence] : []),
      ...(parent ? [opensUnder(parent, rules)] : []),
    ],
  };
};

const stillUsable = (statusReason: string, { statusModel }: Rules): string => {
  const reason = statusModel.reasons[statusReason];
  return reason?.status === 'active' && reason.enabled ? statusReason : IN_PROGRESS;
};

const returning = (away: Away, { by, now, moveId }: { by: string; now: Instant; moveId: string }): Away => {
  const { after: _start, ...rest } = away;
  return {
    ...rest,
    moveId,
    by,
    state: 'returning',
    step: 'children',
    position: 0,
    reserved: away.movedChildren,
    movedChildren: 0,
    movedActivities: 0,
    movedMinutes: 0,
    progressAt: now,
  };
};

const opensUnder = (parent: CaseFile, rules: Rules): Fence => ({
  type: 'childOpens',
  parentId: parent.case.caseId,
  parentVersion: parent.case.version,
  parentMustBeActive: parentMustBeActive(rules.caseSettings),
});
