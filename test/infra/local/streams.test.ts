import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { serveAws } from '../../../infra/local/aws-endpoint.ts';
import type { Outcome } from '../../../infra/local/lambda.ts';
import {
  type Checkpoints,
  handledByAll,
  type Mapping,
  StreamPoller,
  type StreamRecord,
  streamSource,
} from '../../../infra/local/streams.ts';

const record = (sequence: number, name = 'INSERT'): StreamRecord => ({
  eventID: `e${sequence}`,
  eventName: name,
  dynamodb: { SequenceNumber: String(sequence), ApproximateCreationDateTime: 1_767_603_600 },
});
const fails = (...sequences: number[]): Outcome => ({
  ok: true,
  payload: { batchItemFailures: sequences.map((sequence) => ({ itemIdentifier: String(sequence) })) },
});
const fault: Outcome = { ok: false, error: { errorType: 'Error', errorMessage: 'broken' } };

/** Runs a mapping over these records with a function that is given the sequence numbers of each batch. */
async function run(
  records: StreamRecord[],
  handler: (batch: number[]) => Outcome,
  overrides: Partial<Mapping> = {},
  from?: string,
  crowded = () => false,
) {
  const batches: number[][] = [];
  const parked: { bucket: string; key: string; body: string }[] = [];
  const saved: string[] = [];
  let at = from;
  const checkpoints: Checkpoints = {
    get: () => at,
    set: (_shard, sequence) => {
      at = sequence;
      saved.push(sequence);
    },
  };
  const poller = new StreamPoller({
    mapping: {
      id: 'Mapping',
      uuid: 'mapping',
      functionArn: 'arn:f',
      streamArn: 'arn:s',
      batchSize: 10,
      bisect: true,
      reportsFailures: true,
      maxRetries: 2,
      matches: (one) => (one as StreamRecord).eventName === 'INSERT',
      onFailureBucket: 'failures',
      ...overrides,
    },
    source: {
      arn: 'arn:s',
      shards: async () => ['shard'],
      read: async (_shard, after) =>
        records.filter(({ dynamodb }) => after === undefined || BigInt(dynamodb.SequenceNumber) > BigInt(after)),
    },
    measure: () => {},
    speed: 1,
    checkpoints,
    invoke: async (_function, event) => {
      const batch = (event as { Records: StreamRecord[] }).Records.map(({ dynamodb }) =>
        Number(dynamodb.SequenceNumber),
      );
      batches.push(batch);
      return handler(batch);
    },
    park: async (bucket, key, body) => void parked.push({ bucket, key, body }),
    busy: () => false,
    crowded,
  });
  poller.start();
  await poller.settled();
  await poller.stop();
  return { batches, parked, saved, at };
}

