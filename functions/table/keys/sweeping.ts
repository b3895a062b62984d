import type { Instant } from '../../../domain/time.ts';
import { allShards, type IndexKeys, index, shardOf } from './parts.ts';

/** What the sweeper looks for. */
export type Overdue =
  | 'timer'
  | 'arm'
  | 'hold'
  | 'unrouted'
  | 'cascade'
  | 'broadcast'
  | 'move'
  | 'parked'
  | 'release'
  | 'handOver'
  | 'handOverRound'
  | 'erasure'
  | 'erasureRound'
  | 'following'
  | 'followingRound'
  | 'projection'
  | 'recomputation'
  | 'template'
  | 'deliveries';

const sweepShard = (what: Overdue, shard: number): string => `SWEEP#${what}#${shard}`;
export const sweepShards = (what: Overdue): string[] => allShards((shard) => sweepShard(what, shard));

/** The index that each of the sweeper's lists is in. */
export const sweepIndex = (what: Overdue): number => (what === 'arm' ? 5 : 6);

export const sweepKeys = (what: Overdue, id: string, at: Instant): IndexKeys =>
  index(sweepIndex(what), sweepShard(what, shardOf(id)), at);
