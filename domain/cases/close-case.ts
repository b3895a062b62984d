import { withDraws } from '../entitlements/draw.ts';
import { changesOf, type Fact } from '../facts/fact.ts';
import type { Cascade } from '../hierarchy/family.ts';
import { isMoving } from '../merge/merges.ts';
import { stageClocks } from '../process/stage-clocks.ts';
import { moveTo } from '../process/stages.ts';
import { type Placement, unworked } from '../queues/queue.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { type Clocks, cancelClocks, inTurn, latestGenerations, resolveClocks } from '../sla/clocks.ts';
import type { Instant } from '../time.ts';
import type { Case, Resolution } from './case.ts';
import { type CaseChange, type CaseFile, type Fence, type Rules, revised } from './case-file.ts';
import { permittedTransitions } from './status-reasons.ts';

/** How a case is being closed; a resolution has a narrative, a cancellation may have a note. */
export type Closing = {
  statusReason: string;
  /** When it happened in the world; not after `now`. */
  occurredAt: Instant;
  now: Instant;
  by: string;
  cause: string;
  cascadeId?: string;
  /** Closed although the transition graph has no such edge; only a cascade does that. */
  forced?: boolean;
} & (
  | {
      status: 'resolved';
      resolution: string;
      billableMinutes?: number;
      articleId?: string;
      /** The resolution that holds on: the case was reopened for nothing. */
      asBefore?: Resolution;
    }
  | { status: 'cancelled'; note?: string }
);

/**
 * Everything that closing a case means, whoever closes it: open activities are cancelled, the case leaves its queue,
 * its clocks end (`resolve` and that of its stage succeed on a resolution, all others are cancelled), its parent counts one active child
 * less, its entitlement's balance moves. The caller has checked that it may be closed; whether the entitlement has
 * enough left is to be seen from the change itself.
 */
export const closeCase = (file: CaseFile, closing: Closing, rules: Rules): CaseChange => {
  const { now } = closing;
  const left = moveTo(file.case, undefined, { at: closing.occurredAt, rules });
  const seen = { ...file, case: left.case };
  const isResolved = closing.status === 'resolved' && !closing.asBefore;
  const clocks = inTurn(
    file,
    ({ kpis }) => (isResolved ? stageClocks(file.case, { ...seen, kpis }, rules, now) : { kpis, facts: [] }),
    ({ kpis }) => endClocks({ ...seen, kpis }, closing, rules),
  );
  const openIds = file.activities.open.map(({ activityId }) => activityId);
  const subject = closedCase(seen, closing, clocks);
  const change: CaseChange = {
    before: file,
    after: {
      ...file,
      case: subject,
      ...(file.placement && { placement: outOfQueue(file.placement, now) }),
      activities: {
        ...file.activities,
        accepts: 'notes',
        open: [],
        customerReplied: false,
        revision: file.activities.revision + 1,
      },
      kpis: clocks.kpis,
    },
    facts: [
      ...clocks.facts,
      ...left.facts,
      ...(openIds.length > 0
        ? [{ type: 'activity.cancelled', occurredAt: now, activityIds: openIds } satisfies Fact]
        : []),
      closedFact(file.case, subject, closing),
    ],
    cancelledActivities: file.activities.open.map(({ activityId, at = file.case.caseId }) => ({
      activityId,
      caseId: at,
    })),
    fences: file.case.parentId
      ? [
          {
            type: 'childCloses',
            parentId: file.case.parentId,
            closed: { version: subject.version, isResolved: closing.status === 'resolved' },
          },
        ]
      : [],
  };
  return withDraws(change, now);
};

/** What a condition of the SLA asks of the case is asked of it as it is once it is closed. */
const endClocks = (file: CaseFile, closing: Closing, rules: Rules): Clocks => {
  if (closing.status === 'cancelled') return cancelClocks(file, rules, closing.now);
  return closing.asBefore
    ? cancelClocks(file, rules, closing.now, 'resolved as before')
    : resolveClocks({ ...file, case: closedCase(file, closing, file) }, rules, closing.occurredAt, closing.now);
};

/** A closed case stands in no queue, and nobody works on it; the queue is kept for the day when it is opened again. */
export const outOfQueue = (placement: Placement, now: Instant): Placement => ({
  ...unworked(placement),
  state: 'left',
  since: now,
  revision: placement.revision + 1,
});

const closedCase = (file: CaseFile, closing: Closing, clocks: Pick<Clocks, 'kpis'>): Case => {
  const common = { ...file.case, ...revised(file.case, closing.now), statusReason: closing.statusReason };
  if (closing.status === 'cancelled') return { ...common, status: 'cancelled', cancelledOn: closing.occurredAt };
  if (closing.asBefore) {
    const reopenCount = common.reopenCount - 1;
    return { ...common, status: 'resolved', resolvedOn: closing.occurredAt, reopenCount, resolution: closing.asBefore };
  }
  const { totalMinutes } = file.activities;
  const resolution: Resolution = {
    resolutionType: closing.statusReason,
    resolution: closing.resolution,
    totalMinutes,
    billableMinutes: closing.billableMinutes ?? totalMinutes,
    resolvedAt: closing.occurredAt,
    resolvedBy: closing.by,
    cause: closing.cause,
    ...(closing.articleId && { articleId: closing.articleId }),
    sla: latestGenerations(clocks.kpis).map(({ kpi, status }) => ({ kpi, status })),
  };
  return { ...common, status: 'resolved', resolvedOn: closing.occurredAt, resolution };
};

