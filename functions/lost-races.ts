import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Services } from './services.ts';
import { LostRace } from './table/table.ts';

const ATTEMPTS = 5;

/** Runs load → decide → commit again when somebody else was faster: five times in all, then asks to try again. */
export const retryingLostRaces = async <Result>(
  { backOff }: Pick<Services, 'backOff'>,
  attempt: () => Promise<Result>,
): Promise<Result | Refusal<'TRY_AGAIN'>> => {
  for (let n = 1; n <= ATTEMPTS; n += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      await backOff(10 * 2 ** n);
    }
  }
  return refuse('TRY_AGAIN', 'Too many others change the same thing just now');
};
