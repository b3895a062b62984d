import { z } from 'zod';
import { Slug } from '../cases/case.ts';
import { type CaseChange, type CaseFile, type Fence, revised } from '../cases/case-file.ts';
import type { Fact } from '../facts/fact.ts';
import { type Placement, priorityRank } from '../queues/queue.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import type { RoutingTarget } from './choose-target.ts';

/** The body of a routing on demand: to a queue, or by the rules when none is named. */
export const RouteCase = z.strictObject({ queueId: Slug.optional() }).meta({ id: 'RouteCase' });
export type RouteCase = z.infer<typeof RouteCase>;

/**
 * Decides where an active case goes; whoever worked on it no longer does. A rule may name an owner: then it goes to the
 * owner's default queue, or leaves the queues.
 */
export const routeCase = (file: CaseFile, target: RoutingTarget, now: Instant): Decision<CaseChange> => {
  const { case: subject, placement: before } = file;
  if (subject.status !== 'active') return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is ${subject.status}`);
  const { queueId, ownerId } = target;
  const ownerChanges = ownerId !== undefined && ownerId !== subject.ownerId;
  const place = {
    caseId: subject.caseId,
    since: now,
    priorityRank: priorityRank(subject.priority),
    revision: (before?.revision ?? 0) + 1,
  };
  const placement: Placement = queueId ? { ...place, state: 'queued', queueId } : { ...place, state: 'left' };
  const fences: Fence[] = [
    // Closing a case changes its placement; where there is none yet, the two would not meet.
    ...(before ? [] : [{ type: 'isActive' } satisfies Fence]),
    ...(ownerChanges ? [{ type: 'ownerIsThere', ownerId } satisfies Fence] : []),
  ];
  return accept({
    before: file,
    after: {
      ...file,
      ...(ownerChanges && { case: { ...subject, ownerId, ...revised(subject, now) } }),
      placement,
    },
    fences,
    facts: [
      routed(target, now, [
        ...(queueId !== before?.queueId ? [{ field: 'queueId', old: before?.queueId, new: queueId }] : []),
        ...(ownerChanges ? [{ field: 'ownerId', old: subject.ownerId, new: ownerId }] : []),
      ]),
    ],
  });
};

/** The fact that tells where a case went, by which rule and why. */
export const routed = (target: RoutingTarget, now: Instant, changes: Fact['changes'] = []): Fact => ({
  type: 'case.routed',
  occurredAt: now,
  ...target,
  changes,
});
