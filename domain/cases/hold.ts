import { z } from 'zod';
import { followCase } from '../sla/follow-case.ts';
import { Instant } from '../time.ts';
import { CaseId } from './case.ts';
import { type CaseChange, type CaseFile, type Rules, revised } from './case-file.ts';
import { IN_PROGRESS, isOnHold } from './status-reasons.ts';

/** Until when a case is to be on hold. Its `epoch` is the case's version when that was said: no two holds share one. */
export const Hold = z.object({ caseId: CaseId, until: Instant, epoch: z.int() });
export type Hold = z.infer<typeof Hold>;

/** The hold that a case is under; what it was told while it stood in another reason is no longer of any account. */
export const holdOf = ({ case: subject, hold }: CaseFile, rules: Pick<Rules, 'statusModel'>): Hold | undefined =>
  subject.status === 'active' && isOnHold(subject, rules) ? hold : undefined;

/**
 * The instant has come until which a case was to be on hold: it is in progress again as of then, whatever the transition
 * graph says, its clocks run on from then, and its owner is told. Of a case that is not on hold any more only the hold
 * itself is taken away.
 */
export const endHold = (file: CaseFile, rules: Rules, now: Instant): CaseChange => {
  const { case: subject } = file;
  const hold = holdOf(file, rules);
  if (!hold) return { before: file, after: { ...file, hold: undefined }, facts: [] };
  const { until } = hold;
  const after: CaseFile = {
    ...file,
    case: { ...subject, statusReason: IN_PROGRESS, ...revised(subject, now) },
    hold: undefined,
  };
  const clocks = followCase(after, rules, { now, resumedAt: until, cause: 'the hold is over' });
  return {
    before: file,
    after: { ...after, kpis: clocks.kpis },
    facts: [
      {
        type: 'case.updated',
        occurredAt: until,
        changes: [
          { field: 'statusReason', old: subject.statusReason, new: IN_PROGRESS },
          { field: 'holdUntil', old: until },
        ],
      },
      {
        type: 'case.notified',
        occurredAt: until,
        about: 'holdEnded',
        recipients: subject.ownerId ? [subject.ownerId] : [],
      },
      ...clocks.facts,
    ],
  };
};
