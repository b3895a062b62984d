import { type Instant, toInstant, toMs } from '../../domain/time.ts';
import { Delivery, deliveriesFrom } from '../../domain/webhooks/delivery.ts';
import { SubscriptionState } from '../../domain/webhooks/subscription.ts';
import {
  deliveryIndexes,
  deliveryKey,
  deliveryShards,
  dueDeliveryShards,
  instantAt,
  pendingDeliveriesOf,
  subscriptionIndexes,
  subscriptionStateKey,
} from './keys.ts';
import { mergedPage } from './merged.ts';
import { LostRace, type Page, type Table } from './table.ts';
import { type Item, MAX_TRANSACTION_WRITES, Transaction } from './transaction.ts';

/** What is left to remember of a turn when it ends. */
export type TurnEnd = Pick<SubscriptionState, 'heldUntil' | 'lookAt' | 'failingSince' | 'lastSucceededOn' | 'disabled'>;

/** What is on its way to webhook subscribers, and what became of it. */
export interface DeliveryStore {
  /** Adds a new delivery to a transaction. */
  add(transaction: Transaction, delivery: Delivery): void;
  /** Puts deliveries on their way; those that are known stay as they are. */
  create(deliveries: readonly Delivery[]): Promise<void>;
  find(subscriptionId: string, deliveryId: string): Promise<Delivery | undefined>;
  /** A subscription's log, the newest first; instants bound when the events were recorded. */
  page(
    subscriptionId: string,
    options: { limit: number; after?: string; from: Instant; to?: Instant },
  ): Promise<Page<Delivery>>;
  /** Those whose time has come, the longest due first. An index tells, so one that was just added may be missing. */
  due(subscriptionId: string, now: Instant, limit: number): Promise<Delivery[]>;
  /** When the next one is due. */
  nextDue(subscriptionId: string): Promise<Instant | undefined>;
  /** The first of a case's deliveries that go in order and are still on their way. */
  firstInLine(subscriptionId: string, caseId: string): Promise<Delivery | undefined>;
  /** Adds to a transaction what has become of a delivery, unless somebody else has changed it meanwhile. */
  replace(transaction: Transaction, before: Delivery, after: Delivery): void;
  state(subscriptionId: string): Promise<SubscriptionState | undefined>;
  /** Adds to a transaction that a subscription is new, or goes on with a clean record. */
  begin(transaction: Transaction, before: SubscriptionState | undefined, subscriptionId: string, now: Instant): void;
  /** Adds to a transaction that a subscription is no more. */
  end(transaction: Transaction, before: SubscriptionState): void;
  /** Notes that there is something to send: a turn that is under way will look again, and the sweeper sees to it. */
  touch(subscriptionId: string, now: Instant): Promise<void>;
  /** Takes the turn to send, until `until`; nothing when somebody else has it, or the receiver is left in peace. */
  takeTurn(subscriptionId: string, turn: string, now: Instant, until: Instant): Promise<boolean>;
  /** Ends a turn; false when something has been added since `before` was read. A turn that is over already stays so. */
  endTurn(before: SubscriptionState, end: TurnEnd): Promise<boolean>;
  /** Adds to a transaction that whoever has the turn gives the receiver up. */
  disable(transaction: Transaction, before: SubscriptionState, disabled: SubscriptionState['disabled']): void;
}

/** The log is kept for this long. */
const KEPT_MS = 30 * 24 * 60 * 60_000;

/** A delivery that is sent again late in its life is kept until it has had its attempts. */
const KEPT_AT_LEAST_MS = 7 * 24 * 60 * 60_000;

