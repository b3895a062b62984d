import { Customer } from '../../domain/customers/customer.ts';
import { customerKey } from './keys.ts';
import type { Table } from './table.ts';
import type { Transaction } from './transaction.ts';

/** Customers by id. */
export interface CustomerStore {
  find(customerId: string): Promise<Customer | undefined>;
  /** Adds to a transaction that the customer is new. */
  create(transaction: Transaction, customer: Customer): void;
}

/** The store on a table. */
export const customerStore = (table: Table): CustomerStore => ({
  async find(customerId) {
    const item = await table.get(customerKey(customerId));
    return item && Customer.parse(item);
  },
  create: (transaction, customer) =>
    transaction.create({ ...customerKey(customer.customerId), entity: 'customer', ...customer }),
});
