import { z } from 'zod';
import { KpiStatus } from '../../domain/sla/kpi-instance.ts';
import { Recomputation } from '../../domain/sla/recomputation.ts';
import { Instant, toMs } from '../../domain/time.ts';
import { beforeVersion, calendarShards, movedClockKey, recomputationIndexes, recomputationKey } from './keys.ts';
import type { StoredItem, Table } from './table.ts';
import type { Item, Transaction } from './transaction.ts';

/** A clock, with its deadlines before and by the present version of its calendar. */
export const RecomputedClock = z.object({
  caseId: z.uuid(),
  caseNumber: z.string(),
  kpi: z.string(),
  generation: z.int(),
  status: KpiStatus,
  isMoved: z.boolean(),
  old: z.object({ calendarVersion: z.int().optional(), warnAt: Instant.optional(), failAt: Instant.optional() }),
  new: z.object({ calendarVersion: z.int().optional(), warnAt: Instant.optional(), failAt: Instant.optional() }),
});
export type RecomputedClock = z.infer<typeof RecomputedClock>;

/** That a clock was moved is kept for so long. */
const KEPT_SECONDS = 90 * 24 * 60 * 60;

/** The last recomputation of a calendar. */
export const findRecomputation = async (table: Table, calendarId: string): Promise<Recomputation | undefined> => {
  const item = await table.get(recomputationKey(calendarId));
  return item && Recomputation.parse(item);
};

const itemOf = (recomputation: Recomputation): Item => ({
  ...recomputationKey(recomputation.calendarId),
  entity: 'recomputation',
  ...recomputation,
  ...recomputationIndexes(recomputation),
});

/** Adds to a transaction that a recomputation begins, or goes on from where it was read to stand. */
export const writeRecomputation = (
  transaction: Transaction,
  before: Recomputation | undefined,
  after: Recomputation,
): void => {
  if (before) {
    transaction.replace(itemOf(before), itemOf(after), [
      { attribute: 'recomputationId', is: 'equal', value: before.recomputationId },
      { attribute: 'page', is: 'equal', value: before.page },
    ]);
  } else transaction.create(itemOf(after));
};

/** A clock that a recomputation has moved, as it is listed afterwards. */
export const movedClockItem = (recomputationId: string, clock: RecomputedClock, now: Instant): Item => ({
  ...movedClockKey(recomputationId, clock.caseId, clock.kpi, clock.generation),
  entity: 'movedClock',
  ...clock,
  expiresAt: Math.floor(toMs(now) / 1000) + KEPT_SECONDS,
});

/** A place in the list of a calendar's open clocks. */
export const Place = z.object({ shard: z.int(), after: z.string().optional() });
export type Place = z.infer<typeof Place>;

/** The keys of open clocks of earlier versions from a place of the list on; no more than are in one of its parts. */
export const clocksFrom = async (
  table: Table,
  calendarId: string,
  version: number,
  { shard, after }: Place,
  limit: number,
): Promise<{ items: StoredItem[]; next?: Place }> => {
  const shards = calendarShards(calendarId);
  const partition = shards[shard];
  if (!partition) return { items: [] };
  const { items, next } = await table.page({ index: 2, partition, upTo: beforeVersion(version), limit, after });
  if (next) return { items, next: { shard, after: next } };
  return { items, ...(shard + 1 < shards.length && { next: { shard: shard + 1 } }) };
};
