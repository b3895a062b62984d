import { CUSTOMER_FIELD_USES, customerFieldUseKey, fieldUseKey } from './keys.ts';
import type { Table } from './table.ts';
import type { Transaction } from './transaction.ts';

/** Which custom fields have ever held a value, and which fields of customers service levels have ever looked at. */
export interface FieldUses {
  isUsed(name: string): Promise<boolean>;
  /** Adds to a transaction that a case has the field. */
  used(transaction: Transaction, name: string): void;
  /** Adds to a transaction that no case has ever had the field. */
  neverUsed(transaction: Transaction, name: string): void;
  lookedAtOfCustomers(): Promise<string[]>;
  /** Adds to a transaction that a service level looks at a field of customers; cases keep its version for good. */
  looksAtOfCustomers(transaction: Transaction, field: string): void;
}

/** The marks on a table, with a memory of those that are there: none is ever taken away. */
export const fieldUses = (table: Table): FieldUses => {
  const known = new Set<string>();
  return {
    async isUsed(name) {
      if (!known.has(name) && (await table.get(fieldUseKey(name)))) known.add(name);
      return known.has(name);
    },
    used: (transaction, name) => transaction.update(fieldUseKey(name), { set: { entity: 'fieldUse', name } }),
    neverUsed: (transaction, name) => transaction.check(fieldUseKey(name), { attribute: 'PK', is: 'absent' }),
    async lookedAtOfCustomers() {
      const items = await table.all({ partition: CUSTOMER_FIELD_USES, consistent: true });
      return items.map(({ name }) => String(name));
    },
    looksAtOfCustomers: (transaction, name) =>
      transaction.update(customerFieldUseKey(name), { set: { entity: 'fieldUse', name } }),
  };
};
