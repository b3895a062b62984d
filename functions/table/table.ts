import { DynamoDBClient, TransactionCanceledException, TransactionInProgressException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  GetCommand,
  type NativeAttributeValue,
  paginateQuery,
  QueryCommand,
  type QueryCommandInput,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { expression } from './expression.ts';
import type { Key } from './keys.ts';
import type { Transaction } from './transaction.ts';

/** A stored item before it has been parsed. */
export type StoredItem = Record<string, NativeAttributeValue>;

/** A page of things, and the sort key behind which the next one starts, if there may be more. */
export interface Page<Thing> {
  items: Thing[];
  next?: string;
}

/** What is read: a partition of the table or of one of its indexes, or a part of it. */
export interface Range {
  partition: string;
  /** 1–6; the table itself when left out. */
  index?: number;
  /** Sort keys that start so. */
  beginsWith?: string;
  /** Sort keys from this one on, included. */
  from?: string;
  /** Sort keys up to this one, included. */
  upTo?: string;
  descending?: boolean;
  consistent?: boolean;
}

/** A page of a range: at most `limit` items behind the sort key `after`. */
export interface PageOfRange extends Range {
  limit: number;
  after?: string;
}

/**
 * A condition of the transaction did not hold: somebody else was faster. Load and decide again.
 * Named by hand: otherwise Lambda reports plain "Error" and no workflow Retry can match it.
 */
export class LostRace extends Error {
  override name = 'LostRace';
  readonly keys: readonly Key[];
  constructor(keys: readonly Key[]) {
    super(`A condition no longer holds on ${keys.map(({ PK, SK }) => `${PK} ${SK}`).join(', ')}`);
    this.keys = keys;
  }

  /** Whether this item's condition was among those that failed. */
  on({ PK, SK }: Key): boolean {
    return this.keys.some((key) => key.PK === PK && key.SK === SK);
  }
}

/** DynamoDB kept leaving out a part of what it was asked for: it throttles. */
export class UnreadItems extends Error {
  override name = 'UnreadItems';
  /** As an answer of DynamoDB has it: trying again may help. */
  readonly code = 'UnreadItems';
}

/** The few ways in which anything reads or writes the table. */
export interface Table {
  get(key: Key, options?: { consistent?: boolean }): Promise<StoredItem | undefined>;
  /** Those of some items that exist, in no order; eventually consistent unless told, as what lists are made of. */
  many(keys: readonly Key[], options?: { consistent?: boolean }): Promise<StoredItem[]>;
  /** Some items as they are at one instant: all that a transaction wrote of them, or nothing. */
  together(keys: readonly Key[]): Promise<(StoredItem | undefined)[]>;
  page(range: PageOfRange): Promise<Page<StoredItem>>;
  /** Every item of a range. */
  all(range: Range): Promise<StoredItem[]>;
  /** Commits all of a transaction or nothing; throws `LostRace` when a condition does not hold. */
  transact(transaction: Transaction): Promise<void>;
  /** Adds to a counter and answers its new value; one that is only of use for a while expires. */
  increment(key: Key, attribute: string, by: number, options?: { expiresAt?: number }): Promise<number>;
}

/** Contention that DynamoDB reports by cancelling is retried this often, with the same token, before it is a fault. */
const CONFLICT_ATTEMPTS = 8;

/** DynamoDB reads this many items at once. */
const MAX_BATCH_KEYS = 100;

/** The table by its name, through `client`. `sleep` and `random` space out retries after contention. */
export const dynamoTable = (
  client: DynamoDBDocumentClient,
  TableName: string,
  { sleep, random, newToken }: { sleep: (ms: number) => Promise<void>; random: () => number; newToken: () => string },
): Table => {
  /** Runs a call again while others' transactions are in its way. */
  const patiently = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        if (!isContention(error) || attempt === CONFLICT_ATTEMPTS) throw error;
        await sleep(random() * 20 * 2 ** attempt);
      }
    }
  };
  return {
    async page({ limit, after, ...range }) {
      // The bound is inclusive: with `after`, the page's first item is the last one of the page before, if it is still there.
      const Limit = after === undefined ? limit : limit + 1;
      if (holdsNothing(boundsOf(range, after))) return { items: [] };
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({ TableName, Limit, ...queryOf(range, after) }),
      );
      const sortKey = nameOfSortKey(range);
      const found = Items.filter((item) => item[sortKey] !== after);
      const items = found.slice(0, limit);
      const last = found.length > limit ? items.at(-1) : LastEvaluatedKey;
      return { items, ...(last && { next: z.string().parse(last[sortKey]) }) };
    },
    async get({ PK, SK }, { consistent = true } = {}) {
      const { Item } = await client.send(new GetCommand({ TableName, Key: { PK, SK }, ConsistentRead: consistent }));
      return Item;
    },
    async many(keys, { consistent = false } = {}) {
      const items: StoredItem[] = [];
      const left: StoredItem[] = keys.map(({ PK, SK }) => ({ PK, SK }));
      for (let inVain = 0; left.length > 0; ) {
        if (inVain === CONFLICT_ATTEMPTS) throw new UnreadItems(`${left.length} of ${keys.length}`);
        if (inVain > 0) await sleep(random() * 20 * 2 ** inVain);
        const Keys = left.splice(0, MAX_BATCH_KEYS);
        const { Responses, UnprocessedKeys } = await client.send(
          new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: consistent } } }),
        );
        items.push(...(Responses?.[TableName] ?? []));
        const unread = UnprocessedKeys?.[TableName]?.Keys ?? [];
        inVain = unread.length === Keys.length ? inVain + 1 : 0;
        left.push(...unread);
      }
      return items;
    },
    together: (keys) =>
      patiently(async () => {
        const TransactItems = keys.map(({ PK, SK }) => ({ Get: { TableName, Key: { PK, SK } } }));
        const { Responses = [] } = await client.send(new TransactGetCommand({ TransactItems }));
        return Responses.map(({ Item }) => Item);
      }),
    async all(range) {
      const items: StoredItem[] = [];
      for await (const page of paginateQuery({ client }, { TableName, ...queryOf(range) }))
        items.push(...(page.Items ?? []));
      return items;
    },
    async transact(transaction) {
      const ClientRequestToken = newToken();
      const TransactItems = transaction.items(TableName);
      await patiently(async () => {
        try {
          await client.send(new TransactWriteCommand({ TransactItems, ClientRequestToken }));
        } catch (error) {
          const lost = lostKeys(error, transaction);
          throw lost.length > 0 ? new LostRace(lost) : error;
        }
      });
    },
    async increment({ PK, SK }, attribute, by, { expiresAt } = {}) {
      const changes = expression({ add: { [attribute]: by }, ...(expiresAt && { set: { expiresAt } }) }, []);
      const { Attributes } = await client.send(
        new UpdateCommand({ TableName, Key: { PK, SK }, ...changes, ReturnValues: 'UPDATED_NEW' }),
      );
      return Number(Attributes?.[attribute]);
    },
  };
};

