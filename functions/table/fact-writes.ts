import type { CaseFile } from '../../domain/cases/case-file.ts';
import type { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import { eventItem } from './case-items.ts';
import type { CommitOptions } from './case-store.ts';
import type { WriteCondition } from './expression.ts';
import type { Ids } from './ids.ts';
import type { Key } from './keys.ts';
import type { Transaction } from './transaction.ts';

/** How a commit's facts are recorded. */
export type Recorded = CommitOptions & { echoes?: readonly Key[] };

/** That nobody has written an item since it was read. */
export const revisionIs = (revision: number): WriteCondition => ({
  attribute: 'revision',
  is: 'equal',
  value: revision,
});

/** The item knows the echoes of its transaction, so that what must go from the case can be found there as well. */
export const record = (transaction: Transaction, event: CaseEvent, { echoes }: Recorded): void =>
  transaction.create({ ...eventItem(event), echoes });

/** A fact of the case itself, with where it stood. */
export const eventIn = (
  { case: subject, placement }: CaseFile,
  fact: Fact,
  options: CommitOptions,
  ids: Ids,
): CaseEvent => ({
  ...eventOf(subject.caseId, subject.version, fact, options, ids),
  ownerId: subject.ownerId,
  queueId: placement?.queueId,
});

/** A fact as it is stored, of a case that the transaction may not write. */
export const eventOf = (
  caseId: string,
  caseVersion: number,
  fact: Fact,
  { now, actor, cause, correlationId }: CommitOptions,
  ids: Ids,
): CaseEvent => ({
  eventId: ids.at(fact.occurredAt),
  caseId,
  caseVersion,
  at: now,
  actor,
  cause,
  correlationId,
  fact,
});
