import { z } from 'zod';
import type { Owner } from '../people/owner.ts';
import { returned } from '../people/return-case.ts';
import { type Placement, priorityRank, unworked } from '../queues/queue.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { type Case, OwnerId } from './case.ts';
import { type CaseChange, type CaseFile, revised } from './case-file.ts';

/** The body of an assignment. */
export const AssignCase = z
  .strictObject({ ownerId: OwnerId.nullable().describe('null: the case belongs to nobody') })
  .meta({ id: 'AssignCase' });
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
  const change = owned(file, { ...subject, ownerId }, placement, now);
  return accept({ ...change, fences: [{ type: 'ownerIsThere', ownerId }] });
};

/**
 * Decides that an active case belongs to nobody any more. Nobody works on it then, and it stands where others see it: in
 * the queue that it is in, or in `queueId` when it is in none. One that waits for the rules goes on waiting.
 */
export const unassignCase = (file: CaseFile, queueId: string, now: Instant): Decision<CaseChange> => {
  const { case: subject, placement: before } = file;
  if (subject.status !== 'active') return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is ${subject.status}`);
  if (!subject.ownerId) return accept({ before: file, after: file, facts: [] });
  return accept(owned(file, { ...subject, ownerId: undefined }, returned(subject, before, queueId, now), now));
};

/** A case with the owner that it has from now on, and what is told of it. */
const owned = (file: CaseFile, subject: Case, placement: Placement | undefined, now: Instant): CaseChange => {
  const { placement: before, case: former } = file;
  return {
    before: file,
    after: { ...file, case: { ...subject, ...revised(former, now) }, ...(placement && { placement }) },
    facts: [
      {
        type: 'case.assigned',
        occurredAt: now,
        changes: [
          { field: 'ownerId', old: former.ownerId, new: subject.ownerId },
          ...(before?.workedBy !== placement?.workedBy ? [{ field: 'workedBy', old: before?.workedBy }] : []),
          ...(before?.queueId !== placement?.queueId
            ? [{ field: 'queueId', old: before?.queueId, new: placement?.queueId }]
            : []),
        ],
      },
    ],
  };
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
