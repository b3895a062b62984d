import {
  DescribeTimeToLiveCommand,
  IdempotentParameterMismatchException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { INDEXES, TABLE } from '../../functions/table/schema.ts';
import { LostRace } from '../../functions/table/table.ts';
import { Transaction } from '../../functions/table/transaction.ts';
import { withLocalTable } from '../support/local-table.ts';

/**
 * What the stores rely on in whatever database is behind them. It runs on the local one with all other tests, and on
 * Amazon's DynamoDB Local by `npm run test:dynamodb-local`.
 */
const local = withLocalTable();

type Writes = NonNullable<TransactWriteCommandInput['TransactItems']>;
const put = (SK: string, fields: object = {}, condition?: string): Writes[number] => ({
  Put: {
    TableName: local.name,
    Item: { PK: 'CONTRACT', SK, ...fields },
    ...(condition && { ConditionExpression: condition }),
  },
});
const transact = (TransactItems: Writes, ClientRequestToken?: string) =>
  local.client.send(new TransactWriteCommand({ TransactItems, ClientRequestToken }));
const found = async (SK: string) => local.table.get({ PK: 'CONTRACT', SK });
const faultOf = async (work: Promise<unknown>): Promise<Error> => {
  const fault = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(fault instanceof Error)) throw new Error('Nothing was refused');
  return fault;
};

describe('a transaction', () => {
  it('tells of each write whether its condition held, in their order, and writes none when one did not', async () => {
    await transact([put('taken')]);
    const fresh = 'attribute_not_exists(PK)';
    const fault = await faultOf(
      transact([put('free-1', {}, fresh), put('taken', {}, fresh), put('free-2', {}, fresh)]),
    );
    expect(fault).toBeInstanceOf(TransactionCanceledException);
    const { CancellationReasons = [] } = fault as TransactionCanceledException;
    expect(CancellationReasons.map(({ Code }) => Code)).toEqual(['None', 'ConditionalCheckFailed', 'None']);
    expect([await found('free-1'), await found('free-2')]).toEqual([undefined, undefined]);
  });

  it('checks an item that it does not write', async () => {
    const transaction = new Transaction();
    transaction.check({ PK: 'CONTRACT', SK: 'nowhere' }, { attribute: 'PK', is: 'present' });
    transaction.create({ PK: 'CONTRACT', SK: 'checked' });
    const fault = await faultOf(local.table.transact(transaction));
    expect((fault as LostRace).keys).toEqual([{ PK: 'CONTRACT', SK: 'nowhere' }]);
    expect(await found('checked')).toBeUndefined();
  });

  it('that comes again with its token is written once, and its token is no other’s', async () => {
    const counted = (by: number): Writes => [
      {
        Update: {
          TableName: local.name,
          Key: { PK: 'CONTRACT', SK: 'counted' },
          UpdateExpression: 'ADD n :by',
          ExpressionAttributeValues: { ':by': by },
        },
      },
    ];
    await transact(counted(1), 'one-token');
    await transact(counted(1), 'one-token');
    expect(await found('counted')).toMatchObject({ n: 1 });
    await transact(counted(1), 'another-token');
    expect(await found('counted')).toMatchObject({ n: 2 });
    expect(await faultOf(transact(counted(5), 'one-token'))).toBeInstanceOf(IdempotentParameterMismatchException);
    expect(await found('counted')).toMatchObject({ n: 2 });
  });

  it('holds a hundred writes and no more', async () => {
    const writes = (count: number) => Array.from({ length: count }, (_, n) => put(`many-${n}`));
    await transact(writes(100));
    expect(await found('many-99')).toBeDefined();
    expect((await faultOf(transact(writes(101)))).name).toBe('ValidationException');
  });

  it('writes an item once at most', async () => {
    expect((await faultOf(transact([put('twice', { n: 1 }), put('twice', { n: 2 })]))).name).toBe(
      'ValidationException',
    );
    expect(await found('twice')).toBeUndefined();
  });

  it('that two make at once is made by one of them', async () => {
    const taking = () => {
      const transaction = new Transaction();
      transaction.create({ PK: 'CONTRACT', SK: 'contended' });
      return local.table.transact(transaction);
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, taking));
    const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(lost).toHaveLength(7);
    for (const fault of lost) expect(fault).toBeInstanceOf(LostRace);
  });

  it('that reads sees either all of another or nothing of it', async () => {
    const keys = ['pair-a', 'pair-b'].map((SK) => ({ PK: 'CONTRACT', SK }));
    await Promise.all([
      ...Array.from({ length: 10 }, (_, n) => transact([put('pair-a', { n }), put('pair-b', { n })]).catch(() => {})),
      ...Array.from({ length: 10 }, async () => {
        const [a, b] = await local.table.together(keys);
        expect(a?.n).toBe(b?.n);
      }),
    ]);
  });
});

