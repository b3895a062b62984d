import { fieldUseKey } from './keys.ts';
import type { Table } from './table.ts';
import type { Transaction } from './transaction.ts';

/** Which custom fields have ever held a value, as far as their set-up must know it. */
export interface FieldUses {
  isUsed(name: string): Promise<boolean>;
  /** Adds to a transaction that a case has the field. */
  used(transaction: Transaction, name: string): void;
  /** Adds to a transaction that no case has ever had the field. */
  neverUsed(transaction: Transaction, name: string): void;
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
  };
};