describe('a stream mapping', () => {
  it('hands on what its filter lets through, in batches, and remembers how far it came', async () => {
    const records = [record(1), record(2, 'MODIFY'), record(3), record(4), record(5, 'REMOVE')];
    const { batches, saved } = await run(records, () => fails(), { batchSize: 2 });
    expect(batches).toEqual([[1, 3], [4]]);
    expect(saved).toEqual(['3', '4', '5']);
  });

  it('goes on after its checkpoint, comparing numbers and not words', async () => {
    const { batches } = await run([record(9), record(10), record(11)], () => fails(), {}, '9');
    expect(batches).toEqual([[10, 11]]);
  });

  it('lets others go first, but not for ever', async () => {
    const started = performance.now();
    const after = async (crowded: () => boolean): Promise<number> => {
      const { batches } = await run([record(1)], () => fails(), {}, undefined, crowded);
      expect(batches).toEqual([[1]]);
      return performance.now() - started;
    };
    const soon = after(() => performance.now() - started < 100);
    const atLast = after(() => true);
    expect(await soon).toBeGreaterThanOrEqual(100);
    expect(await atLast).toBeGreaterThanOrEqual(1_000);
  });

  it('repeats from the first record that failed', async () => {
    let first = true;
    const { batches, at } = await run(
      [1, 2, 3, 4].map((n) => record(n)),
      () => {
        const answer = first ? fails(4, 2) : fails();
        first = false;
        return answer;
      },
    );
    expect(batches).toEqual([
      [1, 2, 3, 4],
      [2, 3, 4],
    ]);
    expect(at).toBe('4');
  });

  it('halves a batch whose function breaks until the record at fault stands alone, parks that one and goes on', async () => {
    const { batches, parked, at } = await run(
      [1, 2, 3, 4].map((n) => record(n)),
      (batch) => (batch.includes(3) ? fault : fails()),
    );
    expect(batches).toEqual([[1, 2, 3, 4], [1, 2], [3, 4], [3], [3], [3], [4]]);
    expect(parked).toHaveLength(1);
    expect(at).toBe('4');
  });

  it('parks a record that is reported again and again, and no other', async () => {
    const { batches, parked } = await run(
      [1, 2].map((n) => record(n)),
      (batch) => (batch.includes(1) ? fails(1) : fails()),
    );
    expect(batches).toEqual([[1, 2], [1, 2], [1, 2], [2]]);
    const [{ bucket, key, body }] = parked as [{ bucket: string; key: string; body: string }];
    expect([bucket, key.split('/').slice(0, 4)]).toEqual(['failures', ['aws', 'lambda', 'Mapping', 'shard']]);
    expect(JSON.parse(body)).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', functionArn: 'arn:f:$LATEST', approximateInvokeCount: 3 },
      DDBStreamBatchInfo: {
        startSequenceNumber: '1',
        endSequenceNumber: '1',
        batchSize: 1,
        shardId: 'shard',
        streamArn: 'arn:s',
      },
    });
    expect(JSON.parse(JSON.parse(body).payload).Records).toHaveLength(1);
  });

  it('takes an answer that makes no sense as a failure of the whole batch', async () => {
    const { batches } = await run([record(1)], () => fails(99), { maxRetries: 1 });
    expect(batches).toEqual([[1], [1]]);
  });

  it('parks the whole batch where the mapping neither halves nor reports', async () => {
    const { batches, parked } = await run(
      [1, 2].map((n) => record(n)),
      () => fault,
      { bisect: false, reportsFailures: false, maxRetries: 0 },
    );
    expect(batches).toEqual([[1, 2]]);
    expect(JSON.parse(parked[0]!.body).DDBStreamBatchInfo.batchSize).toBe(2);
  });
});

it('lets go of records only behind the slower of two consumers', () => {
  expect(handledByAll(['9', '10'])).toBe(9n);
  expect(handledByAll(['10', undefined])).toBeUndefined();
  expect(handledByAll([])).toBeUndefined();
});

describe('a stream that two mappings read', () => {
  it('is read once for both, and neither misses what is written while it is being read', async () => {
    const written = ['1', '2'];
    let reads = 0;
    let answered = Promise.resolve();
    const aws = await serveAws(
      {
        'DynamoDBStreams_20120810.GetShardIterator': (input) => {
          const { SequenceNumber = '0' } = z.object({ SequenceNumber: z.string().optional() }).parse(input);
          return { ShardIterator: SequenceNumber };
        },
        'DynamoDBStreams_20120810.GetRecords': async (input) => {
          const { ShardIterator } = z.object({ ShardIterator: z.string() }).parse(input);
          reads += 1;
          const found = written.filter((number) => Number(number) > Number(ShardIterator));
          await answered;
          const Records = found.map((number) => ({
            eventID: number,
            eventName: 'INSERT',
            dynamodb: { SequenceNumber: number },
          }));
          return { Records, NextShardIterator: found.at(-1) ?? ShardIterator };
        },
      },
      async () => fault,
    );
    try {
      const source = streamSource(aws.url, 'stream');
      const numbers = async (after?: string) =>
        (await source.read('shard', after)).map(({ dynamodb }) => dynamodb.SequenceNumber);
      expect(await Promise.all([numbers(), numbers()])).toEqual([
        ['1', '2'],
        ['1', '2'],
      ]);
      expect(reads).toBe(1);

      const { promise, resolve } = Promise.withResolvers<void>();
      answered = promise;
      const first = numbers('2');
      await expect.poll(() => reads).toBe(2);
      written.push('3');
      const second = numbers('2');
      resolve();
      expect(await Promise.all([first, second])).toEqual([[], ['3']]);
    } finally {
      await aws.stop();
    }
  });
});
