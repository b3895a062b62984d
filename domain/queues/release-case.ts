import { type Caller, type CaseChange, type CaseFile, revised } from '../cases/case-file.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { isSupervisor } from './access.ts';
import type { QueueAt } from './pick-case.ts';

/**
 * Decides that nobody works on a queue's case any more: it belongs to the queue's owner again, or to nobody. Whoever
 * picked it releases it, or a supervisor does. Releasing what nobody picked changes nothing.
 */
export const releaseCase = (
  file: CaseFile,
  { queueId, queue }: QueueAt,
  caller: Caller,
  now: Instant,
): Decision<CaseChange> => {
  const { case: subject, placement } = file;
  if (placement?.state !== 'queued' || placement.queueId !== queueId) {
    return refuse('NOT_IN_QUEUE', `${subject.caseNumber} is not in the queue ${queueId}`);
  }
  const { workedBy } = placement;
  if (!workedBy) return accept({ before: file, after: file, facts: [] });
  if (workedBy !== caller.userId && !isSupervisor(caller)) {
    return refuse('FORBIDDEN', `${workedBy} works on ${subject.caseNumber}; only they or a supervisor release it`);
  }
  const { workedBy: _gone, ...free } = placement;
  const { ownerId: _former, ...unowned } = subject;
  return accept({
    before: file,
    after: {
      ...file,
      case: { ...unowned, ...(queue.ownerId && { ownerId: queue.ownerId }), ...revised(subject, now) },
      placement: { ...free, revision: placement.revision + 1 },
    },
    facts: [
      {
        type: 'case.released',
        occurredAt: now,
        queueId,
        changes: [
          { field: 'workedBy', old: workedBy },
          { field: 'ownerId', old: subject.ownerId, new: queue.ownerId },
        ],
      },
    ],
  });
};
