import type { FollowedChange } from '../../domain/sla/followed-change.ts';

/** A page holds this many writes at most, of the 100 that a transaction takes. */
const PAGE_WRITES = 90;

/** What fits one page: things in their order, each with what was decided about it, if anything is to be written. */
export interface Filled<Thing, Result> {
  taken: [Thing, Result | undefined][];
  changes: FollowedChange[];
}

/**
 * Decides about things in their order, as many as fit one transaction by `sizeOf`. The first one always does: a page of
 * its own is all that can be done about one that needs more.
 */
export const fillPage = async <Thing, Result extends { change?: FollowedChange }>(
  things: readonly Thing[],
  decide: (thing: Thing, before: readonly FollowedChange[]) => Promise<Result | undefined>,
  sizeOf: (page: Filled<Thing, Result>) => number,
): Promise<Filled<Thing, Result> & { isFull: boolean }> => {
  let page: Filled<Thing, Result> = { taken: [], changes: [] };
  for (const thing of things) {
    const result = await decide(thing, page.changes);
    const larger: typeof page = {
      taken: [...page.taken, [thing, result]],
      changes: [...page.changes, ...(result?.change ? [result.change] : [])],
    };
    if (result && page.taken.length > 0 && sizeOf(larger) > PAGE_WRITES) return { ...page, isFull: true };
    page = larger;
  }
  return { ...page, isFull: false };
};
