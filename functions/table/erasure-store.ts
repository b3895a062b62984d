import type { Customer } from '../../domain/customers/customer.ts';
import { Erasure } from '../../domain/erasure/erasure.ts';
import { customerKey, erasureIndexes, erasureKey } from './keys.ts';
import type { Table } from './table.ts';
import type { Item, Transaction } from './transaction.ts';

/** Erasures of customers, one a customer. */
export interface ErasureStore {
  find(customerId: string): Promise<Erasure | undefined>;
  /** Adds to a transaction that one begins. */
  start(transaction: Transaction, erasure: Erasure): void;
  /** Adds to a transaction that one goes on, unless it has done so already. */
  advance(transaction: Transaction, before: Erasure, after: Erasure): void;
  /** Adds to a transaction that a customer is known to be erased. */
  finish(transaction: Transaction, erasure: Erasure, now: NonNullable<Customer['erasure']>): void;
}

/** The store on a table. */
export const erasureStore = (table: Table): ErasureStore => ({
  async find(customerId) {
    const item = await table.get(erasureKey(customerId));
    return item && Erasure.parse(item);
  },
  start: (transaction, erasure) => transaction.create(itemOf(erasure)),
  advance: (transaction, before, after) =>
    transaction.replace(itemOf(before), itemOf(after), [{ attribute: 'page', is: 'equal', value: before.page }]),
  finish: (transaction, { customerId }, erasure) =>
    transaction.update(customerKey(customerId), {
      set: { erasure },
      conditions: [{ attribute: 'customerId', is: 'present' }],
    }),
});

const itemOf = (erasure: Erasure): Item => ({
  ...erasureKey(erasure.customerId),
  entity: 'erasure',
  ...erasure,
  ...erasureIndexes(erasure),
});
