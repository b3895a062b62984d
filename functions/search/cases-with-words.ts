import { z } from 'zod';
import { CASE_WORD_LEAD, finds } from '../../domain/search/query.ts';
import { firstLetters, lettersIn } from '../../domain/search/words.ts';
import { caseIdAt, wordShards } from '../table/keys.ts';
import { type Merged, mergedPage } from '../table/merged.ts';
import { wordsOfCases } from '../table/search-index.ts';
import type { Table } from '../table/table.ts';

/** The words of a query whose postings are looked at to choose the one that leads. */
const TRIED = 4;

/** Postings read of each shard of a word: of its four shards no more than the 100 cases that one batch reads. */
const READ = 24;

/** Where cases with some words stand, the newest first, and where the next page goes on. */
export interface CasesWithWords {
  positions: string[];
  driver?: string;
  after?: string;
}

/**
 * A page of the cases that have all the words. The rarest word leads: its newest postings are read, a bounded number,
 * and the other words are looked for in what is kept of the cases that they lead to, until `limit` are found.
 */
export const casesWithWords = async (
  table: Table,
  words: readonly string[],
  { driver, after, limit = READ }: { driver?: string; after?: string; limit?: number } = {},
): Promise<CasesWithWords> => {
  const tried = driver ? [driver] : [...words].sort((a, b) => lettersIn(b) - lettersIn(a)).slice(0, TRIED);
  const read = await Promise.all(tried.map(async (word) => postingsOf(table, word, after)));
  const rarest = read.sort(byRarity)[0];
  if (!rarest) return { positions: [] };
  const others = words.filter((word) => word !== rarest.word);
  const end = { driver: rarest.word, ...(rarest.horizon && { after: rarest.horizon }) };
  if (others.length === 0) return { positions: rarest.positions, ...end };
  const positions: string[] = [];
  const size = Math.max(limit, READ);
  for (let from = 0; from < rarest.positions.length; from += size) {
    const some = rarest.positions.slice(from, from + size);
    const known = await wordsOfCases(table, some.map(caseIdAt));
    const has = (position: string, other: string): boolean =>
      known.get(caseIdAt(position))?.some((word) => finds(other, word)) === true;
    positions.push(...some.filter((position) => others.every((other) => has(position, other))));
    const last = some.at(-1);
    const isEnd = from + size >= rarest.positions.length;
    if (positions.length >= limit && !isEnd) return { positions, driver: rarest.word, ...(last && { after: last }) };
  }
  return { positions, ...end };
};

interface Postings {
  word: string;
  positions: string[];
  horizon?: string;
}

const Posting = z.object({ words: z.array(z.string()) });

const postingsOf = async (table: Table, word: string, after: string | undefined): Promise<Postings> => {
  const shards = wordShards(firstLetters(word, CASE_WORD_LEAD)).map((partition) => ({ partition }));
  const { items, horizon }: Merged = await mergedPage(table, shards, { limit: READ, after });
  const positions = items
    .filter(({ item }) => Posting.parse(item).words.some((one) => finds(word, one)))
    .map(({ position }) => position);
  return { word, positions, ...(horizon && { horizon }) };
};

/** A word whose postings were read to their end is rarer than one whose were not; then the one that leads further back. */
const byRarity = (a: Postings, b: Postings): number => {
  if (a.horizon && b.horizon) return a.horizon < b.horizon ? -1 : 1;
  if (a.horizon || b.horizon) return a.horizon ? 1 : -1;
  return a.positions.length - b.positions.length;
};
