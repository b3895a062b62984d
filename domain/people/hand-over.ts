import { z } from 'zod';
import { afterPage, nextLook } from '../pages/rounds.ts';
import { Instant } from '../time.ts';

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
  lookAt: nextLook(now),
});

/** The same with another page done: `cursor` is where the next one begins, absent when the round is over. */
export const withPage = (
  before: HandOver,
  page: { returned: number; failed: number; cursor?: string },
  now: Instant,
): HandOver => {
  const { cursor } = page;
  const returnedInRound = before.returnedInRound + page.returned;
  const failed = before.failed + page.failed;
  const { turn, ...standing } = afterPage(before, { isEnd: !cursor, isQuiet: returnedInRound + failed === 0 }, now);
  const state = turn === 'goesOn' ? 'running' : 'completed';
  return { ...before, state, ...standing, cursor, failed, returnedInRound, returned: before.returned + page.returned };
};

/** A round over all again, because what the index hides is not known to be nothing. */
export const withNewRound = (before: HandOver, now: Instant): HandOver => {
  const page = before.page + 1;
  return { ...before, state: 'running', page, cursor: undefined, failed: 0, returnedInRound: 0, lookAt: nextLook(now) };
};

/** The user is active again: what has gone back stays there, nothing else follows. */
export const stopHandOver = (before: HandOver): HandOver => {
  const { cursor: _past, lookAt: _never, ...handOver } = before;
  return { ...handOver, state: handOver.state === 'running' ? 'stopped' : handOver.state, page: handOver.page + 1 };
};
