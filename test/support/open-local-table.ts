import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Instant, toInstant } from '../../domain/time.ts';
import { type Services, servicesOn } from '../../functions/services.ts';
import { systemIds } from '../../functions/table/ids.ts';
import { dynamoTable, type Table } from '../../functions/table/table.ts';
import { ServiceClock } from '../../infra/local/clock.ts';
import { openDataFolder } from '../../infra/local/data-folder.ts';
import { dynamoDbService } from '../../infra/local/dynamodb.ts';
import { REGION, readCloudApp } from '../../infra/local/template.ts';

/** The table as the templates define it in a database of its own, and the services on it: no function, stream or timer. */
export interface LocalTable {
  client: DynamoDBDocumentClient;
  /** Another client of the same database, for a test to make faulty. */
  newClient: () => DynamoDBDocumentClient;
  name: string;
  /** The database's own file. */
  file: string;
  table: Table;
  services: Services;
  /** What the services take for now. */
  clock: { now: Instant };
}

/** Opens the table of a cloud assembly on a new database, with the services' clock at `now`; `stop` drops it. */
export const openLocalTable = async (
  assembly: string,
  now: Instant,
): Promise<{ local: LocalTable; stop: () => Promise<void> }> => {
  const folder = mkdtempSync(join(tmpdir(), 'docket-table-'));
  const data = openDataFolder(folder);
  const clock = new ServiceClock({ speed: 0, first: Date.parse(now), save: () => {} });
  const database = await dynamoDbService(readCloudApp(assembly), data, clock, (problem) =>
    console.error(problem.message),
  );
  const stop = async () => {
    await database.stop();
    data.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const local = localTable(database.url, database.tables[0]!.name, now);
  return { local: { ...local, file: join(folder, 'dynamodb.db') }, stop };
};

const localTable = (endpoint: string, name: string, now: Instant): Omit<LocalTable, 'file'> => {
  const newClient = () =>
    DynamoDBDocumentClient.from(
      new DynamoDBClient({ endpoint, region: REGION, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
      { marshallOptions: { removeUndefinedValues: true } },
    );
  const client = newClient();
  const clock = { now: toInstant(Date.parse(now)) };
  const ids = systemIds();
  const table = tableOf(client, name);
  const services = servicesOn(table, { ids, now: () => clock.now, backOff: async () => {} });
  return { client, newClient, name, table, services, clock };
};

/** The table through a client, waiting between its retries no longer than the event loop needs. */
export const tableOf = (client: DynamoDBDocumentClient, name: string): Table =>
  dynamoTable(client, name, { sleep: () => sleep(0), random: () => 0, newToken: systemIds().random });
