import { createHash } from 'node:crypto';
import type { Cell } from '../../../domain/reports/cell.ts';
import { casePk, type Key, shardOf, written } from './parts.ts';

export const countedKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'COUNTED' });
export const reportsHeadKey: Key = { PK: 'REPORTS', SK: 'HEAD' };

/** A report reads all shards of a row; four take what a thousand cases a second add up to. */
const REPORT_SHARDS = 4;

const reportShard = (generation: number, cube: string, month: string, shard: number): string =>
  `REPORT#${generation}#${cube}#${month}#${shard}`;

export const reportRows = (generation: number, cube: string, month: string): string[] =>
  Array.from({ length: REPORT_SHARDS }, (_, shard) => reportShard(generation, cube, month, shard));

/** A person’s row is written by few and stays whole; the others are spread by who writes them. */
export const reportRowKey = (generation: number, { cube, day, dims }: Cell, spread: string): Key => {
  const text = dims.map(written).join('#');
  const shard = shardOf(dims[0] === 'agent' ? text : spread) % REPORT_SHARDS;
  return {
    PK: reportShard(generation, cube, monthOf(day), shard),
    SK: `${day}#${text.length > LONGEST_DIMS ? createHash('sha256').update(text).digest('hex') : text}`,
  };
};

/** `2026-03` of a day, and of what has no day itself. */
const monthOf = (day: string): string => day.slice(0, 7);

/** A sort key has 1,024 bytes. */
const LONGEST_DIMS = 900;
