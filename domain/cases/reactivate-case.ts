import { whyExhausted, withDraws } from '../entitlements/draw.ts';
import type { Fact } from '../facts/fact.ts';
import type { Cascade } from '../hierarchy/family.ts';
import { parentMustBeActive } from '../hierarchy/open-under.ts';
import { mergedInto } from '../merge/survivor-of.ts';
import { stageClocks } from '../process/stage-clocks.ts';
import { reenter } from '../process/stages.ts';
import { type Placement, priorityRank, unworked } from '../queues/queue.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import { inTurn, reopenClocks } from '../sla/clocks.ts';
import type { Instant } from '../time.ts';
import type { Case } from './case.ts';
import { type CaseChange, type CaseFile, type Fence, type Rules, revised } from './case-file.ts';
import { IN_PROGRESS, permittedTransitions } from './status-reasons.ts';

/** What a reactivation needs besides the case. */
export interface ReactivateContext {
  rules: Rules;
  now: Instant;
  /** The case's parent, if it has one. */
  parent?: CaseFile;
  /** Where the case goes back to: its last queue, or the default queue if that is gone. */
  queueId: string;
  /** The case's owner can be given cases no longer: it comes back to nobody. */
  ownerIsGone?: boolean;
}

/**
 * Decides a reactivation: the case is in progress again in its last queue, worked by nobody, its clocks go on as their
 * SLA says, its entitlement gets back or gives again, and a cascade that its closing had started stops. Children stay
 * as they are.
 */
export const reactivateCase = (
  file: CaseFile,
  { rules, now, parent, queueId, ownerIsGone = false }: ReactivateContext,
): Decision<CaseChange> => {
  const { case: subject, family } = file;
  if (subject.status === 'active') return refuse('ALREADY_ACTIVE', `${subject.caseNumber} is active already`);
  const permitted = permittedTransitions(rules.statusModel, subject.statusReason);
  if (!permitted.includes(IN_PROGRESS)) {
    return refuse('TRANSITION_NOT_ALLOWED', `${subject.statusReason} may not become ${IN_PROGRESS}`, { permitted });
  }
  if (parent && mergedInto(parent.case)) return refuse('TRY_AGAIN', 'The parent has been merged; its children follow');
  if (parent && parentMustBeActive(rules.caseSettings) && parent.case.status !== 'active') {
    return refuse('PARENT_CLOSED', `The parent ${parent.case.caseNumber} is ${parent.case.status}`);
  }

  const { case: reopened, facts: staged } = reenter(reactivated(subject, now), now);
  const seen = { ...file, case: reopened };
  const clocks = inTurn(
    file,
    () => reopenClocks(seen, rules, now),
    ({ kpis }) => stageClocks(subject, { ...seen, kpis }, rules, now),
  );
  // One that could be taken up again is over as well: children are closed under a closed parent only.
  const unfinished = family.cascade && unfinishedStates.includes(family.cascade.state) ? family.cascade : undefined;
  const stopped: Fact[] = unfinished
    ? [{ type: 'case.cascadeStopped', occurredAt: now, cascadeId: unfinished.id }]
    : [];
  const change: CaseChange = {
    before: file,
    after: {
      ...file,
      case: ownerIsGone ? { ...reopened, ownerId: undefined } : reopened,
      ...((standsInQueues(file) || ownerIsGone) && { placement: requeued(file, queueId, now) }),
      family: unfinished ? { ...family, cascade: { ...unfinished, state: 'stopped', progressAt: now } } : family,
      activities: { ...file.activities, accepts: 'anything', revision: file.activities.revision + 1 },
      kpis: clocks.kpis,
    },
    facts: [
      {
        type: 'case.reactivated',
        occurredAt: now,
        changes: [
          { field: 'status', old: subject.status, new: 'active' },
          { field: 'statusReason', old: subject.statusReason, new: IN_PROGRESS },
          ...(ownerIsGone ? [{ field: 'ownerId', old: subject.ownerId }] : []),
        ],
      },
      ...staged,
      ...clocks.facts,
      ...stopped,
    ],
    fences: [
      ...(!ownerIsGone && subject.ownerId ? [{ type: 'ownerIsThere', ownerId: subject.ownerId } satisfies Fence] : []),
      ...(parent
        ? [
            {
              type: 'childOpens',
              parentId: parent.case.caseId,
              parentVersion: parent.case.version,
              parentMustBeActive: parentMustBeActive(rules.caseSettings),
            } satisfies Fence,
          ]
        : []),
    ],
  };
  const drawn = withDraws(change, now);
  return whyExhausted(drawn) ?? accept(drawn);
};

const unfinishedStates: readonly Cascade['state'][] = ['running', 'partial'];

/** A case that went straight to its owner has no queue to go back to. */
const standsInQueues = ({ case: subject, placement }: CaseFile): boolean =>
  placement !== undefined && (placement.queueId !== undefined || subject.ownerId === undefined);

/** A case back in a queue, worked on by nobody. One whose owner has left must stand in a queue even if it never did, or nobody would see it. */
export const requeued = ({ case: subject, placement }: CaseFile, queueId: string, now: Instant): Placement => ({
  ...(placement && unworked(placement)),
  caseId: subject.caseId,
  state: 'queued',
  queueId,
  since: now,
  priorityRank: priorityRank(subject.priority),
  revision: (placement?.revision ?? 0) + 1,
});

const reactivated = (closed: Exclude<Case, { status: 'active' }>, now: Instant): Case => {
  const common = { statusReason: IN_PROGRESS, reopenCount: closed.reopenCount + 1, ...revised(closed, now) };
  if (closed.status === 'resolved') {
    const { resolution: _kept, resolvedOn: _past, ...fields } = closed;
    return { ...fields, ...common, status: 'active' };
  }
  const { cancelledOn: _past, mergedInto: _never, ...fields } = closed;
  return { ...fields, ...common, status: 'active' };
};
