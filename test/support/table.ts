import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Services, servicesOn } from '../../functions/services.ts';
import { systemIds } from '../../functions/table/ids.ts';
import { dynamoTable } from '../../functions/table/table.ts';
import type { Host } from '../../infra/local/host.ts';

/** Capacity units that calls have consumed. */
export interface Consumed {
  reads: number;
  writes: number;
}

/** A client of a host's database that counts capacity units. */
export const countingClient = (host: Host): { client: DynamoDBDocumentClient; consumed: Consumed } => {
  const consumed: Consumed = { reads: 0, writes: 0 };
  const plain = new DynamoDBClient({
    endpoint: host.database.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const client = DynamoDBDocumentClient.from(plain, { marshallOptions: { removeUndefinedValues: true } });
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
        const answer = await next(args);
        const { ConsumedCapacity } = answer.output as { ConsumedCapacity?: unknown };
        const units = [ConsumedCapacity].flat().reduce<number>((sum, one) => {
          return sum + ((one as { CapacityUnits?: number } | undefined)?.CapacityUnits ?? 0);
        }, 0);
        const isRead = /^(Get|BatchGet|Query)/.test(commandName ?? '');
        consumed[isRead ? 'reads' : 'writes'] += units;
        return answer;
      },
    { step: 'initialize', name: 'countCapacity' },
  );
  return { client, consumed };
};

/** The services that functions are made of, on a host's database. */
export const servicesBeneath = (host: Host, client = countingClient(host).client): Services => {
  const ids = systemIds();
  const [tableName = ''] = host.database.tables;
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const table = dynamoTable(client, tableName, { sleep, random: Math.random, newToken: ids.random });
  return servicesOn(table, {
    ids,
    now: () => new Date(host.now()).toISOString(),
    backOff: (ms) => sleep(Math.random() * ms),
  });
};
