import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { callAws } from './aws-endpoint.ts';
import type { DataFolder } from './data-folder.ts';
import { compilePattern, type Matcher } from './event-pattern.ts';
import { HostProblem } from './host-problem.ts';
import { functionArnOf, functionNameOf, type Invoke } from './lambda.ts';
import type { Measure } from './metrics.ts';
import { type CloudApp, propertiesOf, REGION, type Resource } from './template.ts';

/** How soon new records are noticed that no finished invocation has announced. */
const POLL_BUSY = 25;
const POLL_IDLE = 500;
/** The longest that a stream gives way before it is read: what has come together meanwhile is then handled in one go. */
const LONGEST_WAY = 1000;
/** Retries come faster than in the cloud, where they are seconds apart. */
const RETRY_DELAY = 25;
const LONGEST_RETRY_DELAY = 1000;
/** Lambda's limit, where a template leaves the number of retries open. */
const ENDLESS = 10_000;
const READ_LIMIT = 1000;
/** How many pages of records are kept for mappings that come behind the first: what is read and parsed once is enough. */
const PAGES_KEPT = 16;

const StreamRecord = z.looseObject({
  eventID: z.string(),
  eventName: z.string(),
  dynamodb: z.looseObject({ SequenceNumber: z.string(), ApproximateCreationDateTime: z.number().optional() }),
});
export type StreamRecord = z.infer<typeof StreamRecord>;

const Page = z.object({ Records: z.array(StreamRecord), NextShardIterator: z.string().nullish() });

/** Where records come from; a shard's records are read after a sequence number, or from its start. */
export interface StreamSource {
  readonly arn: string;
  shards(): Promise<readonly string[]>;
  read(shard: string, after: string | undefined): Promise<readonly StreamRecord[]>;
}

/** How far each shard was handled. */
export interface Checkpoints {
  get(shard: string): string | undefined;
  set(shard: string, sequenceNumber: string): void;
}

const Properties = z.strictObject({
  BatchSize: z.int().default(100),
  BisectBatchOnFunctionError: z.boolean().default(false),
  DestinationConfig: z
    .strictObject({ OnFailure: z.strictObject({ Destination: z.string(), Type: z.string().optional() }) })
    .optional(),
  Enabled: z.boolean().default(true),
  EventSourceArn: z.string(),
  FilterCriteria: z.strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })) }).optional(),
  FunctionName: z.string(),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  MaximumRetryAttempts: z.int().default(-1),
  StartingPosition: z.literal('TRIM_HORIZON'),
  // What only spreads load or time out records has no meaning on one machine.
  MaximumBatchingWindowInSeconds: z.unknown().optional(),
  MaximumRecordAgeInSeconds: z.unknown().optional(),
  ParallelizationFactor: z.unknown().optional(),
  MetricsConfig: z.unknown().optional(),
  Tags: z.unknown().optional(),
});

/** An event source mapping of the templates. */
export interface Mapping {
  readonly id: string;
  /** What Lambda calls it, and its metrics. */
  readonly uuid: string;
  readonly functionArn: string;
  readonly streamArn: string;
  readonly batchSize: number;
  readonly bisect: boolean;
  readonly reportsFailures: boolean;
  readonly maxRetries: number;
  readonly matches: Matcher;
  readonly onFailureBucket: string | undefined;
}

export const mappingsOf = (app: CloudApp): Mapping[] =>
  app.ofType('AWS::Lambda::EventSourceMapping').flatMap(mappingOf);

function mappingOf(resource: Resource): Mapping[] {
  const mapping = propertiesOf(resource, Properties);
  const destination = mapping.DestinationConfig?.OnFailure.Destination;
  if (destination !== undefined && !destination.startsWith('arn:aws:s3:::')) {
    throw new HostProblem(
      `The mapping ${resource.id} parks failures at ${destination}; the local host knows only buckets.`,
    );
  }
  if (!mapping.Enabled) return [];
  const filters = (mapping.FilterCriteria?.Filters ?? []).map(({ Pattern }) =>
    compilePattern(JSON.parse(Pattern), `The filter of ${resource.id}`),
  );
  return [
    {
      id: resource.id,
      uuid: resource.name,
      functionArn: functionArnOf(mapping.FunctionName),
      streamArn: mapping.EventSourceArn,
      batchSize: mapping.BatchSize,
      bisect: mapping.BisectBatchOnFunctionError,
      reportsFailures: mapping.FunctionResponseTypes.length > 0,
      maxRetries: mapping.MaximumRetryAttempts === -1 ? ENDLESS : mapping.MaximumRetryAttempts,
      matches: (record) => filters.length === 0 || filters.some((matches) => matches(record)),
      onFailureBucket: destination?.slice('arn:aws:s3:::'.length),
    },
  ];
}

