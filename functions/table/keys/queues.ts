import type { Placement } from '../../../domain/queues/queue.ts';
import type { Instant } from '../../../domain/time.ts';
import { casePk, type IndexKeys, index, type Key, unique } from './parts.ts';
import { caseIdAt, instantAt } from './search.ts';
import { sweepKeys } from './sweeping.ts';

export const placementKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'CASE#PLACEMENT' });
export const queueItems = (queueId: string): string => `QUEUE#${queueId}`;
export const freeItems = (queueId: string): string => `QUEUE#${queueId}#FREE`;
export const workedItems = (queueId: string, userId: string): string => `QUEUE#${queueId}#BY#${userId}`;

/** The beginning of the sort keys of a queue's items of one priority; within it they are sorted by since when they wait. */
export const queueItemsOf = (rank: number): string => `${rank}#`;

/** Since when a queue's item has waited, by its sort key. */
export const waitingSince = (sortKey: string): Instant => instantAt(caseIdAt(sortKey));

export const placementIndexes = (placement: Placement): IndexKeys => {
  if (placement.state === 'awaitingRouting') return sweepKeys('unrouted', placement.caseId, placement.since);
  if (placement.state !== 'queued' || !placement.queueId) return {};
  const { caseId, queueId, workedBy, releaseAt } = placement;
  const order = unique(`${placement.priorityRank}#${placement.since}`, placement);
  return {
    ...index(1, queueItems(queueId), order),
    ...index(2, workedBy ? workedItems(queueId, workedBy) : freeItems(queueId), order),
    ...(releaseAt && sweepKeys('release', caseId, releaseAt)),
  };
};
