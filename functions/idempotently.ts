import { refuse } from '../domain/refusal.ts';
import type { Outcome } from './api/api.ts';
import { PROBLEMS } from './api/problem.ts';
import { retryingLostRaces } from './lost-races.ts';
import type { Services } from './services.ts';
import { findAnswer, type IdempotentRequest } from './table/idempotency.ts';

/**
 * Carries out a command once per `Idempotency-Key`: a repeat gets the first answer, also when both arrive at once (the
 * command's transaction writes the answer's record, so the loser finds it when it tries again). The record is looked
 * for before anything else, and again before a conflict is told: the first of two equal requests may have caused it.
 */
export const idempotently = async (
  services: Pick<Services, 'table' | 'backOff'>,
  idempotent: IdempotentRequest | undefined,
  command: () => Promise<Outcome>,
): Promise<Outcome> => {
  const earlier = async (): Promise<Outcome | undefined> => {
    const answer = idempotent && (await findAnswer(services.table, idempotent));
    if (!answer) return undefined;
    if (answer.bodyHash !== idempotent.bodyHash)
      return refuse('IDEMPOTENCY_MISMATCH', 'The key was used with another body');
    return { accepted: true, status: answer.status, body: answer.body };
  };
  return retryingLostRaces(services, async () => {
    const before = await earlier();
    if (before) return before;
    const outcome = await command();
    const isConflict = !outcome.accepted && [409, 412].includes(PROBLEMS[outcome.code].status);
    return (isConflict && (await earlier())) || outcome;
  });
};
