import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { AwsRefusal, callAws, close, listen } from './aws-endpoint.ts';
import type { ServiceClock } from './clock.ts';
import type { DataFolder } from './data-folder.ts';
import { HostProblem, messageOf } from './host-problem.ts';
import { type CloudApp, propertiesOf } from './template.ts';

const START_LIMIT = 10_000;
/** How often handled stream records are deleted, and how many at once, so that no write waits long for the lock. */
const TRIM_EVERY = 2000;
const TRIM_LIMIT = 2000;
/** DynamoDB deletes expired items within days; here within a minute. */
const EXPIRE_EVERY = 60_000;
const EXPIRE_LIMIT = 500;

const Properties = z.object({
  AttributeDefinitions: z.array(z.unknown()),
  KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.string() })),
  GlobalSecondaryIndexes: z
    .array(z.object({ IndexName: z.string(), KeySchema: z.array(z.unknown()), Projection: z.unknown() }))
    .default([]),
  StreamSpecification: z.object({ StreamViewType: z.string() }).optional(),
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
});

export interface Table {
  readonly name: string;
  /** The ARN that the templates know it by. */
  readonly streamArn: string;
  /** The ARN that the running database knows; it changes when the table is made anew. */
  readonly realStreamArn: string;
}

export interface DynamoDbService {
  readonly url: string;
  readonly tables: readonly Table[];
  /** Lets go of stream records that everybody has handled: `handled` tells how far by a table's stream ARN. */
  trimWith(handled: (streamArn: string) => bigint | undefined): void;
  stop(): Promise<void>;
}

/** Starts dynoxide on the data folder, or uses the DynamoDB at DYNAMODB_ENDPOINT, and creates the templates' tables. */
export async function dynamoDbService(
  app: CloudApp,
  data: DataFolder,
  clock: ServiceClock,
  onExit: (problem: HostProblem) => void,
): Promise<DynamoDbService> {
  const elsewhere = process.env.DYNAMODB_ENDPOINT;
  if (elsewhere)
    return { url: elsewhere, tables: await createTables(app, elsewhere), trimWith() {}, stop: async () => {} };

  const file = join(data.path, 'dynamodb.db');
  const dynoxide = await startDynoxide(data, file, onExit);
  try {
    const tables = await createTables(app, dynoxide.url);
    const upkeep = keepDatabase(app, file, dynoxide.url, clock);
    return {
      url: dynoxide.url,
      tables,
      trimWith: (handled) => upkeep.trimWith(tables, handled),
      async stop() {
        upkeep.stop();
        await dynoxide.stop();
      },
    };
  } catch (error) {
    await dynoxide.stop();
    throw error;
  }
}

async function startDynoxide(data: DataFolder, file: string, onExit: (problem: HostProblem) => void) {
  await endStray(data);
  const binary = findBinary();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = join(data.logs, 'dynoxide.log');
  const output = openSync(log, 'w');
  const command = [binary, 'serve', '--db-path', file, '--port', String(port)];
  // The shell ends dynoxide as soon as its input closes, which is also what happens when this process is killed.
  const guard = 'exec 3<&0; "$@" </dev/null 3<&- & child=$!; (cat <&3 >/dev/null; kill -9 $child) & wait $child';
  // A group of its own: Ctrl-C in the terminal is for the host alone, which then ends things in order.
  const child =
    process.platform === 'win32'
      ? spawn(binary, command.slice(1), { stdio: ['ignore', output, output] })
      : spawn('/bin/sh', ['-c', guard, 'sh', ...command], { stdio: ['pipe', output, output], detached: true });
  data.write('dynoxide', { group: child.pid, port });

  let serving = false;
  let exited = false;
  const gone = new Promise<void>((resolve) => {
    child.once('exit', resolve).once('error', () => resolve());
  }).then(() => {
    exited = true;
    if (serving) onExit(new HostProblem(`The database has stopped: ${lastLine(log)} (see ${log}).`));
  });

  const stop = async () => {
    serving = false;
    // What it has acknowledged is on disk, so ending it is the same as losing it.
    if (child.stdin) child.stdin.end();
    else child.kill();
    await gone;
  };

  const started = performance.now();
  while (!(await answers(url))) {
    if (exited) {
      const why = `dynamodb.db: ${lastLine(log)}`;
      throw new HostProblem(`The data folder ${data.path} is broken (${why}): name another with --data, or delete it.`);
    }
    if (performance.now() - started > START_LIMIT) {
      await stop();
      throw new HostProblem(`The database did not start within ${START_LIMIT / 1000} s (see ${log}).`);
    }
    await pause(20);
  }
  serving = true;
  return { url, stop };
}

