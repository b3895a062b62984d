import type { FollowedChange } from '../../domain/sla/followed-change.ts';

/** A page holds this many writes at most, of the 100 that a transaction takes: what a race adds fits as well. */
export const PAGE_WRITES = 90;

/** What fits one page. */
export interface Filled<Thing, Result> {
  taken: [Thing, Result][];
  changes: FollowedChange[];
  /** Whether things are left for the next page. */
  isFull: boolean;
}

/**
 * Decides about things in their order, as many as fit one transaction by `sizeOf`. The first one always does: a page of
 * its own is all that can be done about one that needs more.
 */
export const fillPage = async <Thing, Result extends { change?: FollowedChange }>(
  things: readonly Thing[],
  decide: (thing: Thing, before: readonly FollowedChange[]) => Promise<Result>,
  sizeOf: (page: Omit<Filled<Thing, Result>, 'isFull'>) => number,
): Promise<Filled<Thing, Result>> => {
  let page: Omit<Filled<Thing, Result>, 'isFull'> = { taken: [], changes: [] };
  for (const thing of things) {
    const result = await decide(thing, page.changes);
    const larger: typeof page = {
      taken: [...page.taken, [thing, result]],
      changes: [...page.changes, ...(result.change ? [result.change] : [])],
    };
    if (page.taken.length > 0 && sizeOf(larger) > PAGE_WRITES) return { ...page, isFull: true };
    page = larger;
  }
  return { ...page, isFull: false };
};
