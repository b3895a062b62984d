import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

/** What a stopped service has left in its folder that it should have done, none of which its API tells. */
export interface Remains {
  /** Reactions that gave up and wait for the sweeper. */
  parkedReactions: number;
  /** Stream batches that were put aside because a function went on failing. */
  parkedBatches: number;
  /** Clocks whose alarm is overdue. */
  overdueAlarms: number;
  /** Executions of the timer that still wait for an instant that has passed. */
  overdueExecutions: number;
  undeliveredEvents: number;
  /** Webhooks that are still on their way although the receiver takes everything. */
  pendingDeliveries: number;
}

const Count = z.object({ n: z.number() });
const Names = z.array(z.object({ name: z.string() }));

/** Looks into the folder of a service that has stopped. */
export const remainsIn = (folder: string, now: number): Remains => {
  const table = reading(join(folder, 'dynamodb.db'), (db) => {
    const name = tableOf(db);
    const count = (where: string, ...values: string[]): number =>
      Count.parse(db.prepare(`SELECT count(*) AS n FROM "${name}" WHERE ${where}`).get(...values)).n;
    return {
      parkedReactions: count("item_json ->> '$.entity.S' = 'parked'"),
      pendingDeliveries: count("item_json ->> '$.entity.S' = 'delivery' AND item_json ->> '$.status.S' <> 'succeeded'"),
      overdueAlarms: count(
        "item_json ->> '$.entity.S' = 'kpi' AND item_json ->> '$.GSI6PK.S' LIKE 'SWEEP#timer#%' AND item_json ->> '$.GSI6SK.S' < ?",
        new Date(now).toISOString(),
      ),
    };
  });
  const host = reading(join(folder, 'host.db'), (db) => ({
    overdueExecutions: Count.parse(
      db
        .prepare("SELECT count(*) AS n FROM executions WHERE status = 'RUNNING' AND (until IS NULL OR until <= ?)")
        .get(now),
    ).n,
    undeliveredEvents: Count.parse(db.prepare('SELECT count(*) AS n FROM deliveries').get()).n,
  }));
  const parkedBatches = reading(
    join(folder, 'storage', 'fauxqs.db'),
    (db) => Count.parse(db.prepare('SELECT count(*) AS n FROM s3_objects').get()).n,
  );
  return { ...table, ...host, parkedBatches };
};

/** How many items of each kind are kept in the table of a service that has stopped. */
export const kindsIn = (folder: string): Map<string, number> =>
  reading(join(folder, 'dynamodb.db'), (db) => {
    const rows = Kinds.parse(
      db.prepare(`SELECT item_json ->> '$.entity.S' AS kind, count(*) AS n FROM "${tableOf(db)}" GROUP BY 1`).all(),
    );
    return new Map(rows.map(({ kind, n }) => [kind ?? '', n]));
  });

/** By how many events each activity was added, in the table of a service that has stopped. */
export const additionsIn = (folder: string): Map<string, number> =>
  reading(join(folder, 'dynamodb.db'), (db) => {
    const rows = Kinds.parse(
      db
        .prepare(
          `SELECT item_json ->> '$.fact.M.activityId.S' AS kind, count(*) AS n FROM "${tableOf(db)}" WHERE item_json ->> '$.entity.S' = 'event' AND item_json ->> '$.fact.M.type.S' = 'activity.added' GROUP BY 1`,
        )
        .all(),
    );
    return new Map(rows.map(({ kind, n }) => [kind ?? '', n]));
  });

const Kinds = z.array(z.object({ kind: z.string().nullable(), n: z.number() }));

/** The service's own table, among those by which the database keeps its indexes and streams. */
const tableOf = (db: DatabaseSync): string => {
  const [table] = Names.parse(
    db
      .prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE '%::%' AND name NOT LIKE 'sqlite%'",
      )
      .all(),
  );
  if (!table) throw new Error('The database has no table');
  return table.name;
};

const reading = <Result>(file: string, read: (db: DatabaseSync) => Result): Result => {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
};
