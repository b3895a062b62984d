import type { User } from '../../../domain/people/user.ts';
import { type IndexKeys, index, type Key } from './parts.ts';
import { sweepKeys } from './sweeping.ts';

const userPk = (userId: string): string => `USER#${userId}`;

/** The user that an item belongs to. */
export const userIdOf = (partition: string): string => partition.slice(userPk('').length);

export const userKey = (userId: string): Key => ({ PK: userPk(userId), SK: 'USER' });
export const allUsers = 'USERS';
export const usersOfQueue = (queueId: string): string => `QUEUEUSERS#${queueId}`;

export const userIndexes = ({ userId, defaultQueueId, handOver }: User): IndexKeys => ({
  ...index(1, allUsers, userId),
  ...(defaultQueueId && index(2, usersOfQueue(defaultQueueId), userId)),
  ...(handOver?.lookAt &&
    sweepKeys(handOver.state === 'running' ? 'handOver' : 'handOverRound', userId, handOver.lookAt)),
});
