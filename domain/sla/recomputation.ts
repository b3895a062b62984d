import { z } from 'zod';
import { Instant, MINUTE, toInstant, toMs } from '../time.ts';

/** How far the open clocks of a calendar have been counted anew by its present version. */
export const Recomputation = z.object({
  calendarId: z.string(),
  recomputationId: z.uuid(),
  /** The version that clocks are brought to. */
  calendarVersion: z.int(),
  state: z.enum(['running', 'completed', 'partial']),
  /** Pages so far; the next one is committed only where this has not moved. */
  page: z.int(),
  /** Clocks that have the version now. */
  recomputed: z.int(),
  /** Of these, those whose deadlines are others now. */
  moved: z.int(),
  /** Clocks of the present round that could not be brought to it. */
  failed: z.int(),
  /** Clocks that the present round has found. */
  found: z.int(),
  by: z.string(),
  startedOn: Instant,
  /** Which part of the list the round is at, and the last place in it that has been dealt with. */
  shard: z.int(),
  after: z.string().optional(),
  /** When the sweeper looks at it: it stands still, or another round must find nothing. Absent when done. */
  lookAt: Instant.optional(),
});
export type Recomputation = z.infer<typeof Recomputation>;

/** Where a recomputation stood when it was told to go on. */
export const RecomputationPosition = z.object({
  calendarId: z.string(),
  recomputationId: z.uuid(),
  page: z.int(),
});
export type RecomputationPosition = z.infer<typeof RecomputationPosition>;

/** A page takes seconds; after this long without progress it has been lost. */
const STALLED_MS = 2 * MINUTE;

/**
 * Clocks are found by an index that follows the table with a moment's delay, and a case that was being opened when the
 * calendar changed may come with the old version; so a round that finds nothing counts only after this long.
 */
const CERTAIN_MS = MINUTE;

/** A recomputation that begins. */
export const startRecomputation = (
  about: Pick<Recomputation, 'calendarId' | 'recomputationId' | 'calendarVersion' | 'by'>,
  now: Instant,
): Recomputation => ({
  ...about,
  state: 'running',
  page: 0,
  recomputed: 0,
  moved: 0,
  failed: 0,
  found: 0,
  startedOn: now,
  shard: 0,
  lookAt: later(now, STALLED_MS),
});

/** The same with another page done: `next` is where the next one begins, absent when the round is over. */
export const withRecomputed = (
  before: Recomputation,
  page: { recomputed: number; moved: number; failed: number; next?: { shard: number; after?: string } },
  now: Instant,
): Recomputation => {
  const { after: _past, lookAt: _earlier, ...rest } = before;
  const counted = {
    ...rest,
    page: before.page + 1,
    recomputed: before.recomputed + page.recomputed,
    moved: before.moved + page.moved,
    failed: before.failed + page.failed,
    found: before.found + page.recomputed + page.failed,
  };
  if (page.next) return { ...counted, ...page.next, lookAt: later(now, STALLED_MS) };
  const isCertain = counted.found === counted.failed && toMs(now) - toMs(before.startedOn) >= CERTAIN_MS;
  if (isCertain) return { ...counted, state: counted.failed > 0 ? 'partial' : 'completed' };
  return { ...counted, shard: 0, found: 0, failed: 0, lookAt: later(now, CERTAIN_MS) };
};

const later = (now: Instant, ms: number): Instant => toInstant(toMs(now) + ms);
