import { z } from 'zod';
import type { CaseEvent } from '../../domain/facts/fact.ts';
import { type Instant, toInstant, toMs } from '../../domain/time.ts';
import type { Services } from '../services.ts';
import { parkedIndexes, parkedKey } from '../table/keys.ts';
import { Transaction } from '../table/transaction.ts';

/** A reaction that cannot go on: the event it is about, and why. The sweeper tries it again, ever more rarely. */
export const Parked = z.object({
  caseId: z.uuid(),
  eventId: z.uuid(),
  reaction: z.string(),
  because: z.string(),
  attempts: z.int(),
  parkedOn: z.iso.datetime(),
});
export type Parked = z.infer<typeof Parked>;

const FIRST_RETRY_MS = 5 * 60_000;
const LONGEST_RETRY_MS = 24 * 60 * 60_000;

const retryAt = (attempts: number, now: Instant): Instant =>
  toInstant(toMs(now) + Math.min(FIRST_RETRY_MS * 2 ** attempts, LONGEST_RETRY_MS));

/** Parks a reaction to an event, so that the stream behind it goes on. Parking it twice leaves one item. */
export const park = async (
  { table, now }: Pick<Services, 'table' | 'now'>,
  { caseId, eventId }: CaseEvent,
  reaction: string,
  error: unknown,
  attempts = 0,
): Promise<void> => {
  const at = now();
  const parked: Parked = { caseId, eventId, reaction, because: nameOf(error), attempts, parkedOn: at };
  const transaction = new Transaction();
  const set = { entity: 'parked', ...parked, ...parkedIndexes(caseId, retryAt(attempts, at)) };
  transaction.update(parkedKey(caseId, eventId, reaction), { set });
  await table.transact(transaction);
};

/** Only the kind of fault: messages may hold what a customer wrote. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown fault');

/** The reaction ran after all. */
export const unpark = async (
  { table }: Pick<Services, 'table'>,
  { caseId, eventId, reaction }: Parked,
): Promise<void> => {
  const transaction = new Transaction();
  transaction.remove(parkedKey(caseId, eventId, reaction));
  await table.transact(transaction);
};
