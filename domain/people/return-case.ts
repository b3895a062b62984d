import type { Case } from '../cases/case.ts';
import { type CaseChange, type CaseFile, revised } from '../cases/case-file.ts';
import { type Placement, priorityRank, unworked } from '../queues/queue.ts';
import type { Instant } from '../time.ts';

/**
 * Decides that an open case goes back from somebody who has left: it belongs to nobody and nobody works on it, in the
 * queue where it stands, or in `queueId` when it stands in none. Nothing when it is theirs no longer.
 */
export const returnCase = (file: CaseFile, userId: string, queueId: string, now: Instant): CaseChange | undefined => {
  const { case: subject, placement } = file;
  if (subject.status !== 'active' || subject.ownerId !== userId) return undefined;
  const place = returned(subject, placement, queueId, now);
  const { ownerId: _gone, ...unowned } = subject;
  return {
    before: file,
    after: { ...file, case: { ...unowned, ...revised(subject, now) }, placement: place },
    facts: [
      {
        type: 'case.released',
        occurredAt: now,
        ...(place.queueId && { queueId: place.queueId }),
        changes: [
          ...(placement?.workedBy ? [{ field: 'workedBy', old: placement.workedBy }] : []),
          ...(place.queueId !== placement?.queueId
            ? [{ field: 'queueId', old: placement?.queueId, new: place.queueId }]
            : []),
          { field: 'ownerId', old: userId },
        ],
      },
    ],
  };
};

/** Where a case stands once it belongs to nobody: where it was, or in `queueId`. One that waits for the rules goes on waiting. */
export const returned = (subject: Case, placement: Placement | undefined, queueId: string, now: Instant): Placement => {
  const revision = (placement?.revision ?? 0) + 1;
  if (placement && placement.state !== 'left') return { ...unworked(placement), revision };
  const rank = priorityRank(subject.priority);
  return { caseId: subject.caseId, state: 'queued', queueId, since: now, priorityRank: rank, revision };
};
