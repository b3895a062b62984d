import { CaseEvent, type Fact } from '../../domain/facts/fact.ts';
import { type Instant, toInstant, toMs } from '../../domain/time.ts';
import { type Key, routedShards } from './keys.ts';
import type { Page, StoredItem, Table } from './table.ts';

/** A decision of the rules about a new case. */
export type RoutedEvent = Pick<CaseEvent, 'caseId'> & { fact: Extract<Fact, { type: 'case.routed' }> };

/** New cases in the order in which the rules routed them. */
export interface RoutedCases {
  /** Those routed from `from` on and before `to`; a page may be short, even empty, and still have a next one. */
  page(span: { from: Instant; to: Instant; limit: number; after?: string }): Promise<Page<RoutedEvent>>;
}

/** A page looks into this many days at most, so that one over a quiet year costs no more than another. */
const MAX_DAYS = 31;
const DAY_MS = 24 * 60 * 60_000;

/** Routed cases by the index of their events: a partition for each day and shard. */
export const routedCases = (table: Table): RoutedCases => ({
  async page({ from, to, limit, after = from }) {
    const found: StoredItem[] = [];
    let day = dayOf(after);
    for (let days = 0; day < to; days += 1, day = toInstant(toMs(day) + DAY_MS)) {
      if (days === MAX_DAYS) return { items: await read(table, found), next: day };
      const left = limit - found.length;
      const ranges = routedShards(day).map((partition) => ({ index: 5, partition, after, upTo: to, limit: left }));
      const pages = await Promise.all(ranges.map((range) => table.page(range)));
      const sorted = pages.flatMap(({ items }) => items).sort((a, b) => (positionOf(a) < positionOf(b) ? -1 : 1));
      found.push(...sorted.slice(0, left));
      const last = found.at(-1);
      const hasMore = sorted.length > left || pages.some(({ next }) => next);
      if (last && found.length === limit && (hasMore || toMs(day) + DAY_MS < toMs(to))) {
        return { items: await read(table, found), next: positionOf(last) };
      }
    }
    return { items: await read(table, found) };
  },
});

const dayOf = (position: string): Instant => toInstant(Math.floor(toMs(position.slice(0, 24)) / DAY_MS) * DAY_MS);

const positionOf = ({ GSI5SK }: StoredItem): string => String(GSI5SK);

const read = async (table: Table, items: readonly StoredItem[]): Promise<RoutedEvent[]> => {
  const keys = items.map(({ PK, SK }): Key => ({ PK: String(PK), SK: String(SK) }));
  const stored = await Promise.all(keys.map((key) => table.get(key, { consistent: false })));
  return stored.flatMap((item) => {
    const event = item && CaseEvent.parse(item);
    return event?.fact.type === 'case.routed' ? [{ caseId: event.caseId, fact: event.fact }] : [];
  });
};