/** The store on a table. */
export const deliveryStore = (table: Table): DeliveryStore => {
  const find: DeliveryStore['find'] = async (subscriptionId, deliveryId) => {
    const item = await table.get(deliveryKey(subscriptionId, deliveryId));
    return item && Delivery.parse(item);
  };
  const state: DeliveryStore['state'] = async (subscriptionId) => {
    const item = await table.get(subscriptionStateKey(subscriptionId));
    return item && SubscriptionState.parse(item);
  };
  const change = (transaction: Transaction, before: SubscriptionState, after: SubscriptionState): void =>
    transaction.replace(stateItem(before), stateItem(after), [
      { attribute: 'touches', is: 'equal', value: before.touches },
      before.turn ? { attribute: 'turn', is: 'equal', value: before.turn } : { attribute: 'turn', is: 'absent' },
    ]);
  const dueShards = (subscriptionId: string, upTo?: Instant) =>
    // Behind the instant stand the ids of those that are due at it.
    dueDeliveryShards(subscriptionId).map((partition) => ({ index: 1, partition, ...(upTo && { upTo: `${upTo}~` }) }));

  const add: DeliveryStore['add'] = (transaction, delivery) => transaction.create(itemOf(delivery));

  return {
    find,
    state,
    add,
    async create(deliveries) {
      for (let left = [...deliveries]; left.length > 0; ) {
        const some = left.slice(0, MAX_TRANSACTION_WRITES);
        const transaction = new Transaction();
        for (const delivery of some) add(transaction, delivery);
        try {
          await table.transact(transaction);
          left = left.slice(some.length);
        } catch (error) {
          if (!(error instanceof LostRace)) throw error;
          left = left.filter(({ subscriptionId, deliveryId }) => !error.on(deliveryKey(subscriptionId, deliveryId)));
        }
      }
    },
    async page(subscriptionId, { limit, after, from, to }) {
      const ranges = deliveryShards(subscriptionId).map((partition) => ({
        partition,
        consistent: true,
        from: deliveriesFrom(from),
        ...(to && { upTo: `${deliveriesFrom(to)}~` }),
      }));
      const { items, horizon } = await mergedPage(table, ranges, { limit, after });
      const taken = items.slice(0, limit);
      const next = items.length > limit ? taken.at(-1)?.position : horizon;
      return { items: taken.map(({ item }) => Delivery.parse(item)), ...(next && { next }) };
    },
    async due(subscriptionId, now, limit) {
      const { items } = await mergedPage(table, dueShards(subscriptionId, now), { limit, descending: false });
      const found = await Promise.all(items.slice(0, limit).map(({ item }) => find(subscriptionId, String(item.SK))));
      return found.flatMap((delivery) => (delivery?.dueAt && delivery.dueAt <= now ? [delivery] : []));
    },
    async nextDue(subscriptionId) {
      const { items } = await mergedPage(table, dueShards(subscriptionId), { limit: 1, descending: false });
      return items[0] && instantAt(items[0].position);
    },
    async firstInLine(subscriptionId, caseId) {
      const partition = pendingDeliveriesOf(subscriptionId, caseId);
      for (let after: string | undefined; ; ) {
        const { items, next } = await table.page({ index: 2, partition, limit: 5, after });
        for (const { SK } of items) {
          const delivery = await find(subscriptionId, String(SK));
          if (delivery?.status === 'pending') return delivery;
        }
        if (!next) return undefined;
        after = next;
      }
    },
    replace: (transaction, before, after) =>
      transaction.replace(itemOf(before), itemOf(after), [
        { attribute: 'revision', is: 'equal', value: before.revision },
      ]),
    begin(transaction, before, subscriptionId, now) {
      if (!before) transaction.create(stateItem({ subscriptionId, since: now, touches: 1, lookAt: now }));
      else {
        const { since, turn, touches, heldUntil } = before;
        const held = turn ? { turn, heldUntil } : {};
        change(transaction, before, { subscriptionId, since, ...held, touches: touches + 1, lookAt: now });
      }
    },
    end: (transaction, { subscriptionId }) => transaction.forget(subscriptionStateKey(subscriptionId)),
    async touch(subscriptionId, now) {
      const before = await state(subscriptionId);
      if (!before) return;
      const transaction = new Transaction();
      // What was waiting before goes on waiting since then: how late it is tells whether anybody sends at all.
      const set =
        before.lookAt && before.lookAt <= now
          ? {}
          : { lookAt: now, ...subscriptionIndexes({ ...before, lookAt: now }) };
      const isThere = { attribute: 'since', is: 'present' } as const;
      transaction.update(subscriptionStateKey(subscriptionId), { set, add: { touches: 1 }, conditions: [isThere] });
      await table.transact(transaction);
    },
    async takeTurn(subscriptionId, turn, now, until) {
      const transaction = new Transaction();
      const lookAt = until;
      transaction.update(subscriptionStateKey(subscriptionId), {
        set: {
          turn,
          heldUntil: until,
          lookAt,
          ...subscriptionIndexes({ subscriptionId, since: now, touches: 0, lookAt }),
        },
        conditions: [
          { attribute: 'since', is: 'present' },
          { attribute: 'heldUntil', is: 'belowOrAbsent', value: toInstant(toMs(now) + 1) },
        ],
      });
      return wins(table, transaction);
    },
    async endTurn(before, end) {
      const transaction = new Transaction();
      const { turn: _, ...rest } = before;
      change(transaction, before, { ...rest, ...end });
      if (await wins(table, transaction)) return true;
      return (await state(before.subscriptionId))?.turn !== before.turn;
    },
    disable: (transaction, before, disabled) => change(transaction, before, { ...before, disabled }),
  };
};

const wins = async (table: Table, transaction: Transaction): Promise<boolean> => {
  try {
    await table.transact(transaction);
    return true;
  } catch (error) {
    if (error instanceof LostRace) return false;
    throw error;
  }
};

const stateItem = (state: SubscriptionState): Item => ({
  ...subscriptionStateKey(state.subscriptionId),
  entity: 'subscription',
  ...state,
  ...subscriptionIndexes(state),
});

const itemOf = (delivery: Delivery): Item => {
  const { subscriptionId, deliveryId, createdOn, dueAt } = delivery;
  const keptUntil = Math.max(toMs(createdOn) + KEPT_MS, dueAt ? toMs(dueAt) + KEPT_AT_LEAST_MS : 0);
  return {
    ...deliveryKey(subscriptionId, deliveryId),
    entity: 'delivery',
    ...delivery,
    ...deliveryIndexes(delivery),
    expiresAt: Math.floor(keptUntil / 1_000),
  };
};
