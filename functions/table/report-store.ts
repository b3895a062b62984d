import { z } from 'zod';
import type { CaseEvent } from '../../domain/facts/fact.ts';
import { type Cell, type Counts, type Cube, cellOf, cellText, difference } from '../../domain/reports/cell.ts';
import { CaseStory } from '../../domain/reports/story.ts';
import { monthsOf, type Row } from '../../domain/reports/sum.ts';
import type { WriteCondition } from './expression.ts';
import { caseCollection, countedKey, reportRowKey, reportRows, reportsHeadKey, TIMELINE_PREFIX } from './keys.ts';
import type { StoredItem, Table } from './table.ts';
import { MAX_TRANSACTION_WRITES, type Transaction } from './transaction.ts';

/**
 * Which rows reports are read from. A rebuilding counts everything anew into rows of a later generation, beside those
 * that are read; generations are numbered and never used twice.
 */
export const ReportsHead = z.object({
  active: z.int().default(1),
  building: z.int().optional(),
  /** The last number that was given away. */
  last: z.int().default(1),
});
export type ReportsHead = z.infer<typeof ReportsHead>;

/** Adds to a transaction that the head changes, unless somebody else has changed it since. */
export const writeHead = (transaction: Transaction, before: ReportsHead, after: ReportsHead): void => {
  const { active, building, last } = after;
  transaction.update(reportsHeadKey, {
    set: { entity: 'reports', active, last, ...(building !== undefined && { building }) },
    remove: building === undefined ? ['building'] : [],
    conditions: [
      { attribute: 'last', is: 'equalOrAbsent', value: before.last },
      { attribute: 'active', is: 'equalOrAbsent', value: before.active },
      before.building === undefined
        ? { attribute: 'building', is: 'absent' }
        : { attribute: 'building', is: 'equal', value: before.building },
    ],
  });
};

/** Where cubes stand that no fact tells of and nobody could recount: their sums are all that is kept. */
export const UNTOLD_GENERATION = 0;

export const reportsHead = async (table: Table): Promise<ReportsHead> =>
  ReportsHead.parse((await table.get(reportsHeadKey)) ?? {});

/** What has been counted of a case, kept beside it: counting it anew adds the difference, under a lock of its own. */
export const Counted = z.object({
  caseId: z.uuid(),
  story: CaseStory,
  /** By generation and cell. */
  counted: z.record(z.string(), z.record(z.string(), z.number())),
  revision: z.int(),
});
export type Counted = z.infer<typeof Counted>;

/** What has been counted of a case, if anything has. */
export const countedOf = async (table: Table, caseId: string): Promise<Counted | undefined> => {
  const item = await table.get(countedKey(caseId));
  return item && Counted.parse(item);
};

/** What a count of some cases starts from. */
export interface CountedSoFar {
  head: ReportsHead;
  /** What has been counted of one of them, if anything has. */
  of: (caseId: string) => Counted | undefined;
}

/** What has been counted of some cases, in one read: a batch of facts is of a hundred cases. */
export const countedSoFar = async (table: Table, caseIds: readonly string[]): Promise<CountedSoFar> => {
  const items = await table.many([reportsHeadKey, ...caseIds.map(countedKey)], { consistent: true });
  const found = new Map(items.map((item) => [item.PK, item]));
  return {
    head: ReportsHead.parse(found.get(reportsHeadKey.PK) ?? {}),
    of: (caseId) => {
      const item = found.get(countedKey(caseId).PK);
      return item && Counted.parse(item);
    },
  };
};

/** Every event of a case. */
export const historyOf = async (
  table: Table,
  caseId: string,
  parse: (item: StoredItem) => CaseEvent,
): Promise<CaseEvent[]> => {
  const items = await table.all({ partition: caseCollection(caseId), beginsWith: TIMELINE_PREFIX, consistent: true });
  return items.filter(({ entity }) => entity === 'event').map(parse);
};

/** What must be written so that a case counts as it should. */
export interface Recount {
  before: Counted | undefined;
  after: Counted;
  additions: { generation: number; cell: Cell; n: number }[];
}

/** The generations in which a case is counted anew, and those in which what was counted of it is left as it is. */
export interface Generations {
  count: readonly number[];
  keep: readonly number[];
}

/** Compares what has been counted of a case with what should be; what belongs to no generation any more is forgotten. */
export const recount = (
  before: Counted | undefined,
  after: Pick<Counted, 'caseId' | 'story'>,
  wanted: Counts,
  { count: generations, keep }: Generations,
): Recount => {
  const kept = Object.entries(before?.counted ?? {}).filter(([generation]) => keep.includes(Number(generation)));
  const had = (generation: number): Counts => new Map(Object.entries(before?.counted[generation] ?? {}));
  const additions = generations.flatMap((generation) =>
    [...difference(had(generation), wanted)].map(([text, n]) => ({ generation, cell: cellOf(text), n })),
  );
  const anew = generations.map((generation) => [generation, Object.fromEntries(wanted)] as const);
  const counted = { ...Object.fromEntries(kept), ...Object.fromEntries(anew) };
  return { before, after: { ...after, counted, revision: (before?.revision ?? 0) + 1 }, additions };
};

