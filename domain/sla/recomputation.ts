import { z } from 'zod';
import { afterPage, nextLook } from '../pages/rounds.ts';
import { Instant } from '../time.ts';

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
  lookAt: nextLook(now),
});

/** The same with another page done: `next` is where the next one begins, absent when the round is over. */
export const withRecomputed = (
  before: Recomputation,
  page: { recomputed: number; moved: number; failed: number; next?: { shard: number; after?: string } },
  now: Instant,
): Recomputation => {
  const failed = before.failed + page.failed;
  const found = before.found + page.recomputed + page.failed;
  // What could not be brought to the version is left by every round.
  const { turn, ...standing } = afterPage(before, { isEnd: !page.next, isQuiet: found === failed }, now);
  const recomputed = before.recomputed + page.recomputed;
  const counted = { ...before, ...standing, after: undefined, recomputed, moved: before.moved + page.moved };
  if (turn === 'goesOn') return { ...counted, failed, found, ...page.next };
  if (turn === 'again') return { ...counted, failed: 0, found: 0, shard: 0 };
  return { ...counted, failed, found, state: failed > 0 ? 'partial' : 'completed' };
};
