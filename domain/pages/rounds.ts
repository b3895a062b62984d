import { type Instant, MINUTE, toInstant, toMs } from '../time.ts';

/**
 * Work on all that a list holds, in rounds of pages: a page is one transaction that is committed only where the work
 * still stands at the page before, so that one that comes twice changes nothing. The list is an index, which follows
 * the table with a moment's delay; so the work is over only once a round, a while after it began, has found nothing.
 */
export interface Rounds {
  /** Pages so far. */
  readonly page: number;
  readonly startedOn: Instant;
}

/** Where a page leaves the work: before the next page, before another round over all, or at its end. */
export interface Standing {
  page: number;
  turn: 'goesOn' | 'again' | 'over';
  /** When the sweeper looks at it: it stands still by then, or another round is due. Absent when it is over. */
  lookAt?: Instant;
}

/** A page takes seconds; after this long without progress it has been lost. */
const STALLED_MS = 2 * MINUTE;

/** By then an index shows what was there when the work began, and what was being written then has been. */
const INDEX_DELAY_MS = MINUTE;

/** When work that goes on is looked at. */
export const nextLook = (now: Instant): Instant => later(now, STALLED_MS);

/** Where work stands after a page: `isEnd` of its round, and whether the round has found nothing (`isQuiet`). */
export const afterPage = (
  { page, startedOn }: Rounds,
  { isEnd, isQuiet }: { isEnd: boolean; isQuiet: boolean },
  now: Instant,
): Standing => {
  if (!isEnd) return { page: page + 1, turn: 'goesOn', lookAt: nextLook(now) };
  const isCertain = isQuiet && toMs(now) - toMs(startedOn) >= INDEX_DELAY_MS;
  const turn = isCertain ? 'over' : 'again';
  return { page: page + 1, turn, lookAt: isCertain ? undefined : later(now, INDEX_DELAY_MS) };
};

const later = (now: Instant, ms: number): Instant => toInstant(toMs(now) + ms);
