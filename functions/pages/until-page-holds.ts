import type { Services } from '../services.ts';
import { caseIdOf, type Key } from '../table/keys.ts';
import { LostRace } from '../table/table.ts';

/** A case that keeps changing under a page is left out after this many that it made fail. */
const CASE_ATTEMPTS = 3;

/**
 * Plans and commits a page about several cases until it holds. A case that has made it fail three times is in `left`
 * from then on, so that it keeps no other waiting. Where one of the page's `own` items has changed, no case is to blame.
 */
export const untilPageHolds = async <Result>(
  { backOff }: Pick<Services, 'backOff'>,
  own: readonly Key[],
  attempt: (left: ReadonlySet<string>) => Promise<Result>,
): Promise<Result> => {
  const failures = new Map<string, number>();
  for (;;) {
    const left = new Set([...failures].filter(([, times]) => times >= CASE_ATTEMPTS).map(([caseId]) => caseId));
    try {
      return await attempt(left);
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      if (!own.some((key) => error.on(key))) {
        for (const caseId of new Set(error.keys.map(({ PK }) => caseIdOf(PK)))) {
          failures.set(caseId, (failures.get(caseId) ?? 0) + 1);
        }
      }
      await backOff(50);
    }
  }
};
