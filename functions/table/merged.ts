import type { Range, StoredItem, Table } from './table.ts';

/** A case's place in a list, and the item that says so. */
export interface Placed {
  position: string;
  item: StoredItem;
}

/** The beginning of a list, and the position behind which it goes on, if there may be more. */
export interface Merged {
  items: Placed[];
  horizon?: string;
}

/** The attribute that a range is sorted by. */
export const sortKeyOf = ({ index }: Range): string => (index ? `GSI${index}SK` : 'SK');

/**
 * One list out of several ranges that are sorted alike, in the direction that all of them have: each is read for `limit`
 * items, and what lies behind the nearest of their ends is left for the next page, because more may come before it.
 */
export const mergedPage = async (
  table: Table,
  ranges: readonly Range[],
  { limit, after, descending = true }: { limit: number; after?: string; descending?: boolean },
): Promise<Merged> => {
  const isBefore = (a: string, b: string): boolean => (descending ? a > b : a < b);
  // A range that ends before the position has been read.
  const left = ranges.filter(({ upTo }) => upTo === undefined || after === undefined || after < upTo);
  const pages = await Promise.all(
    left.map(async (range) => {
      const { items, next } = await table.page({ ...range, descending, limit, after });
      return { placed: items.map((item) => ({ item, position: String(item[sortKeyOf(range)]) })), next };
    }),
  );
  const horizon = pages
    .flatMap(({ next }) => next ?? [])
    .reduce<string | undefined>(
      (nearest, end) => (nearest === undefined || isBefore(end, nearest) ? end : nearest),
      undefined,
    );
  const items = pages
    .flatMap(({ placed }) => placed)
    .filter(({ position }) => horizon === undefined || position === horizon || isBefore(position, horizon))
    .sort((a, b) => (isBefore(a.position, b.position) ? -1 : 1));
  return { items, ...(horizon && { horizon }) };
};
