import { Customer } from '../../domain/customers/customer.ts';
import { type LookedAt, startFollowing } from '../../domain/customers/following.ts';
import { addressTerm } from '../../domain/search/customer-terms.ts';
import { CUSTOMER_TERM_LEAD } from '../../domain/search/query.ts';
import { firstLetters } from '../../domain/search/words.ts';
import { followingItem } from './following-store.ts';
import {
  accountContacts,
  customerIdOf,
  customerIndexes,
  customerKey,
  customerPostings,
  customerTermIn,
  customerTermPrefix,
  type Key,
} from './keys.ts';
import { indexCustomer } from './search-index.ts';
import type { Page, Table } from './table.ts';
import type { Item, Transaction } from './transaction.ts';

/** Customers by id. */
export interface CustomerStore {
  find(customerId: string): Promise<Customer | undefined>;
  /** The contacts of an account, in the order in which they became known. */
  contacts(accountId: string, paging: { limit: number; after?: string }): Promise<Page<Customer>>;
  /** Those who have an address or a number, or are called so on a channel; a change holds at once. */
  withAddress(address: string): Promise<Customer[]>;
  /** Those of some customers that exist, in no order; eventually consistent, as what lists are made of. */
  many(customerIds: readonly string[]): Promise<Customer[]>;
  /** Adds to a transaction that the customer is new, and what it is found by; `echo` is the record of the answer. */
  create(transaction: Transaction, customer: Customer, echo?: Key): void;
  /**
   * Adds to a transaction that the customer changes, unless somebody else has changed it since; and, where service levels
   * look at what changes, that the clocks of the customer's cases are to follow.
   */
  update(transaction: Transaction, before: Customer, after: Customer, lookedAt: LookedAt): void;
}

/** The store on a table. */
export const customerStore = (table: Table): CustomerStore => {
  const find = async (customerId: string): Promise<Customer | undefined> => {
    const item = await table.get(customerKey(customerId));
    return item && Customer.parse(item);
  };
  return {
    find,
    async contacts(accountId, paging) {
      const { items, next } = await table.page({ index: 1, partition: accountContacts(accountId), ...paging });
      const found = await Promise.all(items.map(({ PK }) => find(customerIdOf(String(PK)))));
      // The index may lag behind a contact that has moved to another account.
      const contacts = found.flatMap((customer) => (customer?.parentId === accountId ? customer : []));
      return { items: contacts, ...(next && { next }) };
    },
    async withAddress(address) {
      const term = addressTerm(address);
      const items = await table.all({
        partition: customerPostings(firstLetters(term, CUSTOMER_TERM_LEAD)),
        beginsWith: `${customerTermPrefix(term)}#`,
        consistent: true,
      });
      const found = await Promise.all(items.map(({ SK }) => find(customerTermIn(String(SK)).customerId)));
      return found.flatMap((customer) => customer ?? []);
    },
    async many(customerIds) {
      const items = await table.many(customerIds.map(customerKey));
      return items.map((item) => Customer.parse(item));
    },
    create(transaction, customer, echo) {
      transaction.create({ ...itemOf(customer), ...(echo && { echoes: [echo] }) });
      indexCustomer(transaction, undefined, customer);
    },
    update(transaction, before, after, lookedAt) {
      transaction.replace(itemOf(before), itemOf(after), [
        { attribute: 'version', is: 'equal', value: before.version },
      ]);
      indexCustomer(transaction, before, after);
      const following = startFollowing(before, after, lookedAt);
      if (following) transaction.create(followingItem(following));
    },
  };
};

const itemOf = (customer: Customer): Item => ({
  ...customerKey(customer.customerId),
  entity: 'customer',
  ...customer,
  ...customerIndexes(customer),
});