const Stray = z.object({ group: z.number(), port: z.number() });

/** A host that was killed with its whole group may leave its dynoxide behind; it must not write beside ours. */
async function endStray(data: DataFolder): Promise<void> {
  const stray = Stray.safeParse(data.read('dynoxide')).data;
  if (!stray) return;
  const url = `http://127.0.0.1:${stray.port}`;
  for (const started = performance.now(); await answers(url); await pause(20)) {
    try {
      process.kill(-stray.group, 'SIGKILL');
    } catch {
      // The group is gone already, or the port is somebody else's by now.
    }
    if (performance.now() - started > 2000) return;
  }
}

const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await response.body?.cancel();
    return response.headers.has('x-dynoxide-version');
  } catch {
    return false;
  }
};

function findBinary(): string {
  const executable = process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide';
  const packageName = `@dynoxide/${process.platform}-${process.arch}`;
  const places = (process.env.PATH ?? '').split(delimiter);
  try {
    places.unshift(dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`)));
  } catch {
    // Not installed for this platform: the PATH may have it.
  }
  const found = places.map((place) => join(place, executable)).find((path) => existsSync(path));
  if (found === undefined) {
    throw new HostProblem(
      `No dynoxide for ${process.platform}-${process.arch}: install ${packageName} or put dynoxide on the PATH, or name any DynamoDB in DYNAMODB_ENDPOINT.`,
    );
  }
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0);
  await close(server);
  return port;
}

const lastLine = (file: string): string =>
  readFileSync(file, 'utf8').trim().split('\n').at(-1)?.replace(/\.$/, '') || 'it said nothing';

async function createTables(app: CloudApp, url: string): Promise<Table[]> {
  return Promise.all(
    app.ofType('AWS::DynamoDB::GlobalTable').map(async (resource) => {
      const { StreamSpecification, TimeToLiveSpecification, GlobalSecondaryIndexes, ...keys } = propertiesOf(
        resource,
        Properties,
      );
      const call = (operation: string, input: object) =>
        callAws(url, `DynamoDB_20120810.${operation}`, { TableName: resource.name, ...input });
      const existing = await describe(resource.name, url);
      if (!existing) {
        await call('CreateTable', {
          ...keys,
          BillingMode: 'PAY_PER_REQUEST',
          GlobalSecondaryIndexes: GlobalSecondaryIndexes.length > 0 ? GlobalSecondaryIndexes : undefined,
          StreamSpecification: StreamSpecification && { StreamEnabled: true, ...StreamSpecification },
        });
        if (TimeToLiveSpecification) await call('UpdateTimeToLive', { TimeToLiveSpecification });
      } else if (existing.indexes.join() !== namesOf(GlobalSecondaryIndexes).join()) {
        throw new HostProblem(
          `The table in the data folder has the indexes ${existing.indexes.join(', ')}, the templates want others: name another folder with --data, or delete it.`,
        );
      }
      const table = existing ?? (await describe(resource.name, url));
      return {
        name: resource.name,
        streamArn: `${resource.arn}/stream/2026-01-01T00:00:00.000`,
        realStreamArn: table?.streamArn ?? '',
      };
    }),
  );
}

const namesOf = (indexes: readonly { IndexName: string }[]) => indexes.map((index) => index.IndexName).sort();

async function describe(name: string, url: string): Promise<{ streamArn: string; indexes: string[] } | undefined> {
  try {
    const { Table } = z
      .object({
        Table: z.object({
          LatestStreamArn: z.string().default(''),
          GlobalSecondaryIndexes: z.array(z.object({ IndexName: z.string() })).default([]),
        }),
      })
      .parse(await callAws(url, 'DynamoDB_20120810.DescribeTable', { TableName: name }));
    return { streamArn: Table.LatestStreamArn, indexes: namesOf(Table.GlobalSecondaryIndexes) };
  } catch (error) {
    if (error instanceof AwsRefusal && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

/**
 * What dynoxide leaves undone, done to its SQLite file from beside it; its own writes lock in the same way.
 * - Each stream write looks for the greatest sequence number among all records: with an index, ten-item transactions go
 *   from 28 to 430 a second.
 * - It never deletes stream records. The newest of a table stays, because the next number is counted from it.
 * - It deletes expired items only when told, and by the real clock, which is not ours.
 */
function keepDatabase(app: CloudApp, file: string, url: string, clock: ServiceClock) {
  const db = new DatabaseSync(file, { timeout: 5000 });
  db.exec(
    'CREATE INDEX IF NOT EXISTS _stream_position ON _stream_records (table_name, CAST(sequence_number AS INTEGER))',
  );
  const trim = db.prepare(`
    DELETE FROM _stream_records WHERE id IN (
      SELECT id FROM _stream_records WHERE table_name = :table AND CAST(sequence_number AS INTEGER) <= :handled
        AND CAST(sequence_number AS INTEGER) <
          (SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = :table)
      ORDER BY CAST(sequence_number AS INTEGER) LIMIT ${TRIM_LIMIT})`);
  const timers: NodeJS.Timeout[] = [];
  let stopped = false;

  for (const resource of app.ofType('AWS::DynamoDB::GlobalTable')) {
    const { KeySchema, TimeToLiveSpecification: ttl } = propertiesOf(resource, Properties);
    if (!ttl?.Enabled) continue;
    const expires = `CAST(item_json ->> '$.${ttl.AttributeName}.N' AS INTEGER)`;
    const has = `item_json ->> '$.${ttl.AttributeName}.N' IS NOT NULL`;
    const table = `"${resource.name}"`;
    db.exec(`CREATE INDEX IF NOT EXISTS "${resource.name}::expires" ON ${table} (${expires}) WHERE ${has}`);
    const expired = db.prepare(
      `SELECT item_json AS item FROM ${table} WHERE ${has} AND ${expires} <= ? ORDER BY ${expires} LIMIT ${EXPIRE_LIMIT}`,
    );
    const expire = async () => {
      const now = Math.floor(clock.now() / 1000);
      for (const row of z.array(z.object({ item: z.string() })).parse(expired.all(now))) {
        if (stopped) return;
        const item = z.record(z.string(), z.unknown()).parse(JSON.parse(row.item));
        await callAws(url, 'DynamoDB_20120810.DeleteItem', {
          TableName: resource.name,
          Key: Object.fromEntries(KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]])),
          ConditionExpression: '#expires <= :now',
          ExpressionAttributeNames: { '#expires': ttl.AttributeName },
          ExpressionAttributeValues: { ':now': { N: String(now) } },
        }).catch((error: unknown) => {
          if (!stopped && !(error instanceof AwsRefusal))
            console.error(`Expiry of ${resource.name}: ${messageOf(error)}`);
        });
      }
    };
    timers.push(setInterval(() => void expire(), EXPIRE_EVERY).unref());
  }

  // From here on nobody waits for the lock: this thread serves requests, and what is not trimmed now is trimmed later.
  db.exec('PRAGMA busy_timeout = 50');

  return {
    trimWith(tables: readonly Table[], handled: (streamArn: string) => bigint | undefined) {
      const trimAll = () => {
        for (const table of tables) {
          const upTo = handled(table.streamArn);
          if (upTo !== undefined) unlessLocked(() => trim.run({ table: table.name, handled: upTo }));
        }
      };
      timers.push(setInterval(trimAll, TRIM_EVERY).unref());
    },
    stop() {
      stopped = true;
      for (const timer of timers) clearInterval(timer);
      db.close();
    },
  };
}

const SQLITE_BUSY = 5;

/** Leaves something for the next round when the database is writing. */
function unlessLocked(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY)) throw error;
  }
}
