import { DatabaseSync } from 'node:sqlite';
import { marshall } from '@aws-sdk/util-dynamodb';
import { INDEXES, TABLE } from '../../functions/table/schema.ts';
import type { Item } from '../../functions/table/transaction.ts';

/** Items in one transaction of the database's file. */
const BATCH = 20_000;

type Value = { S?: string; N?: string; BOOL?: boolean; L?: Value[]; M?: Record<string, Value> };

/** The size that DynamoDB gives a value: what reading it costs depends on it. */
const sizeOf = ({ S, N, L, M }: Value): number => {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return Math.ceil(N.replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length / 2) + 1;
  if (L) return 3 + L.reduce((sum, one) => sum + 1 + sizeOf(one), 0);
  if (M) return 3 + Object.entries(M).reduce((sum, [name, one]) => sum + 1 + Buffer.byteLength(name) + sizeOf(one), 0);
  return 1;
};

/**
 * Writes new items into the file of a local database from beside it, because its own door takes a thousand a second at
 * most. No stream tells of them.
 */
export const fillTable = (file: string, tableName: string, items: Iterable<Item>): void => {
  const db = new DatabaseSync(file, { timeout: 10_000 });
  const base = db.prepare(`INSERT INTO "${tableName}" (pk, sk, item_json, item_size) VALUES (?, ?, ?, ?)`);
  const indexes = Object.entries(INDEXES).map(([name, keys]) => ({
    ...keys,
    insert: db.prepare(
      `INSERT INTO "${tableName}::gsi::${name}" (gsi_pk, gsi_sk, table_pk, table_sk, item_json) VALUES (?, ?, ?, ?, ?)`,
    ),
  }));
  const insert = (item: Item): void => {
    const stored: Record<string, Value> = marshall(item, { removeUndefinedValues: true }) as Record<string, Value>;
    const size = Object.entries(stored).reduce(
      (sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value),
      0,
    );
    const [pk, sk] = [`S:${item.PK}`, `S:${item.SK}`];
    base.run(pk, sk, JSON.stringify(stored), size);
    for (const { partitionKey, sortKey, insert: add } of indexes) {
      if (!stored[partitionKey] || !stored[sortKey]) continue;
      const keys = [TABLE.partitionKey, TABLE.sortKey, partitionKey, sortKey].map((name) => [name, stored[name]]);
      add.run(`S:${item[partitionKey]}`, `S:${item[sortKey]}`, pk, sk, JSON.stringify(Object.fromEntries(keys)));
    }
  };
  let open = 0;
  for (const item of items) {
    if (open === 0) db.exec('BEGIN IMMEDIATE');
    insert(item);
    open += 1;
    if (open < BATCH) continue;
    db.exec('COMMIT');
    open = 0;
  }
  if (open > 0) db.exec('COMMIT');
  db.close();
};
