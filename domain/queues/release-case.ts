import { type Caller, type CaseChange, type CaseFile, type Fence, revised } from '../cases/case-file.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { isSupervisor } from './access.ts';
import type { QueueAt } from './pick-case.ts';
import { type Placement, unworked } from './queue.ts';

/**
 * Decides that nobody works on a queue's case any more: it belongs to the queue's owner again, or to nobody. Whoever
 * picked it releases it, or a supervisor does. Releasing what nobody picked changes nothing.
 */
export const releaseCase = (file: CaseFile, at: QueueAt, caller: Caller, now: Instant): Decision<CaseChange> => {
  const { case: subject, placement } = file;
  if (placement?.state !== 'queued' || placement.queueId !== at.queueId) {
    return refuse('NOT_IN_QUEUE', `${subject.caseNumber} is not in the queue ${at.queueId}`);
  }
  const { workedBy } = placement;
  if (!workedBy) return accept({ before: file, after: file, facts: [] });
  if (workedBy !== caller.userId && !isSupervisor(caller)) {
    return refuse('FORBIDDEN', `${workedBy} works on ${subject.caseNumber}; only they or a supervisor release it`);
  }
  return accept(released(file, placement, at, now));
};

/** The release itself, whoever asked for it. */
export const released = (
  file: CaseFile,
  placement: Placement,
  { queueId, queue: { ownerId } }: QueueAt,
  now: Instant,
): CaseChange => {
  const { ownerId: former, ...unowned } = file.case;
  return {
    before: file,
    after: {
      ...file,
      case: { ...unowned, ...(ownerId && { ownerId }), ...revised(file.case, now) },
      placement: { ...unworked(placement), revision: placement.revision + 1 },
    },
    fences: ownerId ? [{ type: 'ownerIsThere', ownerId } satisfies Fence] : [],
    facts: [
      {
        type: 'case.released',
        occurredAt: now,
        queueId,
        changes: [
          { field: 'workedBy', old: placement.workedBy },
          { field: 'ownerId', old: former, new: ownerId },
        ],
      },
    ],
  };
};