const closedFact = (before: Case, after: Case, closing: Closing): Fact => {
  const common = {
    occurredAt: closing.occurredAt,
    statusReason: closing.statusReason,
    ...(before.parentId && { parentId: before.parentId }),
    ...(closing.cascadeId && { cascadeId: closing.cascadeId }),
    ...(closing.forced && { forced: true }),
    changes: [
      { field: 'status', old: before.status, new: after.status },
      { field: 'statusReason', old: before.statusReason, new: after.statusReason },
      ...changesOf(before, after, ['reopenCount']),
    ],
  };
  return closing.status === 'resolved'
    ? {
        type: 'case.resolved',
        resolution: closing.resolution,
        ...(closing.asBefore && { asBefore: true }),
        ...(closing.articleId && { articleId: closing.articleId }),
        ...common,
      }
    : { type: 'case.cancelled', ...(closing.note && { note: closing.note }), ...common };
};

/** What a closing asks for, beyond the reason that it closes to. */
export interface ClosingRequest {
  statusReason: string;
  confirmCancelActivities: boolean;
  /** Open activities of active children that a cascade would cancel too. */
  openActivitiesOfChildren: number;
}

/** Why an active case may not be closed to a reason now, or nothing when it may. */
export const whyNotClosed = (
  file: CaseFile,
  { statusReason, confirmCancelActivities, openActivitiesOfChildren }: ClosingRequest,
  { statusModel, caseSettings }: Rules,
): Refusal | undefined => {
  const reason = statusModel.reasons[statusReason];
  if (reason?.enabled === false) return refuse('REASON_DISABLED', `The reason ${statusReason} is disabled`);
  const permitted = permittedTransitions(statusModel, file.case.statusReason);
  if (!permitted.includes(statusReason)) {
    return refuse('TRANSITION_NOT_ALLOWED', `${file.case.statusReason} may not become ${statusReason}`, { permitted });
  }
  const { activeChildren } = file.family;
  if (caseSettings.closurePolicy === 'blockUntilChildrenClosed' && activeChildren > 0) {
    return refuse('ACTIVE_CHILDREN', `${activeChildren} child cases are still active`, { activeChildren });
  }
  if (caseSettings.closurePolicy !== 'independent' && isMoving(file)) {
    return refuse('TRY_AGAIN', `Children of cases merged with ${file.case.caseNumber} are still on their way`);
  }
  const { open } = file.activities;
  if (!confirmCancelActivities && open.length + openActivitiesOfChildren > 0) {
    return refuse('OPEN_ACTIVITIES', `${open.length + openActivitiesOfChildren} activities are still open`, {
      activities: open.map(({ activityId, type, subject }) => ({ activityId, type, ...(subject && { subject }) })),
      ...(openActivitiesOfChildren > 0 && { openActivitiesOfChildren }),
    });
  }
  return undefined;
};

/**
 * Adds to the closing of a parent what its closure policy asks: under `block` the commit makes sure that still no
 * child is active; under `cascade` it starts the closing of the children, which goes on by the stream because a parent
 * may have more of them than one transaction has writes.
 */
export const withClosurePolicy = (
  change: CaseChange,
  closing: Closing,
  rules: Rules,
  cascadeId: string,
): CaseChange => {
  const { family, case: subject } = change.after;
  const policy = rules.caseSettings.closurePolicy;
  if (policy === 'independent' || subject.parentId) return change;
  if (policy === 'blockUntilChildrenClosed')
    return { ...change, fences: [...fencesOf(change), { type: 'noActiveChildren' }] };
  const fence: Fence = { type: 'activeChildrenAre', count: family.activeChildren };
  if (family.activeChildren === 0) return { ...change, fences: [...fencesOf(change), fence] };
  const cascade: Cascade = {
    id: cascadeId,
    state: 'running',
    closes: closing.status,
    statusReason: closing.statusReason,
    by: closing.by,
    startedOn: closing.now,
    round: 1,
    total: family.activeChildren,
    closed: 0,
    skipped: 0,
    failed: 0,
    progressAt: closing.now,
  };
  return {
    ...change,
    after: { ...change.after, family: { ...family, cascade } },
    facts: [...change.facts, { type: 'case.cascadeStarted', occurredAt: closing.now, cascadeId, total: cascade.total }],
    fences: [...fencesOf(change), fence],
  };
};

const fencesOf = (change: CaseChange): readonly Fence[] => change.fences ?? [];
