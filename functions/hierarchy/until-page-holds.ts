import type { Services } from '../services.ts';
import { caseIdOf, type Key } from '../table/keys.ts';
import { LostRace } from '../table/table.ts';

/** A child that keeps changing under a page is left out after this many that it made fail. */
const CHILD_ATTEMPTS = 3;

/**
 * Plans and commits a page about a parent's children until it holds. A child that has made it fail three times is in
 * `left` from then on, so that it keeps no other waiting. Where one of the page's `own` items has changed, no child is
 * to blame.
 */
export const untilPageHolds = async (
  { backOff }: Pick<Services, 'backOff'>,
  own: readonly Key[],
  attempt: (left: ReadonlySet<string>) => Promise<void>,
): Promise<void> => {
  const failures = new Map<string, number>();
  for (;;) {
    const left = new Set([...failures].filter(([, times]) => times >= CHILD_ATTEMPTS).map(([childId]) => childId));
    try {
      return await attempt(left);
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      if (!own.some((key) => error.on(key))) {
        for (const childId of new Set(error.keys.map(({ PK }) => caseIdOf(PK)))) {
          failures.set(childId, (failures.get(childId) ?? 0) + 1);
        }
      }
      await backOff(50);
    }
  }
};
