import type { Page } from '../table/table.ts';

/** Read a page of this many at once, and so many pages at most before what was found is used. */
const READ = 100;
const PAGES = 10;

export interface Collecting<Thing> {
  /** The sort key behind which to start. */
  after?: string;
  most: number;
  read: (paging: { limit: number; after?: string }) => Promise<Page<Thing>>;
  keyOf: (thing: Thing) => string;
  isWanted: (thing: Thing) => boolean;
  /** Whether this one is too much; the first one never is. */
  isFull?: (thing: Thing) => boolean;
}

/** What was found, and the sort key behind which to go on unless that was the end. */
export interface Collected<Thing> {
  items: Thing[];
  after?: string;
  isEnd: boolean;
}

/** Reads on until enough of what is wanted has been found, or enough has been read. */
export const collect = async <Thing>(collecting: Collecting<Thing>): Promise<Collected<Thing>> => {
  const { most, read, keyOf, isWanted, isFull = () => false } = collecting;
  let { after } = collecting;
  const items: Thing[] = [];
  for (let page = 0; page < PAGES; page += 1) {
    const { items: things, next } = await read({ limit: READ, after });
    for (const thing of things) {
      if (isWanted(thing)) {
        if (items.length === most || (isFull(thing) && items.length > 0)) return { items, after, isEnd: false };
        items.push(thing);
      }
      after = keyOf(thing);
    }
    if (!next) return { items, after, isEnd: true };
    after = next;
  }
  return { items, after, isEnd: false };
};
