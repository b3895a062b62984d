import { z } from 'zod';
import { timeOf } from '../../domain/reports/cell.ts';
import { Instant, toMs } from '../../domain/time.ts';
import type { Ids } from './ids.ts';
import { searchKey } from './keys.ts';
import { addToRow, UNTOLD_GENERATION } from './report-store.ts';
import { LostRace, type Table } from './table.ts';
import { Transaction } from './transaction.ts';

/** Searches for articles, of which only sums are kept: who looked for what is nobody's business. */
export interface SearchLog {
  /** Counts a search and answers its id, by which somebody tells within a day that it has helped. */
  searched(search: { words: string; foundNothing: boolean; at: Instant }): Promise<string>;
  /** Counts that something that a search found was opened or linked: once a search, however often it is told. */
  helped(searchId: string): Promise<void>;
}

const Search = z.object({ words: z.string(), at: Instant });

/** How long a search waits for the article that is opened. */
const KEPT_SECONDS = 24 * 60 * 60;

/** The log on a table. */
export const searchLog = (table: Table, ids: Ids): SearchLog => {
  const add = (transaction: Transaction, searchId: string, { words, at }: z.infer<typeof Search>, measure: string) =>
    addToRow(
      transaction,
      { generation: UNTOLD_GENERATION, cell: { cube: 'searches', ...timeOf(at), dims: [words], measure }, n: 1 },
      searchId,
    );
  return {
    async searched({ words, foundNothing, at }) {
      const searchId = ids.at(at);
      const transaction = new Transaction();
      const expiresAt = Math.floor(toMs(at) / 1000) + KEPT_SECONDS;
      transaction.create({ ...searchKey(searchId), entity: 'search', words, at, expiresAt });
      add(transaction, searchId, { words, at }, 'searches');
      if (foundNothing) add(transaction, searchId, { words, at }, 'foundNothing');
      await table.transact(transaction);
      return searchId;
    },
    async helped(searchId) {
      const item = await table.get(searchKey(searchId));
      if (!item) return;
      const transaction = new Transaction();
      transaction.remove(searchKey(searchId));
      add(transaction, searchId, Search.parse(item), 'helped');
      try {
        await table.transact(transaction);
      } catch (error) {
        // Somebody has told it in the same moment.
        if (!(error instanceof LostRace)) throw error;
      }
    },
  };
};