export interface PollerOptions {
  readonly mapping: Mapping;
  readonly source: StreamSource;
  readonly checkpoints: Checkpoints;
  readonly invoke: Invoke;
  /** Keeps a batch that could not be handled, before the stream moves on. */
  readonly park: (bucket: string, key: string, body: string) => Promise<void>;
  /** Says whether anything may be writing just now. */
  readonly busy: () => boolean;
  /** Says whether others wait for a worker just now. */
  readonly crowded: () => boolean;
  readonly measure: Measure;
  /** How much faster than real time passes for the service. */
  readonly speed: number;
}

/** Carries one mapping's records to its function, in order, and remembers how far it came. */
export class StreamPoller {
  readonly #options: PollerOptions;
  readonly #waiters: (() => void)[] = [];
  #nudged = false;
  #wake: (() => void) | undefined;
  #stopped = false;
  #loop: Promise<void> | undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Begins no further batch. */
  halt(): void {
    this.#stopped = true;
    this.nudge();
  }

  async stop(): Promise<void> {
    this.halt();
    await this.#loop;
  }

  /** New records are likely: look at once. */
  nudge(): void {
    this.#nudged = true;
    this.#wake?.();
  }

  /** Resolves when everything that was written before this call has been handled. */
  settled(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      this.nudge();
    });
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#nudged = false;
      const waiting = this.#waiters.splice(0);
      try {
        while ((await this.#readOnce()) && !this.#stopped);
        for (const resolve of waiting) resolve();
      } catch (error) {
        // The table may be away for a moment; whoever waits goes on waiting.
        this.#waiters.push(...waiting);
        if (!this.#stopped) console.error(`Stream of ${this.#options.mapping.id}:`, error);
        await pause(POLL_IDLE);
      }
      await this.#sleep();
    }
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  async #sleep(): Promise<void> {
    if (this.#nudged || this.#stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#options.busy() ? POLL_BUSY : POLL_IDLE);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /**
   * Lets go first what waits for a worker: somebody who has asked, or a timer that is due. Lambda would run all at once,
   * on as many machines as it takes; here what follows from a change would take the processor from the next one.
   */
  async #giveWay(): Promise<void> {
    const until = performance.now() + LONGEST_WAY;
    while (this.#options.crowded() && performance.now() < until && !this.#stopped) await pause(POLL_BUSY);
  }

  /** Handles what there is; false when every shard is at its end. */
  async #readOnce(): Promise<boolean> {
    const { source, checkpoints, mapping } = this.#options;
    let found = false;
    for (const shard of await source.shards()) {
      await this.#giveWay();
      const records = await source.read(shard, checkpoints.get(shard));
      const last = records.at(-1);
      if (!last) continue;
      found = true;
      const wanted = records.filter(mapping.matches);
      for (let from = 0; from < wanted.length && !this.#stopped; from += mapping.batchSize) {
        const batch = wanted.slice(from, from + mapping.batchSize);
        await this.#deliver(shard, batch);
      }
      if (!this.#stopped) checkpoints.set(shard, last.dynamodb.SequenceNumber);
    }
    return found;
  }

  /**
   * Gives a batch to the function until each record is handled or parked. Records before the first failed one are done;
   * a batch that fails as a whole is halved where the mapping says so; then the retries count for what is left.
   */
  async #deliver(shard: string, batch: readonly StreamRecord[]): Promise<void> {
    const { mapping, checkpoints, invoke } = this.#options;
    let left = batch;
    for (let failures = 0; left.length > 0 && !this.#stopped; ) {
      const records = left.map((record) => ({ ...record, awsRegion: REGION, eventSourceARN: mapping.streamArn }));
      this.#measureAge(left);
      const outcome = await invoke(mapping.functionArn, { Records: records });
      if (this.#stopped && !outcome.ok) return;
      const failedAt = outcome.ok ? firstFailure(mapping, left, outcome.payload) : 0;
      const done = left[failedAt - 1];
      if (done) checkpoints.set(shard, done.dynamodb.SequenceNumber);
      if (failedAt > 0) failures = 0;
      left = left.slice(failedAt);
      if (left.length === 0) return;

      failures += 1;
      if (mapping.bisect && !outcome.ok && left.length > 1) {
        const middle = Math.ceil(left.length / 2);
        await this.#deliver(shard, left.slice(0, middle));
        left = left.slice(middle);
        failures = 0;
      } else if (failures > mapping.maxRetries) {
        // Only the first record is known to be at fault, if the function told which.
        const parked = mapping.bisect || (mapping.reportsFailures && outcome.ok) ? left.slice(0, 1) : left;
        await this.#park(shard, parked, failures);
        const last = parked.at(-1);
        if (last) checkpoints.set(shard, last.dynamodb.SequenceNumber);
        left = left.slice(parked.length);
        failures = 0;
      } else await pause(Math.min(RETRY_DELAY * 2 ** (failures - 1), LONGEST_RETRY_DELAY));
    }
  }

  #measureAge(batch: readonly StreamRecord[]): void {
    const { mapping, measure, speed } = this.#options;
    const { ApproximateCreationDateTime: created } = batch.at(-1)?.dynamodb ?? {};
    if (created === undefined) return;
    const age = Math.max(0, Date.now() - created * 1000) * speed;
    measure('AWS/Lambda', 'IteratorAge', { FunctionName: functionNameOf(mapping.functionArn) }, age);
  }

  /** Writes the record that Lambda's on-failure destination of kind S3 writes. */
  async #park(shard: string, records: readonly StreamRecord[], attempts: number): Promise<void> {
    const { mapping, park, measure } = this.#options;
    const first = records[0];
    const last = records.at(-1);
    if (mapping.onFailureBucket === undefined || !first || !last) return;
    const now = new Date().toISOString();
    const arrived = (record: StreamRecord) =>
      new Date((record.dynamodb.ApproximateCreationDateTime ?? 0) * 1000).toISOString();
    const day = now.slice(0, 10);
    const time = now.slice(11, 19).replaceAll(':', '.');
    await park(
      mapping.onFailureBucket,
      `aws/lambda/${mapping.id}/${shard}/${day.replaceAll('-', '/')}/${day}T${time}-${randomUUID()}`,
      JSON.stringify({
        requestContext: {
          requestId: randomUUID(),
          functionArn: `${mapping.functionArn}:$LATEST`,
          condition: 'RetryAttemptsExhausted',
          approximateInvokeCount: attempts,
        },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        version: '1.0',
        timestamp: now,
        DDBStreamBatchInfo: {
          shardId: shard,
          startSequenceNumber: first.dynamodb.SequenceNumber,
          endSequenceNumber: last.dynamodb.SequenceNumber,
          approximateArrivalOfFirstRecord: arrived(first),
          approximateArrivalOfLastRecord: arrived(last),
          batchSize: records.length,
          streamArn: mapping.streamArn,
        },
        payload: JSON.stringify({ Records: records }),
      }),
    );
    const dimensions = { EventSourceMappingUUID: mapping.uuid };
    measure('AWS/Lambda', 'OnFailureDestinationDeliveredEventCount', dimensions, records.length);
  }
}