describe('an item', () => {
  it('holds 400 kB and no more', async () => {
    const text = (bytes: number) => ({ text: 'x'.repeat(bytes) });
    await transact([put('large', text(399_000))]);
    expect((await found('large'))?.text).toHaveLength(399_000);
    const fault = await faultOf(local.client.send(new PutCommand(put('larger', text(410_000)).Put!)));
    expect(fault.name).toBe('ValidationException');
  });

  it('that is missing is made by an update, unless the update asks for it to be there', async () => {
    const update = (SK: string, ConditionExpression?: string) =>
      local.client.send(
        new UpdateCommand({
          TableName: local.name,
          Key: { PK: 'CONTRACT', SK },
          UpdateExpression: 'SET title = :title',
          ExpressionAttributeValues: { ':title': 'No mail' },
          ConditionExpression,
        }),
      );
    await update('made');
    expect(await found('made')).toEqual({ PK: 'CONTRACT', SK: 'made', title: 'No mail' });
    expect((await faultOf(update('missing', 'attribute_exists(PK)'))).name).toBe('ConditionalCheckFailedException');
    expect(await found('missing')).toBeUndefined();
  });

  it('tells nothing and empty apart, and keeps lists, maps, numbers and truths as they are', async () => {
    const fields = { empty: '', none: [], map: { a: { b: [1, 'two', true, null] } }, n: -0.25, big: 9007199254740991 };
    await transact([put('shapes', fields)]);
    expect(await found('shapes')).toEqual({ PK: 'CONTRACT', SK: 'shapes', ...fields });
  });

  it('has no empty key, nor one of more than 1,024 bytes', async () => {
    for (const SK of ['', 'x'.repeat(1025)]) {
      const fault = await faultOf(local.client.send(new PutCommand(put(SK).Put!)));
      expect(fault.name, `${SK.length}`).toBe('ValidationException');
    }
  });

  it('that has expired is there until it is taken away: whoever reads it must look', async () => {
    const { TimeToLiveDescription } = await local.client.send(new DescribeTimeToLiveCommand({ TableName: local.name }));
    expect(TimeToLiveDescription).toMatchObject({ AttributeName: TABLE.ttl, TimeToLiveStatus: 'ENABLED' });
    await transact([put('expired', { [TABLE.ttl]: 1 })]);
    expect(await found('expired')).toMatchObject({ [TABLE.ttl]: 1 });
  });
});

describe('an index', () => {
  const key = { PK: 'CONTRACT', SK: 'indexed' };
  const listed = async (partition: string) => (await local.table.page({ index: 2, partition, limit: 10 })).items;
  const change = (UpdateExpression: string, values?: object) =>
    local.client.send(
      new UpdateCommand({
        TableName: local.name,
        Key: key,
        UpdateExpression,
        ...(values && { ExpressionAttributeValues: { ...values } }),
      }),
    );

  it('holds an item while it has both keys of it, and nothing but keys', async () => {
    await change('SET title = :t', { ':t': 'No mail' });
    expect(await listed('LIST#a')).toEqual([]);
    await change('SET GSI2PK = :p', { ':p': 'LIST#a' });
    expect(await listed('LIST#a')).toEqual([]);
    await change('SET GSI2SK = :s', { ':s': '1' });
    expect(await listed('LIST#a')).toEqual([{ ...key, GSI2PK: 'LIST#a', GSI2SK: '1' }]);
  });

  it('moves it with its keys, and lets go of it with them', async () => {
    await change('SET GSI2PK = :p, GSI2SK = :s', { ':p': 'LIST#b', ':s': '2' });
    expect(await listed('LIST#a')).toEqual([]);
    expect(await listed('LIST#b')).toEqual([{ ...key, GSI2PK: 'LIST#b', GSI2SK: '2' }]);
    await change('REMOVE GSI2PK, GSI2SK');
    expect(await listed('LIST#b')).toEqual([]);
    expect(await local.table.get(key)).toMatchObject({ title: 'No mail' });
  });

  it('is one of six, and holds items that are alike in it', async () => {
    const places = Object.values(INDEXES).map(({ partitionKey, sortKey }) => ({
      [partitionKey]: 'ALIKE',
      [sortKey]: '1',
    }));
    const all = Object.assign({}, ...places);
    await transact([put('alike-1', all), put('alike-2', all)]);
    for (const index of [1, 2, 3, 4, 5, 6] as const) {
      const { items } = await local.table.page({ index, partition: 'ALIKE', limit: 10 });
      expect(items.map(({ SK }) => SK).sort(), `GSI${index}`).toEqual(['alike-1', 'alike-2']);
    }
  });
});

