import { Following } from '../../domain/customers/following.ts';
import { followingIndexes, followingKey } from './keys.ts';
import { FOLLOWING_ENTITY } from './schema.ts';
import type { Table } from './table.ts';
import type { Item, Transaction } from './transaction.ts';

/** What edits of customers have set going for their cases; each is there until it is over. */
export interface FollowingStore {
  find(customerId: string, followingId: string): Promise<Following | undefined>;
  /** Adds to a transaction that one goes on, or is over, unless it has gone on already. */
  advance(transaction: Transaction, before: Following, after: Following | undefined): void;
}

/** The store on a table. */
export const followingStore = (table: Table): FollowingStore => ({
  async find(customerId, followingId) {
    const item = await table.get(followingKey(customerId, followingId));
    return item && Following.parse(item);
  },
  advance(transaction, before, after) {
    const stands = { attribute: 'page', is: 'equal', value: before.page } as const;
    if (after) transaction.replace(followingItem(before), followingItem(after), [stands]);
    else transaction.remove(followingKey(before.customerId, before.followingId), stands);
  },
});

/** As it is stored. That it comes into being is what the stream tells. */
export const followingItem = (following: Following): Item => ({
  ...followingKey(following.customerId, following.followingId),
  entity: FOLLOWING_ENTITY,
  ...following,
  ...followingIndexes(following),
});