const Failures = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish() }).nullish();

/** The index of the first record that failed; the length where none did, 0 where the answer makes no sense. */
function firstFailure(mapping: Mapping, batch: readonly StreamRecord[], answer: unknown): number {
  if (!mapping.reportsFailures) return batch.length;
  const parsed = Failures.safeParse(answer);
  if (!parsed.success) return 0;
  const failures = parsed.data?.batchItemFailures ?? [];
  const positions = failures.map(({ itemIdentifier }) =>
    batch.findIndex((record) => record.dynamodb.SequenceNumber === itemIdentifier),
  );
  // An identifier of no record in the batch makes Lambda take the whole batch as failed.
  return Math.max(0, Math.min(batch.length, ...positions));
}

/** Checkpoints in host.db, under the real stream's name: a table made anew is read from its start. */
export function storedCheckpoints(data: DataFolder, mapping: Mapping, stream: string): Checkpoints {
  data.db.exec(
    'CREATE TABLE IF NOT EXISTS checkpoints (mapping TEXT, stream TEXT, shard TEXT, sequence TEXT NOT NULL, PRIMARY KEY (mapping, stream, shard)) STRICT',
  );
  const select = data.db.prepare('SELECT sequence FROM checkpoints WHERE mapping = ? AND stream = ? AND shard = ?');
  const upsert = data.db.prepare('INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?)');
  const Row = z.object({ sequence: z.string() }).optional();
  return {
    get: (shard) => Row.parse(select.get(mapping.id, stream, shard))?.sequence,
    set: (shard, sequence) => void upsert.run(mapping.id, stream, shard, sequence),
  };
}

