import { z } from 'zod';
import { withoutPersonal } from '../../domain/erasure/erase-texts.ts';
import { type Erasure, personalIn } from '../../domain/erasure/erasure.ts';
import type { WriteCondition } from '../table/expression.ts';
import { ANSWER_ENTITY } from '../table/idempotency.ts';
import type { Key } from '../table/keys.ts';
import type { StoredItem } from '../table/table.ts';
import type { Transaction } from '../table/transaction.ts';

const Stored = z.object({ PK: z.string(), SK: z.string() });

/** What is being erased, and which custom fields people write what they like in. */
export interface Erasing {
  erasure: Pick<Erasure, 'mentions'>;
  isFreeText: (customField: string) => boolean;
  /** The webhook subscriptions, in whose logs facts are repeated. */
  subscriptionIds: readonly string[];
}

/** Adds to a transaction that an item loses what is personal in a thing of its kind, if there is anything. */
export const eraseItem = (
  transaction: Transaction,
  item: StoredItem,
  entity: string,
  { erasure, isFreeText }: Omit<Erasing, 'subscriptionIds'>,
): void => {
  const personal = (kind: string) => personalIn(kind, erasure, isFreeText);
  const without = withoutPersonal(item, personal(entity));
  const envelope =
    entity === 'delivery' && withoutPersonal(Envelope.parse(JSON.parse(String(item.body))), personal('envelope'));
  eraseFrom(transaction, item, envelope ? { ...without, body: JSON.stringify(envelope) } : without);
};

/** What a webhook posts, which its delivery keeps to the byte. */
const Envelope = z.record(z.string(), z.unknown());

/** Where a stored thing says that it is repeated: in what callers were answered, and what channels took in. */
export const echoesOf = ({ echoes }: StoredItem): Key[] => z.array(Stored).default([]).parse(echoes);

/** Adds to a transaction that a stored item becomes `without`, of which only what differs is written. */
export const eraseFrom = (transaction: Transaction, item: StoredItem, without: Record<string, unknown>): void => {
  const { PK, SK } = Stored.parse(item);
  const set = Object.fromEntries(Object.entries(without).filter(([name, value]) => value !== item[name]));
  if (Object.keys(set).length === 0) return;
  const { revision, entity } = item;
  if (typeof revision === 'number') {
    const conditions: WriteCondition[] = [{ attribute: 'revision', is: 'equal', value: revision }];
    transaction.update({ PK, SK }, { set, add: { revision: 1 }, conditions });
    return;
  }
  // Facts and answers never change, and what else has no revision changes as a whole.
  const isFixed = entity === 'event' || entity === ANSWER_ENTITY;
  const same = Object.keys(set).map((name): WriteCondition => ({ attribute: name, is: 'equal', value: item[name] }));
  transaction.update({ PK, SK }, { set, conditions: isFixed ? [{ attribute: 'PK', is: 'present' }] : same });
};
