/**
 * The names that the table's definition and the code that reads and writes it must agree on. What the keys hold is
 * told in `keys.ts`; this file only says what they are called, so that the infrastructure may import it.
 */
export const TABLE = {
  partitionKey: 'PK',
  sortKey: 'SK',
  /** Seconds since the epoch; DynamoDB removes the item some time after. */
  ttl: 'expiresAt',
  /** Tells what an item is; the stream mappings filter on it. */
  entity: 'entity',
} as const;

/** The value of `entity` that marks a fact. Consumers of the stream are handed inserts of these. */
export const EVENT_ENTITY = 'event';

/** The value of `entity` that marks what an edit of a customer sets going; `reactions` is handed its inserts too. */
export const FOLLOWING_ENTITY = 'following';

/**
 * Six generic indexes from the first deployment on, because CloudFormation adds or removes only one index in an
 * update. All project keys only: whoever finds an item by an index reads the item itself.
 */
export const INDEXES = {
  GSI1: { partitionKey: 'GSI1PK', sortKey: 'GSI1SK' },
  GSI2: { partitionKey: 'GSI2PK', sortKey: 'GSI2SK' },
  GSI3: { partitionKey: 'GSI3PK', sortKey: 'GSI3SK' },
  GSI4: { partitionKey: 'GSI4PK', sortKey: 'GSI4SK' },
  GSI5: { partitionKey: 'GSI5PK', sortKey: 'GSI5SK' },
  GSI6: { partitionKey: 'GSI6PK', sortKey: 'GSI6SK' },
} as const;
export type IndexName = keyof typeof INDEXES;

/** What the keys of secrets begin with, and whose secrets there are: roles are kept from them by these words. */
export const SECRETS = { prefix: 'SECRET', kinds: ['webhook', 'channel'] } as const;
export type SecretKind = (typeof SECRETS.kinds)[number];
