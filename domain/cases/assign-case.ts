import { z } from 'zod';
import type { Owner } from '../people/owner.ts';
import { type Placement, priorityRank, unworked } from '../queues/queue.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { type Case, OwnerId } from './case.ts';
import { type CaseChange, type CaseFile, revised } from './case-file.ts';

/** The body of an assignment. */
export const AssignCase = z.strictObject({ ownerId: OwnerId }).meta({ id: 'AssignCase' });
export type AssignCase = z.infer<typeof AssignCase>;

/**
 * Decides an assignment of an active case. Assigning it to its owner changes nothing. In its queue it stays, and whoever
 * else worked on it no longer does; a case that stands in none goes to the new owner's default queue, if there is one.
 */
export const assignCase = (file: CaseFile, owner: Owner, now: Instant): Decision<CaseChange> => {
  const { case: subject, placement: before } = file;
  const { ownerId } = owner;
  if (subject.status !== 'active') return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is ${subject.status}`);
  if (subject.ownerId === ownerId) return accept({ before: file, after: file, facts: [] });
  const placement = assigned(subject, before, owner, now);
  return accept({
    before: file,
    after: { ...file, case: { ...subject, ownerId, ...revised(subject, now) }, ...(placement && { placement }) },
    fences: [{ type: 'ownerIsThere', ownerId }],
    facts: [
      {
        type: 'case.assigned',
        occurredAt: now,
        changes: [
          { field: 'ownerId', old: subject.ownerId, new: ownerId },
          ...(before?.workedBy !== placement?.workedBy ? [{ field: 'workedBy', old: before?.workedBy }] : []),
          ...(before?.queueId !== placement?.queueId
            ? [{ field: 'queueId', old: before?.queueId, new: placement?.queueId }]
            : []),
        ],
      },
    ],
  });
};

/** A case that waits for the rules need not wait any more: whoever assigned it has decided. */
const assigned = (
  subject: Case,
  before: Placement | undefined,
  { ownerId, defaultQueueId: queueId }: Owner,
  now: Instant,
): Placement | undefined => {
  const revision = (before?.revision ?? 0) + 1;
  if (before?.state === 'queued') {
    return before.workedBy && before.workedBy !== ownerId ? { ...unworked(before), revision } : before;
  }
  const place = { caseId: subject.caseId, since: now, priorityRank: priorityRank(subject.priority), revision };
  if (queueId) return { ...place, state: 'queued', queueId };
  return before?.state === 'awaitingRouting' ? { ...place, state: 'left' } : before;
};
