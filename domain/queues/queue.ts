import { z } from 'zod';
import { OwnerId, type Priority } from '../cases/case.ts';
import { DEFAULT_REOPEN_POLICY, ReopenPolicy } from '../reopening/reopen-policy.ts';
import { Instant } from '../time.ts';

/** Who works in a queue: users and teams, each once. */
export const Members = z
  .array(OwnerId)
  .max(1000)
  .overwrite((members) => [...new Set(members)]);

/** A queue as a setting. A private queue's cases are seen by its members, their owner, supervisors and admins only. */
export const Queue = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    visibility: z.enum(['public', 'private']),
    ownerId: OwnerId.optional(),
    members: Members.default([]),
    autoReleaseMinutes: z
      .int()
      .min(1)
      .max(365 * 24 * 60)
      .optional()
      .describe('A case that somebody picks and then leaves untouched this long is released'),
    reopenPolicy: ReopenPolicy.default(DEFAULT_REOPEN_POLICY).describe(
      'What a customer’s message does to a closed case of the queue',
    ),
  })
  .meta({ id: 'Queue' });
export type Queue = z.infer<typeof Queue>;

/** Where cases go that no rule routes; a fresh service has it. */
export const DEFAULT_QUEUE_ID = 'default';
export const DEFAULT_QUEUE: Queue = {
  name: 'Default',
  visibility: 'public',
  members: [],
  reopenPolicy: DEFAULT_REOPEN_POLICY,
};

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
  workedSince: Instant.optional(),
  /** When it is released unless whoever works on it has touched it by then. */
  releaseAt: Instant.optional(),
  revision: z.number().int(),
});
export type Placement = z.infer<typeof Placement>;

/** A placement on which nobody works. */
export const unworked = ({ workedBy: _by, workedSince: _since, releaseAt: _at, ...placement }: Placement): Placement =>
  placement;

const ranks: Record<Priority, number> = { urgent: 0, high: 1, normal: 2, low: 3 };

/** All ranks, the most urgent first. */
export const PRIORITY_RANKS: readonly number[] = Object.values(ranks);

/** Queues list the most urgent first, then the longest waiting. */
export const priorityRank = (priority: Priority): number => ranks[priority];
