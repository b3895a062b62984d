import type { Broadcast } from '../../../domain/broadcast/broadcast.ts';
import type { Family } from '../../../domain/hierarchy/family.ts';
import { allShards, casePk, type IndexKeys, index, type Key, shardOf } from './parts.ts';
import { sweepKeys } from './sweeping.ts';

export const CHILD_PREFIX = 'CHILD#';
export const familyKey = (caseId: string): Key => ({ PK: casePk(caseId), SK: 'CASE#FAMILY' });

export const childLinkKey = (parentId: string, childId: string): Key => ({
  PK: casePk(parentId),
  SK: childPosition(childId),
});

/** Where a child's link stands among its parent's: what a cascade's cursor is. */
export const childPosition = (childId: string): string => `${CHILD_PREFIX}${childId}`;

export const BROADCAST_PREFIX = 'BROADCAST#';

export const broadcastKey = (caseId: string, broadcastId: string): Key => ({
  PK: casePk(caseId),
  SK: `${BROADCAST_PREFIX}${broadcastId}`,
});

/** The list of all cases that have had children, in the order in which they were opened. */
export const familyListIndexes = (parentId: string): IndexKeys => index(3, familyShard(shardOf(parentId)), parentId);

const familyShard = (shard: number): string => `FAMILIES#${shard}`;
export const familyShards = (): string[] => allShards(familyShard);

export const familyIndexes = ({ caseId, cascade }: Pick<Family, 'caseId' | 'cascade'>): IndexKeys =>
  cascade?.state === 'running' ? sweepKeys('cascade', caseId, cascade.progressAt) : {};

export const broadcastIndexes = ({ caseId, state, progressAt }: Broadcast): IndexKeys =>
  state === 'running' ? sweepKeys('broadcast', caseId, progressAt) : {};
