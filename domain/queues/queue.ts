import { z } from 'zod';
import { OwnerId, type Priority } from '../cases/case.ts';
import { Instant } from '../time.ts';

/** A queue as a setting. A private queue's cases are seen by its members, their owner, supervisors and admins only. */
export const Queue = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    visibility: z.enum(['public', 'private']),
    ownerId: OwnerId.optional(),
    members: z.array(OwnerId).max(1000).default([]),
  })
  .meta({ id: 'Queue' });
export type Queue = z.infer<typeof Queue>;

/** Where cases go that no rule routes; a fresh service has it. */
export const DEFAULT_QUEUE_ID = 'default';
export const DEFAULT_QUEUE: Queue = { name: 'Default', visibility: 'public', members: [] };

/**
 * Where a case waits to be worked on. One item a case under a fixed key: a case can never stand in two queues.
 * `left` keeps the queue of a closed case, which it re-enters when it is reactivated.
 */
export const Placement = z.object({
  caseId: z.uuid(),
  state: z.enum(['awaitingRouting', 'queued', 'left']),
  since: Instant,
  priorityRank: z.number().int(),
  queueId: z.string().optional(),
  workedBy: z.string().optional(),
  revision: z.number().int(),
});
export type Placement = z.infer<typeof Placement>;

const ranks: Record<Priority, number> = { urgent: 0, high: 1, normal: 2, low: 3 };

/** Queues list the most urgent first, then the longest waiting. */
export const priorityRank = (priority: Priority): number => ranks[priority];
