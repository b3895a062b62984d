import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Services } from './services.ts';
import { LostRace } from './table/table.ts';

const ATTEMPTS = 5;

/**
 * Runs load → decide → commit again when somebody else was faster, or when the decision itself says that something is
 * just under way: five times in all, then asks to try again.
 */
export const retryingLostRaces = async <Result>(
  { backOff }: Pick<Services, 'backOff'>,
  attempt: () => Promise<Result>,
): Promise<Result | Refusal<'TRY_AGAIN'>> => {
  let last: Result | Refusal<'TRY_AGAIN'> = refuse('TRY_AGAIN', 'Too many others change the same thing just now');
  for (let n = 1; n <= ATTEMPTS; n += 1) {
    try {
      const result = await attempt();
      if (!saysTryAgain(result)) return result;
      last = result;
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
    }
    await backOff(10 * 2 ** n);
  }
  return last;
};

/** Whether a result is a refusal that will pass by itself. */
export const saysTryAgain = (result: unknown): result is Refusal<'TRY_AGAIN'> =>
  typeof result === 'object' && result !== null && 'code' in result && result.code === busy;

const busy = refuse('TRY_AGAIN').code;
