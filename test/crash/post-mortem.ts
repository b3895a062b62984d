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
    const [name] = Names.parse(
      db
        .prepare(
          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE '%::%' AND name NOT LIKE 'sqlite%'",
        )
        .all(),
    );
    if (!name) throw new Error(`${folder} has no table`);
    const count = (where: string, ...values: string[]): number =>
      Count.parse(db.prepare(`SELECT count(*) AS n FROM "${name.name}" WHERE ${where}`).get(...values)).n;
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

const reading = <Result>(file: string, read: (db: DatabaseSync) => Result): Result => {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
};
