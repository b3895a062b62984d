import { Broadcast } from '../../domain/broadcast/broadcast.ts';
import type { WriteCondition } from './expression.ts';
import { BROADCAST_PREFIX, broadcastIndexes, broadcastKey, caseCollection } from './keys.ts';
import type { Page, Table } from './table.ts';
import type { Item, Transaction } from './transaction.ts';

/** What has been told to the children of cases, and how far it has come. */
export interface BroadcastStore {
  find(caseId: string, broadcastId: string): Promise<Broadcast | undefined>;
  /** Those of a case, the newest first. */
  of(caseId: string, options: { limit: number; after?: string }): Promise<Page<Broadcast>>;
  /** Adds a broadcast to a transaction; or that it has gone on, unless it has since `before` was read. */
  write(transaction: Transaction, before: Broadcast | undefined, after: Broadcast): void;
}

/** The store on a table. */
export const broadcastStore = (table: Table): BroadcastStore => ({
  async find(caseId, broadcastId) {
    const item = await table.get(broadcastKey(caseId, broadcastId));
    return item && Broadcast.parse(item);
  },
  async of(caseId, options) {
    const range = { partition: caseCollection(caseId), beginsWith: BROADCAST_PREFIX, descending: true };
    const { items, next } = await table.page({ ...range, consistent: true, ...options });
    return { items: items.map((item) => Broadcast.parse(item)), ...(next && { next }) };
  },
  write(transaction, before, after) {
    if (!before) {
      transaction.create(itemOf(after));
      return;
    }
    const { state, cursor } = before;
    const conditions: WriteCondition[] = [
      { attribute: 'state', is: 'equal', value: state },
      cursor ? { attribute: 'cursor', is: 'equal', value: cursor } : { attribute: 'cursor', is: 'absent' },
    ];
    transaction.replace(itemOf(before), itemOf(after), conditions);
  },
});

const itemOf = (broadcast: Broadcast): Item => ({
  ...broadcastKey(broadcast.caseId, broadcast.id),
  entity: 'broadcast',
  ...broadcast,
  ...broadcastIndexes(broadcast),
});
