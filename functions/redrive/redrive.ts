import { z } from 'zod';
import { refuse } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { Parked } from '../reactions/park.ts';
import type { Services } from '../services.ts';
import { parkedIndexes, parkedKey } from '../table/keys.ts';
import { LostRace } from '../table/table.ts';
import { Transaction } from '../table/transaction.ts';
import { type Named, namedBy } from './failure-id.ts';
import type { Call } from './functions.ts';
import { consumersOf, type FailureServices } from './list-failures.ts';
import type { Redriven } from './redrive.routes.ts';

export type RedriveServices = FailureServices & Pick<Services, 'now'> & { call: Call; sweeper: string };

type Result = Omit<Redriven, 'failureId'>;

/** Sets one failure going again. What it does was made to be done more than once, so nobody has to ask whether it was. */
export const redrive = async (
  services: RedriveServices,
  { params: { failureId } }: Request<{ failureId: string }, unknown, unknown>,
): Promise<Outcome> => {
  const named = namedBy(failureId);
  const result =
    named && (await (named.what === 'givenUp' ? handOver(services, named.key) : tryAgain(services, named)));
  if (!result) return refuse('NOT_FOUND', 'There is no such failure; it may have been set going meanwhile');
  return { accepted: true, body: { failureId, ...result } };
};

const Answer = z.object({ batchItemFailures: z.array(z.unknown()).default([]) }).nullable();

/** Hands it to whom it was for, as it came the first time, and forgets it when all of it was taken. */
const handOver = async ({ givenUp, consumers, call }: RedriveServices, key: string): Promise<Result | undefined> => {
  const found = await givenUp.read(key);
  if (!found) return undefined;
  if (found === 'unreadable') return { outcome: 'failedAgain', reason: 'unreadable' };
  for (const name of consumersOf(consumers, found)) {
    const functionArn = consumers[name];
    if (!functionArn) return { outcome: 'failedAgain', reason: `this stage has no ${name}` };
    const called = await call(functionArn, found.payload);
    if (called.ended === 'not yet') return { outcome: 'underWay' };
    if (called.ended === 'badly') return { outcome: 'failedAgain', reason: `${name}: ${called.error}` };
    const { length: failed } = Answer.parse(called.answer)?.batchItemFailures ?? [];
    if (failed > 0) return { outcome: 'failedAgain', reason: `${name}: ${failed} of ${found.records} records` };
  }
  await givenUp.remove(key);
  return { outcome: 'done' };
};

/** Has the sweeper try a parked reaction now and not at its next turn: it is what may do all that reactions do. */
const tryAgain = async (
  { table, now, call, sweeper }: RedriveServices,
  { caseId, eventId, reaction }: Extract<Named, { what: 'parked' }>,
): Promise<Result | undefined> => {
  const key = parkedKey(caseId, eventId, reaction);
  const transaction = new Transaction();
  transaction.update(key, {
    set: parkedIndexes(caseId, now()),
    conditions: [{ attribute: 'PK', is: 'present' }],
  });
  try {
    await table.transact(transaction);
  } catch (error) {
    if (error instanceof LostRace) return undefined;
    throw error;
  }
  const before = await table.get(key);
  const called = await call(sweeper, {});
  const after = await table.get(key);
  if (!after) return { outcome: 'done' };
  const { attempts, because } = Parked.parse(after);
  if (attempts !== before?.attempts) return { outcome: 'failedAgain', reason: because };
  if (called.ended === 'badly') return { outcome: 'failedAgain', reason: `sweeper: ${called.error}` };
  return { outcome: 'underWay' };
};
