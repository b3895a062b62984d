// The functions of a small app that uses every part of the local host once. They keep no state but in the table.
import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';

const { TABLE_NAME: TableName, TIMER_ARN, BUS_NAME } = process.env;
const dynamoDb = new DynamoDBClient({});
const stepFunctions = new SFNClient({});
const eventBridge = new EventBridgeClient({});
const keyOf = (id) => ({ PK: { S: id }, SK: { S: 'THING' } });
const json = (statusCode, body) => ({
  statusCode,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});

/** Appends the service's time to a list attribute. */
const note = (id, attribute) =>
  dynamoDb.send(
    new UpdateItemCommand({
      TableName,
      Key: keyOf(id),
      UpdateExpression: 'SET #a = list_append(if_not_exists(#a, :none), :now)',
      ExpressionAttributeNames: { '#a': attribute },
      ExpressionAttributeValues: { ':none': { L: [] }, ':now': { L: [{ S: new Date().toISOString() }] } },
    }),
  );

export async function api(event) {
  const { method, path } = event.requestContext.http;
  if (path === '/health') return json(200, { now: new Date(Date.now()).toISOString() });
  if (path === '/machines') return json(200, {});
  if (path === '/things/echo') return json(200, { event, env: process.env, date: Date() });
  if (path === '/things/throw') throw new RangeError('thrown');
  if (path === '/things/exit') process.exit(3);
  if (path === '/things/slow') return new Promise(() => setInterval(() => {}, 1000));
  if (path === '/things/plain') return { hello: 'world' };
  if (path === '/things/nonsense') return { statusCode: 'none' };
  if (method === 'POST') {
    const { id, ...rest } = JSON.parse(event.body);
    const attributes = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, { S: String(value) }]));
    await dynamoDb.send(
      new PutItemCommand({ TableName, Item: { ...keyOf(id), entity: { S: 'event' }, ...attributes } }),
    );
    return json(201, { id });
  }
  const { Item } = await dynamoDb.send(
    new GetItemCommand({ TableName, Key: keyOf(path.split('/')[2]), ConsistentRead: true }),
  );
  return Item ? json(200, Item) : json(404, {});
}

export async function reactions({ Records }) {
  const batchItemFailures = [];
  for (const { dynamodb } of Records) {
    const { PK, ring, poison, tell } = dynamodb.NewImage;
    try {
      if (poison) throw new Error('poisoned');
      if (ring) {
        const input = JSON.stringify({ id: PK.S, next: ring.S });
        await stepFunctions.send(new StartExecutionCommand({ stateMachineArn: TIMER_ARN, name: PK.S, input }));
      }
      if (tell) {
        const entry = {
          Source: 'small',
          DetailType: 'told',
          Detail: JSON.stringify({ id: PK.S }),
          EventBusName: BUS_NAME,
        };
        await eventBridge.send(new PutEventsCommand({ Entries: [entry] }));
      }
      await note(PK.S, 'handled');
    } catch (error) {
      console.log(JSON.stringify({ message: 'not handled', id: PK.S, error: error.message }));
      batchItemFailures.push({ itemIdentifier: dynamodb.SequenceNumber });
    }
  }
  return { batchItemFailures };
}

/** Rings a second time two hours later, then no more. */
export async function ring({ id, next, again }) {
  await note(id, 'rang');
  if (again) return { outcome: 'done' };
  return { outcome: 'wait', id, again: true, next: new Date(Date.parse(next) + 7_200_000).toISOString() };
}

export const sweeper = () => note('sweeper', 'ran');