/** Additions in one transaction at most: each may change a row of its own, and what was counted of the cases comes to them. */
export const MAX_ADDITIONS = 60;

/**
 * A recount in steps that each fit a transaction: a case with a long past changes many rows. After each step what was
 * counted is what is said to have been counted, so that it may end anywhere.
 */
export const stepsOf = ({ before, after, additions }: Recount): Recount[] => {
  const steps: Recount[] = [];
  let last = before;
  for (let from = 0; from === 0 || from < additions.length; from += MAX_ADDITIONS) {
    const some = additions.slice(from, from + MAX_ADDITIONS);
    const isLast = from + MAX_ADDITIONS >= additions.length;
    const counted = isLast ? after.counted : withAdditions(last?.counted ?? {}, some);
    const next = { ...after, counted, revision: (last?.revision ?? 0) + 1 };
    steps.push({ before: last, after: next, additions: some });
    last = next;
  }
  return steps;
};

const withAdditions = (counted: Counted['counted'], additions: Recount['additions']): Counted['counted'] => {
  const sums = new Map(
    Object.entries(counted).map(([generation, counts]) => [generation, new Map(Object.entries(counts))]),
  );
  for (const { generation, cell, n } of additions) {
    const counts = sums.get(String(generation)) ?? new Map<string, number>();
    counts.set(cellText(cell), (counts.get(cellText(cell)) ?? 0) + n);
    sums.set(String(generation), counts);
  }
  return Object.fromEntries([...sums].map(([generation, counts]) => [generation, Object.fromEntries(counts)]));
};

/**
 * Adds a recount to a transaction. Several cases may share one: what they add to a row is then one write. `spread` tells
 * transactions apart that may run at the same time, so that they meet in different shards of the busiest rows.
 */
export const writeRecount = (transaction: Transaction, { before, after, additions }: Recount, spread: string): void => {
  const condition: WriteCondition = before
    ? { attribute: 'revision', is: 'equal', value: before.revision }
    : { attribute: 'PK', is: 'absent' };
  transaction.update(countedKey(after.caseId), { set: { entity: 'counted', ...after }, conditions: [condition] });
  for (const addition of additions) addToRow(transaction, addition, spread);
};

/** Adds to the row of a cell. */
export const addToRow = (
  transaction: Transaction,
  { generation, cell, n }: Recount['additions'][number],
  spread: string,
): void =>
  transaction.update(reportRowKey(generation, cell, spread), {
    set: { entity: 'report', dims: cell.dims },
    add: { [attributeOf(cell)]: n },
  });

const attributeOf = ({ measure, quarter }: Cell): string => `${measure}@${quarter}`;
const ATTRIBUTE = /^([A-Za-z0-9]+)@(\d+)$/;

const Dims = z.object({ SK: z.string(), dims: z.array(z.string()) });

const rowOf = (item: StoredItem): Row => {
  const { SK, dims } = Dims.parse(item);
  const cells = Object.entries(item).flatMap(([name, n]) => {
    const [, measure, quarter] = ATTRIBUTE.exec(name) ?? [];
    return measure && quarter && n !== 0 ? [{ measure, quarter: Number(quarter), n: Number(n) }] : [];
  });
  return { day: SK.slice(0, SK.indexOf('#')), dims, cells };
};

/** Adds to a transaction that some rows are gone: at most 100 of those that stand in one shard of a cube's month. */
export const forgetRows = async (table: Table, transaction: Transaction, partition: string): Promise<boolean> => {
  const { items, next } = await table.page({ partition, limit: MAX_TRANSACTION_WRITES });
  for (const item of items) transaction.forget(Keys.parse(item));
  return next !== undefined;
};

const Keys = z.object({ PK: z.string(), SK: z.string() });

/** The rows of a cube for some days, or those of what is so now. */
export const readRows = async (
  table: Table,
  generation: number,
  cube: Cube,
  days: { first: string; last: string } | 'now',
): Promise<Row[]> => {
  const months = days === 'now' ? ['now'] : monthsOf(days);
  const range = days === 'now' ? {} : { from: days.first, upTo: `${days.last}~~` };
  const partitions = months.flatMap((month) => reportRows(generation, cube, month));
  const items = await Promise.all(partitions.map((partition) => table.all({ partition, ...range })));
  return items.flat().map(rowOf);
};
