import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { expression } from '../table/expression.ts';
import { migrationKey } from '../table/keys.ts';
import type { StoredItem } from '../table/table.ts';
import type { Migration } from './migrations.ts';

export interface MigrationRun {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  /** How many parts of the table are read side by side; a run that goes on with another has to have as many. */
  readonly segments: number;
  /** Items that are read at once; after each such page a run may be ended without loss. */
  readonly pageSize: number;
  /** At most so many writes a second, over all segments: what is left of the table's throughput is for users. */
  readonly writesPerSecond: number;
  /** Counts what would change, and writes nothing. */
  readonly dryRun: boolean;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told after every page. */
  readonly progress: (total: Progress) => void;
}

export interface Progress {
  readonly scanned: number;
  readonly changed: number;
  /** How many segments have been read to their ends. */
  readonly done: number;
}

/** Kept in the table after each page of a segment, so that a run which was ended anywhere goes on from there. */
const Checkpoint = z.object({
  segments: z.int(),
  scanned: z.int().default(0),
  changed: z.int().default(0),
  done: z.boolean().default(false),
  after: z.record(z.string(), z.unknown()).optional(),
});
type Checkpoint = z.infer<typeof Checkpoint>;

const RACES = 5;

/**
 * Brings a table's items to where today's release writes them, while the service runs. Every write has the condition that
 * the item is still what it was when it was read; whoever changes it meanwhile makes the change be decided again.
 */
export const migrateTable = async (run: MigrationRun, migration: Migration): Promise<Progress> => {
  const at: Checkpoint[] = await Promise.all(
    Array.from({ length: run.segments }, (_, segment) => checkpointOf(run, migration, segment)),
  );
  const total = (): Progress => ({
    scanned: at.reduce((sum, { scanned }) => sum + scanned, 0),
    changed: at.reduce((sum, { changed }) => sum + changed, 0),
    done: at.filter(({ done }) => done).length,
  });
  await Promise.all(
    at.map(async (checkpoint, segment) => {
      for (let now = checkpoint; !now.done; ) {
        now = await nextPage(run, migration, segment, now);
        at[segment] = now;
        run.progress(total());
      }
    }),
  );
  return total();
};

const checkpointOf = async (run: MigrationRun, { id }: Migration, segment: number): Promise<Checkpoint> => {
  const { segments, dryRun, client, tableName } = run;
  if (dryRun) return Checkpoint.parse({ segments });
  const Key = migrationKey(id, segment);
  const { Item } = await client.send(new GetCommand({ TableName: tableName, Key, ConsistentRead: true }));
  const checkpoint = Checkpoint.parse(Item ?? { segments });
  if (checkpoint.segments !== segments) throw new Error(`${id} was begun with ${checkpoint.segments} segments`);
  return checkpoint;
};

const nextPage = async (
  run: MigrationRun,
  migration: Migration,
  segment: number,
  before: Checkpoint,
): Promise<Checkpoint> => {
  const { client, tableName: TableName, segments, pageSize } = run;
  const { Items = [], LastEvaluatedKey } = await client.send(
    new ScanCommand({
      TableName,
      Segment: segment,
      TotalSegments: segments,
      Limit: pageSize,
      ExclusiveStartKey: before.after,
      ConsistentRead: true,
    }),
  );
  let changed = 0;
  for (const item of Items) if (await migrateItem(run, migration, item)) changed += 1;
  const after: Checkpoint = {
    segments,
    scanned: before.scanned + Items.length,
    changed: before.changed + changed,
    done: !LastEvaluatedKey,
    ...(LastEvaluatedKey && { after: LastEvaluatedKey }),
  };
  if (!run.dryRun) {
    const Item = { ...migrationKey(migration.id, segment), entity: 'migration', ...after };
    await client.send(new PutCommand({ TableName, Item }));
  }
  return after;
};

const migrateItem = async (run: MigrationRun, migration: Migration, read: StoredItem): Promise<boolean> => {
  const { client, tableName: TableName } = run;
  let item: StoredItem | undefined = read;
  for (let race = 0; item && race < RACES; race += 1) {
    const change = migration.due(item);
    if (!change) return false;
    if (run.dryRun) return true;
    const Key = { PK: read.PK, SK: read.SK };
    try {
      await run.sleep((1000 * run.segments) / run.writesPerSecond);
      await client.send(new UpdateCommand({ TableName, Key, ...expression({ set: change.set }, change.conditions) }));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      ({ Item: item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true })));
    }
  }
  if (item) throw new Error(`${read.PK} ${read.SK} changes too often to be migrated`);
  return false;
};