/** How far all of a stream's mappings have come in its only shard; undefined while one has not begun. */
export function handledByAll(positions: readonly (string | undefined)[]): bigint | undefined {
  const numbers = positions.map((position) => (position === undefined ? undefined : BigInt(position)));
  return numbers.reduce<bigint | undefined>(
    (least, position) =>
      least === undefined || position === undefined ? undefined : position < least ? position : least,
    numbers[0],
  );
}

/**
 * Reads a table's stream through the DynamoDB Streams API, keeping iterators for where its readers stand. Mappings that
 * share a source read the same pages: each record is carried here once.
 */
export function streamSource(endpoint: string, arn: string): StreamSource {
  const iterators = new Map<string, string>();
  const pages = new Map<string, Promise<readonly StreamRecord[]>>();
  const readPage = async (shard: string, after: string | undefined): Promise<readonly StreamRecord[]> => {
    const held = iterators.get(placeOf(shard, after));
    const iterator = held ?? (await iteratorAfter(endpoint, arn, shard, after));
    iterators.delete(placeOf(shard, after));
    const answer = Page.parse(
      await callAws(endpoint, 'DynamoDBStreams_20120810.GetRecords', { ShardIterator: iterator, Limit: READ_LIMIT }),
    );
    const last = answer.Records.at(-1)?.dynamodb.SequenceNumber ?? after;
    if (answer.NextShardIterator) keep(iterators, placeOf(shard, last), answer.NextShardIterator);
    return answer.Records.map((record) => ({ ...record, eventID: eventIdOf(arn, record) }));
  };
  let known: readonly string[] = [];
  let listed = 0;
  return {
    arn,
    async shards() {
      // Shards follow one another over hours; DynamoDB lists parents first.
      if (Date.now() - listed < 60_000) return known;
      known = await listShards(endpoint, arn);
      listed = Date.now();
      return known;
    },
    async read(shard, after) {
      const place = placeOf(shard, after);
      const underWay = pages.get(place);
      const before = await underWay;
      if (before && before.length > 0) return before;
      // What was being read when this was called may miss what was written since; what has been begun later does not.
      const begun = pages.get(place);
      if (begun && begun !== underWay) return begun;
      const page = readPage(shard, after);
      keep(pages, place, page);
      const isWorthKeeping = await page.then(
        ({ length }) => length > 0,
        () => false,
      );
      if (!isWorthKeeping && pages.get(place) === page) pages.delete(place);
      return page;
    },
  };
}

const placeOf = (shard: string, after: string | undefined): string => `${shard} ${after}`;

/** Keeps the newest of what is remembered by place. */
const keep = <Value>(kept: Map<string, Value>, place: string, value: Value): void => {
  kept.set(place, value);
  for (const oldest of kept.keys()) {
    if (kept.size <= PAGES_KEPT) break;
    kept.delete(oldest);
  }
};

/** Lambda's event ids are hashes, not positions. */
const eventIdOf = (arn: string, record: StreamRecord) =>
  createHash('md5').update(`${arn} ${record.dynamodb.SequenceNumber}`).digest('hex');

async function listShards(endpoint: string, arn: string): Promise<string[]> {
  const shards: string[] = [];
  for (let from: string | undefined; ; ) {
    const { StreamDescription: page } = z
      .object({
        StreamDescription: z.object({
          Shards: z.array(z.object({ ShardId: z.string() })),
          LastEvaluatedShardId: z.string().nullish(),
        }),
      })
      .parse(
        await callAws(endpoint, 'DynamoDBStreams_20120810.DescribeStream', {
          StreamArn: arn,
          ExclusiveStartShardId: from,
        }),
      );
    shards.push(...page.Shards.map((shard) => shard.ShardId));
    if (!page.LastEvaluatedShardId) return shards;
    from = page.LastEvaluatedShardId;
  }
}

async function iteratorAfter(endpoint: string, arn: string, shard: string, after: string | undefined): Promise<string> {
  const start =
    after === undefined
      ? { ShardIteratorType: 'TRIM_HORIZON' }
      : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after };
  const answer = await callAws(endpoint, 'DynamoDBStreams_20120810.GetShardIterator', {
    StreamArn: arn,
    ShardId: shard,
    ...start,
  });
  return z.object({ ShardIterator: z.string() }).parse(answer).ShardIterator;
}
