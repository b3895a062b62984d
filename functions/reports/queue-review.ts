import { z } from 'zod';
import { PRIORITY_RANKS } from '../../domain/queues/queue.ts';
import { type Measures, measuresOf } from '../../domain/reports/sum.ts';
import { type Instant, MINUTE, toMs } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { queueItems, queueItemsOf, sweepIndex, sweepShards, waitingSince } from '../table/keys.ts';
import { readRows, reportsHead } from '../table/report-store.ts';
import type { Range } from '../table/table.ts';
import { drainedUntil, type ReportServices } from './read-report.ts';

/** What the review of queues says of itself. */
export const QUEUE_REVIEW =
  'Each queue as it is now: the cases that stand in it, those that nobody works on, how long they have waited, and those with a clock that has warned (`atRisk`) or was missed (`breached`). Numbers are as of `asOf`; the oldest case is looked up now. `queueId` null: cases that wait for routing.';

/** The state of a queue. */
export const QueueState = z
  .object({
    queueId: z.string().nullable(),
    name: z.string().nullable(),
    waiting: z.int(),
    unpicked: z.int(),
    atRisk: z.int(),
    breached: z.int(),
    averageAgeMinutes: z.int().nullable(),
    oldestSince: z.string().nullable(),
    oldestAgeMinutes: z.int().nullable(),
  })
  .meta({ id: 'QueueState' });

/**
 * A page of the queues, each as it is now. The numbers are counted by the relay and cost one read a queue; the oldest
 * case is the first one of its priority in the queue's own list.
 */
export const reviewQueues = async (
  services: ReportServices,
  { query: { limit, cursor } }: Request<unknown, { limit: number; cursor?: string }, unknown>,
): Promise<Outcome> => {
  const list = 'queue-review';
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  const { value: after } = position;
  const { settings, table, now } = services;
  const asOf = await drainedUntil(services);
  const [{ active }, queues] = await Promise.all([reportsHead(table), settings.queues.all()]);
  const counted = measuresOf(await readRows(table, active, 'waiting', 'now'), ([queueId = '']) => queueId);

  const names = new Map(queues.map(({ id, document }) => [id, document.name]));
  const ids = [...new Set(['', ...names.keys(), ...counted.keys()])].sort();
  const rest = ids.filter((id) => after === undefined || id > after);
  const page = rest.slice(0, limit);
  const at = now();
  const items = await Promise.all(
    page.map(async (id) => {
      const measures = counted.get(id) ?? {};
      return stateOf({ id, name: names.get(id), measures, oldest: await oldestOf(services, id), at });
    }),
  );
  const last = page.at(-1);
  const more = rest.length > limit && last !== undefined;
  const about = { report: list, definition: QUEUE_REVIEW, asOf };
  return { accepted: true, body: { ...about, items, ...(more && { nextCursor: encodeCursor(list, last) }) } };
};

const stateOf = ({
  id,
  name,
  measures,
  oldest,
  at,
}: {
  id: string;
  name: string | undefined;
  measures: Measures;
  oldest: Instant | undefined;
  at: Instant;
}): z.infer<typeof QueueState> => {
  const { cases = 0, unpicked = 0, atRisk = 0, breached = 0, since = 0 } = measures;
  const ageOf = (since: number): number => Math.max(0, Math.floor(toMs(at) / MINUTE) - Math.floor(since));
  return {
    queueId: id || null,
    name: name ?? null,
    waiting: cases,
    unpicked,
    atRisk,
    breached,
    averageAgeMinutes: cases > 0 ? ageOf(since / cases) : null,
    oldestSince: oldest ?? null,
    oldestAgeMinutes: oldest ? ageOf(toMs(oldest) / MINUTE) : null,
  };
};

/** Since when the oldest case of a queue has waited: each priority's list begins with its own oldest. */
const oldestOf = async ({ table }: ReportServices, queueId: string): Promise<Instant | undefined> => {
  const index = sweepIndex('unrouted');
  const ranges: (Range & { index: number })[] = queueId
    ? PRIORITY_RANKS.map((rank) => ({ index: 1, partition: queueItems(queueId), beginsWith: queueItemsOf(rank) }))
    : sweepShards('unrouted').map((partition) => ({ index, partition }));
  const pages = await Promise.all(ranges.map((range) => table.page({ ...range, limit: 1 })));
  const sortKeys = pages.flatMap(({ items }, n) => items.map((item) => String(item[`GSI${ranges[n]?.index}SK`])));
  return sortKeys.map((sortKey) => (queueId ? waitingSince(sortKey) : sortKey)).sort()[0];
};