/** A document client that leaves out what is undefined, so that an absent field is an absent attribute. */
export const documentClient = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient({}), { marshallOptions: { removeUndefinedValues: true } });

const nameOfSortKey = ({ index }: Range): string => (index ? `GSI${index}SK` : 'SK');

/** Sorts before every key: none of ours begins with a character below the digits. */
const FIRST = ' ';

/** Sorts behind every key: no key of ours holds a character above the tilde. */
const LAST = '~~';

/** A sort key holds no more; DynamoDB refuses to look for one that does. */
const MAX_SORT_KEY_BYTES = 1024;

const boundsOf = (range: Range, after: string | undefined): { from: string; to: string } => {
  const { beginsWith = '', upTo, descending = false } = range;
  // No key is empty, and DynamoDB compares none with the empty text.
  const first = range.from || beginsWith || FIRST;
  return {
    from: descending ? first : after || first,
    to: (descending ? after : undefined) ?? upTo ?? `${beginsWith}${LAST}`,
  };
};

/** A span of time that ends before it begins, or a forged cursor: DynamoDB would refuse the question. */
const holdsNothing = (bounds: { from: string; to: string }): boolean => {
  const [from, to] = [Buffer.from(bounds.from), Buffer.from(bounds.to)];
  return Buffer.compare(from, to) > 0 || Math.max(from.length, to.length) > MAX_SORT_KEY_BYTES;
};

const queryOf = (range: Range, after?: string): Omit<QueryCommandInput, 'TableName'> => {
  const { from, to } = boundsOf(range, after);
  const isBounded = from !== FIRST || to !== LAST;
  return {
    ...(range.index && { IndexName: `GSI${range.index}` }),
    KeyConditionExpression: isBounded ? '#pk = :pk AND #sk BETWEEN :from AND :to' : '#pk = :pk',
    ExpressionAttributeNames: {
      '#pk': range.index ? `GSI${range.index}PK` : 'PK',
      ...(isBounded && { '#sk': nameOfSortKey(range) }),
    },
    ExpressionAttributeValues: { ':pk': range.partition, ...(isBounded && { ':from': from, ':to': to }) },
    ScanIndexForward: !range.descending,
    ...(range.consistent && { ConsistentRead: true }),
  };
};

const lostKeys = (error: unknown, transaction: Transaction): Key[] => {
  if (!(error instanceof TransactionCanceledException)) return [];
  const failed = (error.CancellationReasons ?? []).map(({ Code }) => Code === 'ConditionalCheckFailed');
  return transaction.keys.filter((_, n) => failed[n]);
};

/** What DynamoDB answers when it has too much to do just now. */
const THROTTLED: readonly string[] = [
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
];

/** Whether a call failed only because the table was busy: it may well go through a moment later. */
export const isTableBusy = (error: unknown): boolean =>
  isContention(error) || (error instanceof Error && THROTTLED.includes(error.name));

const isContention = (error: unknown): boolean =>
  error instanceof TransactionInProgressException ||
  (error instanceof TransactionCanceledException &&
    (error.CancellationReasons ?? []).some(({ Code }) => Code === 'TransactionConflict' || Code === 'ThrottlingError'));
