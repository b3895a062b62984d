import { isDeepStrictEqual } from 'node:util';
import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { expression, type WriteCondition } from './expression.ts';
import type { Key } from './keys.ts';

/** An item as it is stored: its key, index keys and attributes. */
export type Item = Key & Record<string, unknown>;

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

interface Update {
  set: Record<string, unknown>;
  remove: string[];
  add: Record<string, number>;
  conditions: WriteCondition[];
}

/** DynamoDB's bound on a transaction. */
export const MAX_TRANSACTION_WRITES = 100;

/**
 * The writes of one commit. A transaction may touch each item only once, so everything that is said about an item is
 * gathered here: changes, additions to counters and conditions become one write.
 */
export class Transaction {
  readonly #puts = new Map<string, Item>();
  readonly #deletes = new Map<string, { key: Key; conditions: readonly WriteCondition[] }>();
  readonly #forgotten = new Map<string, Key>();
  readonly #updates = new Map<string, { key: Key; update: Update }>();

  /** Writes an item that must not exist. */
  create(item: Item): void {
    this.#puts.set(textOf(item), item);
  }

  /** The keys of what this transaction writes of some kinds. */
  keysOf(entities: readonly unknown[]): Key[] {
    const puts = [...this.#puts.values()].filter(({ entity }) => entities.includes(entity));
    const updates = [...this.#updates.values()].filter(({ update }) => entities.includes(update.set.entity));
    return [...puts, ...updates.map(({ key }) => key)].map(({ PK, SK }) => ({ PK, SK }));
  }

  /** Changes an item; without conditions it is created when it does not exist. */
  update(key: Key, changes: Partial<Update>): void {
    const { update } = this.#entry(key);
    Object.assign(update.set, changes.set);
    update.remove.push(...(changes.remove ?? []));
    for (const [attribute, n] of Object.entries(changes.add ?? {})) {
      update.add[attribute] = (update.add[attribute] ?? 0) + n;
    }
    update.conditions.push(...(changes.conditions ?? []));
  }

  /** Makes an item's stored form equal to `after`, naming only what differs from `before`. */
  replace(before: Item, after: Item, conditions: readonly WriteCondition[]): void {
    const changed = Object.entries(after).filter(
      ([name, value]) => value !== undefined && !isDeepStrictEqual(value, before[name]),
    );
    const gone = Object.keys(before).filter((name) => before[name] !== undefined && after[name] === undefined);
    this.update(after, { set: Object.fromEntries(changed), remove: gone, conditions: [...conditions] });
  }

  /** Removes an item that must exist, and of which the conditions must hold. */
  remove(key: Key, ...conditions: WriteCondition[]): void {
    this.#deletes.set(textOf(key), { key: { PK: key.PK, SK: key.SK }, conditions });
  }

  /** Removes an item, or leaves it gone. */
  forget(key: Key): void {
    this.#forgotten.set(textOf(key), { PK: key.PK, SK: key.SK });
  }

  /** Makes the commit fail unless the conditions hold for an item that is not written. */
  check(key: Key, ...conditions: WriteCondition[]): void {
    this.#entry(key).update.conditions.push(...conditions);
  }

  get size(): number {
    return this.#puts.size + this.#deletes.size + this.#forgotten.size + this.#updates.size;
  }

  /** The keys in the order of `items`, which is the order in which DynamoDB gives its reasons. */
  get keys(): Key[] {
    return [
      ...[...this.#puts.values()].map(({ PK, SK }) => ({ PK, SK })),
      ...[...this.#deletes.values()].map(({ key }) => key),
      ...this.#forgotten.values(),
      ...[...this.#updates.values()].map(({ key }) => key),
    ];
  }

  items(TableName: string): TransactItem[] {
    const puts = [...this.#puts.values()].map((item): TransactItem => {
      const { ConditionExpression, ExpressionAttributeNames } = expression({}, [{ attribute: 'PK', is: 'absent' }]);
      return { Put: { TableName, Item: item, ConditionExpression, ExpressionAttributeNames } };
    });
    const updates = [...this.#updates.values()].map(({ key, update }): TransactItem => {
      const { UpdateExpression, ...condition } = expression(update, update.conditions);
      const Key = { PK: key.PK, SK: key.SK };
      if (UpdateExpression) return { Update: { TableName, Key, UpdateExpression, ...condition } };
      return { ConditionCheck: { TableName, Key, ConditionExpression: 'attribute_exists(PK)', ...condition } };
    });
    const deletes = [...this.#deletes.values()].map(({ key, conditions }): TransactItem => {
      const wanted = expression({}, [{ attribute: 'PK', is: 'present' }, ...conditions]);
      return { Delete: { TableName, Key: key, ...wanted } };
    });
    const forgotten = [...this.#forgotten.values()].map((Key): TransactItem => ({ Delete: { TableName, Key } }));
    return [...puts, ...deletes, ...forgotten, ...updates];
  }

  #entry(key: Key): { key: Key; update: Update } {
    const text = textOf(key);
    const found = this.#updates.get(text);
    if (found) return found;
    const entry = { key: { PK: key.PK, SK: key.SK }, update: { set: {}, remove: [], add: {}, conditions: [] } };
    this.#updates.set(text, entry);
    return entry;
  }
}

const textOf = ({ PK, SK }: Key): string => `${PK} ${SK}`;
