import type { Customer } from '../../domain/customers/customer.ts';
import { type Entitlement, Movement, type Moving } from '../../domain/entitlements/entitlement.ts';
import {
  entitlementItem,
  entitlementOf,
  type MovedBy,
  newEntitlementItem,
  recordMovement,
  writeMovement,
} from './entitlement-items.ts';
import type { Ids } from './ids.ts';
import {
  customerEntitlements,
  customerKey,
  entitlementCollection,
  entitlementIdOf,
  entitlementKey,
  MOVEMENT_PREFIX,
  slaEntitlements,
} from './keys.ts';
import type { Page, Table } from './table.ts';
import type { Transaction } from './transaction.ts';

type Paging = { limit: number; after?: string };

/** Entitlements by id, by customer and by SLA, with the history of their balances. */
export interface EntitlementStore {
  find(entitlementId: string): Promise<Entitlement | undefined>;
  /** A customer's entitlements, the newest first. */
  of(customerId: string, paging: Paging): Promise<Page<Entitlement>>;
  /** Whether an entitlement that is not cancelled grants the SLA. */
  grants(slaId: string): Promise<boolean>;
  /** The newest first. */
  movements(entitlementId: string, paging: Paging): Promise<Page<Movement>>;
  /** Adds to a transaction that the entitlement is new, with the movement that grants its allotment. */
  create(transaction: Transaction, entitlement: Entitlement, by: MovedBy): void;
  /** Adds to a transaction that terms or state change, unless somebody else has changed them since. */
  update(transaction: Transaction, before: Entitlement, after: Entitlement, by: MovedBy): void;
  /** Adds to a transaction that the balance moves by hand. */
  adjust(transaction: Transaction, entitlement: Entitlement, movement: Moving, by: MovedBy): void;
  /** Adds to a transaction that the customer has another default, or none; unless somebody has changed it since. */
  setDefault(transaction: Transaction, customer: Customer, next: Customer['defaultEntitlement']): void;
}

/** The store on a table. */
export const entitlementStore = (table: Table, ids: Ids): EntitlementStore => {
  const find = async (entitlementId: string): Promise<Entitlement | undefined> => {
    const item = await table.get(entitlementKey(entitlementId));
    return item && entitlementOf(item);
  };
  return {
    find,
    async of(customerId, paging) {
      const range = { index: 1, partition: customerEntitlements(customerId), descending: true };
      const { items, next } = await table.page({ ...range, ...paging });
      const found = await Promise.all(items.map(({ PK }) => find(entitlementIdOf(String(PK)))));
      return { items: found.flatMap((one) => one ?? []), ...(next && { next }) };
    },
    async grants(slaId) {
      const { items } = await table.page({ index: 2, partition: slaEntitlements(slaId), limit: 1 });
      return items.length > 0;
    },
    async movements(entitlementId, paging) {
      const range = { partition: entitlementCollection(entitlementId), beginsWith: MOVEMENT_PREFIX };
      const { items, next } = await table.page({ ...range, descending: true, consistent: true, ...paging });
      return { items: items.map((item) => Movement.parse(item)), ...(next && { next }) };
    },
    create(transaction, entitlement, by) {
      transaction.create(newEntitlementItem(entitlement));
      const { entitlementId, total } = entitlement;
      recordMovement(transaction, entitlementId, { kind: 'granted', amount: total }, by, ids);
    },
    update(transaction, before, after, by) {
      transaction.replace(entitlementItem(before), entitlementItem(after), [
        { attribute: 'version', is: 'equal', value: before.version },
      ]);
      const amount = after.total - before.total;
      if (amount) recordMovement(transaction, after.entitlementId, { kind: 'granted', amount }, by, ids);
    },
    adjust: (transaction, entitlement, movement, by) => writeMovement(transaction, entitlement, movement, by, ids),
    setDefault(transaction, { customerId, defaultEntitlement: present }, next) {
      const attribute = 'defaultEntitlement.entitlementId';
      transaction.update(customerKey(customerId), {
        ...(next ? { set: { defaultEntitlement: next } } : { remove: ['defaultEntitlement'] }),
        conditions: [
          { attribute: 'customerId', is: 'present' },
          present ? { attribute, is: 'equal', value: present.entitlementId } : { attribute, is: 'absent' },
        ],
      });
    },
  };
};
