import type { Activity } from '../../domain/activities/activity.ts';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import type { Fact } from '../../domain/facts/fact.ts';
import { survivorOf } from '../../domain/merge/survivor-of.ts';
import { withClocksLeft } from '../../domain/sla/followed-change.ts';
import type { Services } from '../services.ts';
import type { Transaction } from '../table/transaction.ts';

/** Which message: of the case that it was written on, wherever a merge has taken it. */
export interface NamedMessage {
  caseId: string;
  activityId: string;
}

type OutgoingServices = Pick<Services, 'cases' | 'now'>;

/** What a courier writes is written by nobody. */
const COURIER = { actor: 'system', cause: 'delivery', correlationId: 'courier' };

/** A message that is to leave or has left, on its case or where a merge has taken it. */
export const findOutgoing = async (
  { cases }: Pick<Services, 'cases'>,
  { caseId, activityId }: NamedMessage,
): Promise<{ file: CaseFile; activity: Activity } | undefined> => {
  const named = await cases.load(caseId);
  const survivor = named && (await survivorOf(named, cases.load));
  for (const file of [named, survivor]) {
    const activity = file && (await cases.activity(file.case.caseId, activityId));
    if (activity) return { file, activity };
  }
  return undefined;
};

/** Writes what has become of it. */
export const commitOutgoing = (
  { cases, now }: OutgoingServices,
  file: CaseFile,
  { activity, facts }: { activity: Activity; facts: Fact[] },
  also?: (transaction: Transaction) => void,
): Promise<void> =>
  cases.commit([withClocksLeft({ before: file, after: file, facts, activities: [activity] })], {
    ...COURIER,
    now: now(),
    also,
  });
