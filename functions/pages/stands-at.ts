import type { Rounds } from '../../domain/pages/rounds.ts';
import { NotYetVisible } from '../reactions/faults.ts';

/**
 * Whether work that goes in pages stands where it was told to go on; if not, somebody has gone on with it. Behind that
 * place, the fact came before the rest of its transaction could be read, and comes again.
 */
export const standsAt = (work: Pick<Rounds, 'page'> & { state: string }, page: number, what: string): boolean => {
  if (work.page < page) throw new NotYetVisible(`${what} at ${page}`);
  return work.page === page && work.state === 'running';
};
