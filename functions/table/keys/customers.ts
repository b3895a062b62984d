import type { Customer } from '../../../domain/customers/customer.ts';
import type { Following } from '../../../domain/customers/following.ts';
import type { Erasure } from '../../../domain/erasure/erasure.ts';
import { type IndexKeys, index, type Key } from './parts.ts';
import { sweepKeys } from './sweeping.ts';

const customerPk = (customerId: string): string => `CUSTOMER#${customerId}`;

/** The customer that an item belongs to. */
export const customerIdOf = (partition: string): string => partition.slice(customerPk('').length);

export const customerKey = (customerId: string): Key => ({ PK: customerPk(customerId), SK: 'CUSTOMER' });

/** How far a customer's erasure has come. */
export const erasureKey = (customerId: string): Key => ({ PK: customerPk(customerId), SK: 'ERASURE' });

/** How far an edit of a customer has been followed by the clocks of their cases. */
export const followingKey = (customerId: string, followingId: string): Key => ({
  PK: customerPk(customerId),
  SK: `FOLLOWING#${followingId}`,
});

export const accountContacts = (accountId: string): string => `CONTACTS#${accountId}`;
export const customerCases = (customerId: string): string => `CUSTOMER#${customerId}`;
export const accountCases = (accountId: string): string => `ACCOUNT#${accountId}`;

export const customerIndexes = ({ customerId, parentId, createdOn }: Customer): IndexKeys =>
  parentId ? index(1, accountContacts(parentId), `${createdOn}#${customerId}`) : {};

export const erasureIndexes = ({ customerId, state, lookAt }: Erasure): IndexKeys =>
  lookAt ? sweepKeys(state === 'running' ? 'erasure' : 'erasureRound', customerId, lookAt) : {};

export const followingIndexes = ({ customerId, state, lookAt }: Following): IndexKeys =>
  sweepKeys(state === 'running' ? 'following' : 'followingRound', customerId, lookAt);
