import type { Range, StoredItem, Table } from './table.ts';

/** A case's place in a list, and the item that says so. */
export interface Placed {
  position: string;
  item: StoredItem;
}

/** The beginning of a list, and the position behind which it goes on, if there may be more. */
export interface Newest {
  items: Placed[];
  horizon?: string;
}

const sortKeyOf = ({ index }: Range): string => (index ? `GSI${index}SK` : 'SK');

/**
 * One list, the newest first, out of several ranges that are sorted by instants: each is read for `limit` items, and
 * what lies behind the first of their ends is left for the next page, because more may come before it.
 */
export const newestOf = async (
  table: Table,
  ranges: readonly Range[],
  { limit, after }: { limit: number; after?: string },
): Promise<Newest> => {
  const pages = await Promise.all(
    ranges.map(async (range) => {
      const { items, next } = await table.page({ ...range, descending: true, limit, after });
      return { placed: items.map((item) => ({ item, position: String(item[sortKeyOf(range)]) })), next };
    }),
  );
  const horizon = pages
    .flatMap(({ next }) => next ?? [])
    .sort()
    .at(-1);
  const items = pages
    .flatMap(({ placed }) => placed)
    .filter(({ position }) => horizon === undefined || position >= horizon)
    .sort((a, b) => (a.position < b.position ? 1 : -1));
  return { items, ...(horizon && { horizon }) };
};
