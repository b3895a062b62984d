import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { Placement } from '../../domain/queues/queue.ts';
import { placementIndexes, projectionIndexes } from '../../functions/table/keys.ts';
import type { Host } from '../../infra/local/host.ts';
import { REGION } from '../../infra/local/template.ts';
import type { Service } from './service.ts';

type Item = Record<string, unknown>;
const typeOf = ({ fact }: Item): unknown => fact && (fact as { type: string }).type;

/** The table beneath a running service, to break it and to put it right. */
export const beneath = ({ database: { url, tables } }: Host) => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: url, region: REGION, credentials }), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const [TableName] = tables;
  return {
    ofCase: async (caseId: string): Promise<Item[]> => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'PK = :case',
          ExpressionAttributeValues: { ':case': `CASE#${caseId}` },
        }),
      );
      return Items;
    },
    put: (item: Item) => client.send(new PutCommand({ TableName, Item: item })),
    remove: ({ PK, SK }: Item) => client.send(new DeleteCommand({ TableName, Key: { PK, SK } })),
  };
};

/** As it was before anybody routed it. */
const unrouted = (item: Item): Item => {
  const { GSI1PK, GSI1SK, GSI2PK, GSI2SK, ...rest } = item;
  const placement = Placement.parse({ ...rest, state: 'awaitingRouting', queueId: undefined });
  return { ...rest, ...placement, ...placementIndexes(placement) };
};

export interface BrokenCase {
  caseId: string;
  /** Tells the stream of the case, as if it were new. */
  tell(): Promise<void>;
  /** Makes it what it was before anybody routed it. */
  mend(): Promise<void>;
}

/** Opens a case and breaks what can be read of it; its stream has come to an end before. */
export const brokenCase = async (service: Service, broken: (item: Item) => Item | undefined): Promise<BrokenCase> => {
  const { ofCase, put, remove } = beneath(service.host);
  const { caseId } = await service.opened();
  await service.settled();
  const items = await ofCase(caseId);
  const state = items
    .filter(({ SK }) => String(SK).startsWith('CASE'))
    .map((item) => (item.SK === 'CASE#PLACEMENT' ? unrouted(item) : item));
  const facts = items.filter((item) => ['case.created', 'case.routed'].includes(String(typeOf(item))));
  for (const item of [...state, ...facts]) await remove(item);
  for (const item of state.map(broken)) if (item) await put(item);
  return {
    caseId,
    async tell() {
      const [created] = facts.filter((item) => typeOf(item) === 'case.created');
      await put({ ...created, ...projectionIndexes(caseId, String(created?.at)) });
    },
    async mend() {
      for (const item of state) await put(item);
    },
  };
};

/** What no code can read, so that nothing will go better by itself. */
export const unreadable = (item: Item): Item => (item.SK === 'CASE' ? { ...item, priority: 'unheard of' } : item);
