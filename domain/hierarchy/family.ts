import { z } from 'zod';
import { BroadcastOutcome, BroadcastProgress } from '../broadcast/broadcast.ts';
import { Instant } from '../time.ts';

/** A closing of a parent's children: its progress is on the parent until it ends. */
export const Cascade = z
  .object({
    id: z.uuid(),
    state: z.enum(['running', 'completed', 'partial', 'stopped']),
    /** What the parent was closed to, and so what its children are closed to. */
    closes: z.enum(['resolved', 'cancelled']),
    statusReason: z.string(),
    /** The user who closed the parent. */
    by: z.string(),
    startedOn: Instant,
    /** Rises whenever it is resumed: a later round is about the children that failed in the one before. */
    round: z.number().int(),
    /** Children that were active when it started. */
    total: z.number().int(),
    closed: z.number().int(),
    /** Of these, those that somebody else has closed since. */
    skipped: z.number().int(),
    failed: z.number().int(),
    /** The last child that has been dealt with; absent before the first page. */
    cursor: z.string().optional(),
    progressAt: Instant,
  })
  .meta({ id: 'Cascade' });
export type Cascade = z.infer<typeof Cascade>;

/** A cascade that was written before there were rounds is in its first one; it began when it was last seen, or earlier. */
const withRounds = (stored: unknown): unknown => {
  const old = z.looseObject({ progressAt: Instant, round: z.undefined().optional() }).safeParse(stored);
  return old.success ? { ...old.data, startedOn: old.data.progressAt, round: 1 } : stored;
};

/**
 * A parent's counters. They are an item of their own, changed by addition under conditions, so that a child that opens
 * or closes never makes an agent's version of the parent stale.
 */
export const Family = z.object({
  caseId: z.uuid(),
  childCount: z.number().int().default(0),
  activeChildren: z.number().int().default(0),
  /** The child that was closed last, and the version that it had then. */
  lastClosed: z.object({ childId: z.uuid(), version: z.number().int() }).optional(),
  lastResolvedChildId: z.uuid().optional(),
  cascade: z.preprocess(withRounds, Cascade).optional(),
  /** The newest broadcast to the children. */
  broadcast: BroadcastProgress.optional(),
});
export type Family = z.infer<typeof Family>;

/** One child as its parent's partition knows it; the cascade writes its outcome here. */
export const ChildLink = z.object({
  parentId: z.uuid(),
  childId: z.uuid(),
  attachedOn: Instant,
  /** The parents that merges have taken it over from, the first one first. */
  mergePath: z.array(z.uuid()).optional(),
  cascade: z
    .object({ id: z.uuid(), outcome: z.enum(['closed', 'skipped', 'failed']), reason: z.string().optional() })
    .optional(),
  /** What became of the newest broadcast here. */
  broadcast: BroadcastOutcome.optional(),
});
export type ChildLink = z.infer<typeof ChildLink>;

/** The family of a case that never had children. */
export const noChildren = (caseId: string): Family => ({ caseId, childCount: 0, activeChildren: 0 });
