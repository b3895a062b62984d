import { z } from 'zod';
import { Instant, MINUTE, toInstant, toMs } from '../time.ts';

/** How far the open cases of somebody who has left have gone back to their queues. */
export const HandOver = z.object({
  id: z.uuid(),
  state: z.enum(['running', 'completed', 'stopped']),
  /** Pages so far; the next one is committed only where this has not moved. */
  page: z.int(),
  /** Cases that have gone back. */
  returned: z.int(),
  /** Cases of this round that kept changing under it; the next round tries them again. */
  failed: z.int(),
  returnedInRound: z.int(),
  /** Who deactivated the user. */
  by: z.string(),
  startedOn: Instant,
  /** The last place in the owner's list that this round has dealt with; absent at its beginning. */
  cursor: z.string().optional(),
  /** When the sweeper looks at it: it stands still, or a round is over and another must find nothing. Absent when done. */
  lookAt: Instant.optional(),
});
export type HandOver = z.infer<typeof HandOver>;

/** Where a hand-over stood when it was told to go on. */
export const HandOverPosition = z.object({ userId: z.string(), handOverId: z.uuid(), page: z.int() });
export type HandOverPosition = z.infer<typeof HandOverPosition>;

/** A page takes seconds; after this long without progress it has been lost. */
const STALLED_MS = 2 * MINUTE;

/**
 * Cases are found by an index that follows the table with a moment's delay, so a round that finds nothing counts only
 * when the user has been inactive for this long: by then nothing that was theirs can be missing from it.
 */
const INDEX_DELAY_MS = MINUTE;

/** A hand-over that begins. */
export const startHandOver = (id: string, by: string, now: Instant): HandOver => ({
  id,
  state: 'running',
  page: 0,
  returned: 0,
  failed: 0,
  returnedInRound: 0,
  by,
  startedOn: now,
  lookAt: after(now, STALLED_MS),
});

/** The same with another page done: `cursor` is where the next one begins, absent when the round is over. */
export const withPage = (
  before: HandOver,
  page: { returned: number; failed: number; cursor?: string },
  now: Instant,
): HandOver => {
  const { cursor: _past, lookAt: _earlier, ...handOver } = before;
  const counted = {
    ...handOver,
    page: handOver.page + 1,
    returned: handOver.returned + page.returned,
    failed: handOver.failed + page.failed,
    returnedInRound: handOver.returnedInRound + page.returned,
  };
  if (page.cursor) return { ...counted, state: 'running', cursor: page.cursor, lookAt: after(now, STALLED_MS) };
  const foundNothing = counted.returnedInRound + counted.failed === 0;
  const isCertain = foundNothing && toMs(now) - toMs(counted.startedOn) >= INDEX_DELAY_MS;
  return { ...counted, state: 'completed', ...(!isCertain && { lookAt: after(now, INDEX_DELAY_MS) }) };
};

/** A round over all again, because what the index hides is not known to be nothing. */
export const withNewRound = (before: HandOver, now: Instant): HandOver => {
  const { cursor: _past, ...handOver } = before;
  const page = handOver.page + 1;
  return { ...handOver, state: 'running', page, failed: 0, returnedInRound: 0, lookAt: after(now, STALLED_MS) };
};

/** The user is active again: what has gone back stays there, nothing else follows. */
export const stopHandOver = (before: HandOver): HandOver => {
  const { cursor: _past, lookAt: _never, ...handOver } = before;
  return { ...handOver, state: handOver.state === 'running' ? 'stopped' : handOver.state, page: handOver.page + 1 };
};

const after = (now: Instant, ms: number): Instant => toInstant(toMs(now) + ms);