describe('a query', () => {
  const partition = 'QUERIED';
  const keys = ['A', 'A#1', 'B', 'a', 'ä', '€', '😀'];
  beforeAll(async () => {
    await transact(keys.map((SK) => ({ Put: { TableName: local.name, Item: { PK: partition, SK } } })));
  });

  it('sorts by bytes, either way', async () => {
    const all = await local.table.all({ partition });
    // What lies above the tilde is not asked for by our ranges, so it is asked for by hand.
    expect(all.map(({ SK }) => SK)).toEqual(keys);
    const { items } = await local.table.page({ partition, limit: 2, descending: true, upTo: 'a' });
    expect(items.map(({ SK }) => SK)).toEqual(['a', 'B']);
  });

  it('reads no more than its page, and says where to go on', async () => {
    const { Items, LastEvaluatedKey, ScannedCount } = await local.client.send(
      new QueryCommand({
        TableName: local.name,
        KeyConditionExpression: 'PK = :pk',
        ExpressionAttributeValues: { ':pk': partition },
        Limit: 3,
      }),
    );
    expect([Items?.length, ScannedCount, LastEvaluatedKey]).toEqual([3, 3, { PK: partition, SK: 'B' }]);
  });

  it('ends a page at a megabyte, and all pages together are complete', async () => {
    const text = 'x'.repeat(300_000);
    for (let n = 0; n < 5; n += 1) {
      await local.client.send(new PutCommand({ TableName: local.name, Item: { PK: 'HEAVY', SK: `${n}`, text } }));
    }
    const first = await local.table.page({ partition: 'HEAVY', limit: 5 });
    expect(first.items.length).toBeLessThan(5);
    expect(first.next).toBe(first.items.at(-1)?.SK);
    const { items } = await local.table.page({ partition: 'HEAVY', limit: 5, after: first.next });
    expect(first.items.length + items.length).toBe(5);
    expect(await local.table.all({ partition: 'HEAVY' })).toHaveLength(5);
  });

  it.each([
    ['ends before it begins', { from: 'B', upTo: 'A' }],
    ['goes on behind its end', { upTo: 'A', after: 'B' }],
    ['goes on behind what no key can be', { after: 'x'.repeat(2000) }],
  ])('for what %s finds nothing', async (_, range) => {
    expect(await local.table.page({ partition, limit: 10, ...range })).toEqual({ items: [] });
  });

  it('sees what was written a moment ago, when it is asked to', async () => {
    for (let n = 0; n < 5; n += 1) {
      await transact([{ Put: { TableName: local.name, Item: { PK: 'FRESH', SK: `${n}` } } }]);
      expect((await local.table.page({ partition: 'FRESH', limit: 10, consistent: true })).items).toHaveLength(n + 1);
    }
  });
});

describe('many items at once', () => {
  it('are read a hundred a time, without those that are not there', async () => {
    const there = Array.from({ length: 120 }, (_, n) => ({ PK: 'BATCH', SK: `${n}` }));
    for (const some of [there.slice(0, 60), there.slice(60)]) {
      await transact(some.map((Item) => ({ Put: { TableName: local.name, Item } })));
    }
    const items = await local.table.many([...there, { PK: 'BATCH', SK: 'nowhere' }]);
    expect(items).toHaveLength(120);
  });

  it('are projections only where that is asked for', async () => {
    const { Item } = await local.client.send(
      new GetCommand({ TableName: local.name, Key: { PK: 'BATCH', SK: '1' }, ProjectionExpression: 'SK' }),
    );
    expect(Item).toEqual({ SK: '1' });
  });
});
