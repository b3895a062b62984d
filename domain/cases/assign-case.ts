import { z } from 'zod';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { OwnerId } from './case.ts';
import { type CaseChange, type CaseFile, revised } from './case-file.ts';

/** The body of an assignment. */
export const AssignCase = z.strictObject({ ownerId: OwnerId }).meta({ id: 'AssignCase' });
export type AssignCase = z.infer<typeof AssignCase>;

/**
 * Decides an assignment of an active case. Assigning it to its owner changes nothing; a case that still waits for routing
 * has found its owner and is not routed any more.
 */
export const assignCase = (file: CaseFile, { ownerId }: AssignCase, now: Instant): Decision<CaseChange> => {
  const { case: subject, placement } = file;
  if (subject.status !== 'active') return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is ${subject.status}`);
  if (subject.ownerId === ownerId) return accept({ before: file, after: file, facts: [] });
  return accept({
    before: file,
    after: {
      ...file,
      case: { ...subject, ownerId, ...revised(subject, now) },
      ...(placement?.state === 'awaitingRouting' && {
        placement: { ...placement, state: 'left', since: now, revision: placement.revision + 1 },
      }),
    },
    facts: [
      { type: 'case.assigned', occurredAt: now, changes: [{ field: 'ownerId', old: subject.ownerId, new: ownerId }] },
    ],
  });
};
