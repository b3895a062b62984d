import { createHash } from 'node:crypto';

/** Where an item is. */
export interface Key {
  PK: string;
  SK: string;
}

/** Index attributes of one item. */
export type IndexKeys = Record<string, string>;

export const index = (n: number, partition: string, sort: string): IndexKeys => ({
  [`GSI${n}PK`]: partition,
  [`GSI${n}SK`]: sort,
});

/** DynamoDB sorts strings, and "10" < "9". */
export const padded = (n: number, width: number): string => String(n).padStart(width, '0');

/** An index over "now" is spread over this many partitions: one takes 1,000 writes a second. */
export const SHARDS = 8;

export const shardOf = (id: string, byte = 0): number => (createHash('sha256').update(id).digest()[byte] ?? 0) % SHARDS;
export const casePk = (caseId: string): string => `CASE#${caseId}`;
export const hashed = (...parts: string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** Any text with the characters of keys only; beginnings stay beginnings, and no `#` is left. */
export const written = (text: string): string => encodeURIComponent(text).replaceAll('~', '%7E');

export const allShards = (partition: (shard: number) => string): string[] =>
  Array.from({ length: SHARDS }, (_, shard) => partition(shard));

/** No two cases share a sort key, so that a list can go on behind the last one that it gave. */
export const unique = (sort: string, { caseId }: { caseId: string }): string => `${sort}#${caseId}`;
