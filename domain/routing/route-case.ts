import { z } from 'zod';
import { Slug } from '../cases/case.ts';
import { type CaseChange, type CaseFile, revised } from '../cases/case-file.ts';
import { priorityRank } from '../queues/queue.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import type { RoutingTarget } from './choose-target.ts';

/** The body of a routing on demand: to a queue, or by the rules when none is named. */
export const RouteCase = z.strictObject({ queueId: Slug.optional() }).meta({ id: 'RouteCase' });
export type RouteCase = z.infer<typeof RouteCase>;

/** Decides where an active case goes; whoever worked on it no longer does. A rule may name an owner instead of a queue. */
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
  return accept({
    before: file,
    after: {
      ...file,
      ...(ownerChanges && { case: { ...subject, ownerId, ...revised(subject, now) } }),
      placement: queueId ? { ...place, state: 'queued', queueId } : { ...place, state: 'left' },
    },
    // Closing a case changes its placement; where there is none yet, the two would not meet.
    fences: before ? [] : [{ type: 'isActive' }],
    facts: [
      {
        type: 'case.routed',
        occurredAt: now,
        ...target,
        changes: [
          ...(queueId !== before?.queueId ? [{ field: 'queueId', old: before?.queueId, new: queueId }] : []),
          ...(ownerChanges ? [{ field: 'ownerId', old: subject.ownerId, new: ownerId }] : []),
        ],
      },
    ],
  });
};
