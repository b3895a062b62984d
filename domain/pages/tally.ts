/** Work that is done with each of some things once: how many it was done with, need it no more, or were left out. */
export interface Tally {
  done: number;
  skipped: number;
  failed: number;
}

/** The tally with a page more, and what it says of the work: that some were left out is told when it is over. */
export const tallied = (
  before: Tally,
  page: Tally,
  isEnd: boolean,
): Tally & { state: 'running' | 'completed' | 'partial' } => {
  const [done, skipped, failed] = [before.done + page.done, before.skipped + page.skipped, before.failed + page.failed];
  return { done, skipped, failed, state: !isEnd ? 'running' : failed > 0 ? 'partial' : 'completed' };
};

/** What comes of the work with one thing. One that needed it no more before the work began is not counted. */
export type Outcome<Change> =
  | { outcome: 'done'; change: Change }
  | { outcome: 'skipped'; reason: string; isCounted: boolean }
  | { outcome: 'failed'; reason: string };
