import { createHash } from 'node:crypto';
import type { Case } from '../../../domain/cases/case.ts';
import type { Instant } from '../../../domain/time.ts';
import { casePk, type Key, shardOf, unique, written } from './parts.ts';

export const caseTermsKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'TERMS' });

/** A word is spread over fewer partitions than a list is: a search reads them all. Each takes 1,000 writes a second. */
const WORD_SHARDS = 4;

const wordShard = (lead: string, shard: number): string => `SEARCH#WORD#${written(lead)}#${shard}`;

/** Where the cases stand that have a word with these first letters, the newest last. */
export const wordShards = (lead: string): string[] =>
  Array.from({ length: WORD_SHARDS }, (_, shard) => wordShard(lead, shard));

type Positioned = Pick<Case, 'caseId' | 'createdOn'>;

export const wordPostingKey = (subject: Positioned, lead: string): Key => ({
  PK: wordShard(lead, shardOf(subject.caseId) % WORD_SHARDS),
  SK: unique(subject.createdOn, subject),
});

/** Hashed: what other systems call a case may be any text, longer than a key may be. */
export const exactPostings = (value: string): string =>
  `SEARCH#EXACT#${createHash('sha256').update(value).digest('hex')}`;

export const exactPostingKey = (subject: Positioned, value: string): Key => ({
  PK: exactPostings(value),
  SK: unique(subject.createdOn, subject),
});

/** The case at a position of a list by instants. */
export const caseIdAt = (position: string): string => position.slice(position.indexOf('#') + 1);

/** The instant of a position. */
export const instantAt = (position: string): Instant => position.slice(0, position.indexOf('#'));

export const searchKey = (searchId: string): Key => ({ PK: `ARTICLE_SEARCH#${searchId}`, SK: 'SEARCH' });
export const customerPostings = (lead: string): string => `SEARCH#CUSTOMER#${written(lead)}`;

/** The beginning of the sort keys of all terms that begin so. */
export const customerTermPrefix = (term: string): string => written(term);

export const customerPostingKey = (customerId: string, term: string, lead: string): Key => ({
  PK: customerPostings(lead),
  SK: `${written(term)}#${customerId}`,
});

export const customerTermIn = (sortKey: string): { term: string; customerId: string } => {
  const [term = '', customerId = ''] = sortKey.split('#');
  return { term: decodeURIComponent(term), customerId };
};
