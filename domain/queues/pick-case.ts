import { type Caller, type CaseChange, type CaseFile, revised } from '../cases/case-file.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { mayWorkIn } from './access.ts';
import { releaseTime } from './auto-release.ts';
import type { Queue } from './queue.ts';

/** Which queue a command on a queue item names, as it is now. */
export interface QueueAt {
  queueId: string;
  queue: Queue;
}

/** Decides that the caller works on a queue's case: it becomes theirs. The first to pick it has it. */
export const pickCase = (
  file: CaseFile,
  { queueId, queue }: QueueAt,
  caller: Caller,
  now: Instant,
): Decision<CaseChange> => {
  const { case: subject, placement } = file;
  if (placement?.state !== 'queued' || placement.queueId !== queueId) {
    return refuse('NOT_IN_QUEUE', `${subject.caseNumber} is not in the queue ${queueId}`);
  }
  if (!mayWorkIn(queue, caller)) return refuse('NOT_A_MEMBER', `Only members pick from ${queueId}`);
  const { userId } = caller;
  const { workedBy } = placement;
  if (workedBy === userId) return accept({ before: file, after: file, facts: [] });
  if (workedBy) return refuse('ALREADY_PICKED', `${workedBy} works on ${subject.caseNumber}`, { workedBy });
  return accept({
    before: file,
    after: {
      ...file,
      case: { ...subject, ownerId: userId, ...revised(subject, now) },
      placement: {
        ...placement,
        workedBy: userId,
        workedSince: now,
        releaseAt: releaseTime(queue, now),
        revision: placement.revision + 1,
      },
    },
    fences: [{ type: 'mayWork', userId }],
    facts: [
      {
        type: 'case.picked',
        occurredAt: now,
        queueId,
        changes: [
          { field: 'workedBy', new: userId },
          { field: 'ownerId', old: subject.ownerId, new: userId },
        ],
      },
    ],
  });
};
