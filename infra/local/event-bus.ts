import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { AwsRefusal, type Operations } from './aws-endpoint.ts';
import type { ServiceClock } from './clock.ts';
import { type DataFolder, logFileOf } from './data-folder.ts';
import { compilePattern, type Matcher } from './event-pattern.ts';
import { HostProblem } from './host-problem.ts';
import type { FunctionError, Invoke } from './lambda.ts';
import { ACCOUNT, type CloudApp, propertiesOf, REGION } from './template.ts';

/** Lambda repeats an asynchronous invocation twice unless told otherwise, after minutes; here after moments. */
const RETRIES = 2;
const RETRY_DELAY = 200;
/** The longest real time between two looks at the schedules. */
const LONGEST_SLEEP = 1000;

const Target = z.strictObject({
  Arn: z.string(),
  Id: z.string(),
  Input: z.string().optional(),
  DeadLetterConfig: z.unknown().optional(),
  RetryPolicy: z.unknown().optional(),
});
const Properties = z.object({
  EventBusName: z.string().default('default'),
  EventPattern: z.record(z.string(), z.unknown()).optional(),
  ScheduleExpression: z.string().optional(),
  State: z.string().default('ENABLED'),
  Targets: z.array(Target).default([]),
});
const Entry = z.object({
  Source: z.string(),
  DetailType: z.string(),
  Detail: z.string(),
  EventBusName: z.string().default('default'),
  Resources: z.array(z.string()).default([]),
  Time: z.number().optional(),
});

const InvokeConfig = z.object({
  FunctionName: z.string(),
  MaximumRetryAttempts: z.number().default(RETRIES),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.string() }).optional() }).optional(),
});

interface Rule {
  readonly arn: string;
  readonly bus: string;
  readonly matches: Matcher;
  readonly targets: readonly z.infer<typeof Target>[];
}
interface Schedule {
  readonly arn: string;
  readonly every: number;
  readonly targets: readonly z.infer<typeof Target>[];
}

export interface Published {
  readonly source: string;
  readonly detailType: string;
  readonly detail: object;
  readonly resources?: readonly string[];
}

/** Puts an event of an AWS service on a bus; nobody else may say that it comes from one. It is kept until delivered. */
export type Publish = (bus: string, event: Published) => void;

export interface EventBusService {
  readonly operations: Operations;
  readonly publish: Publish;
  /** Calls a function that nobody waits for, as AWS services do; it is kept until the function has been called. */
  callLater(functionArn: string, event: unknown): void;
  start(): void;
  /** Runs each schedule that is due, once, however often it would have run since it last did. */
  fireDue(): void;
  settled(): Promise<void>;
  stop(): void;
}

/** EventBridge: buses with rules, and rules with a rate. */
export function eventBusService(
  app: CloudApp,
  data: DataFolder,
  clock: ServiceClock,
  invoke: Invoke,
  park: (bucket: string, key: string, body: string) => Promise<void>,
): EventBusService {
  const buses = new Set(['default', ...app.ofType('AWS::Events::EventBus').flatMap((bus) => [bus.name, bus.arn])]);
  const rules: Rule[] = [];
  const schedules: Schedule[] = [];
  for (const resource of app.ofType('AWS::Events::Rule')) {
    const {
      EventBusName,
      EventPattern,
      ScheduleExpression,
      State,
      Targets: targets,
    } = propertiesOf(resource, Properties);
    if (State === 'DISABLED') continue;
    for (const { Arn } of targets) {
      if (!/^arn:aws:(lambda|logs):/.test(Arn))
        throw new HostProblem(`The rule ${resource.name} has a target that the local host cannot reach: ${Arn}.`);
    }
    const bus = EventBusName.split('/').at(-1) ?? EventBusName;
    if (EventPattern)
      rules.push({
        arn: resource.arn,
        bus,
        matches: compilePattern(EventPattern, `The rule ${resource.name}`),
        targets,
      });
    if (ScheduleExpression)
      schedules.push({ arn: resource.arn, every: rateOf(resource.name, ScheduleExpression), targets });
  }

  const configured = new Map(
    app.ofType('AWS::Lambda::EventInvokeConfig').map((resource) => {
      const { FunctionName, MaximumRetryAttempts: retries, DestinationConfig } = propertiesOf(resource, InvokeConfig);
      const destination = DestinationConfig?.OnFailure?.Destination;
      const [, bucket] = /^arn:aws:s3:::(.+)$/.exec(destination ?? '') ?? [];
      if (destination && !bucket)
        throw new HostProblem(`${resource.id} parks events at ${destination}; the local host knows only buckets.`);
      return [FunctionName.split(':').at(-1), { retries, bucket }];
    }),
  );

  data.db.exec(
    'CREATE TABLE IF NOT EXISTS deliveries (id INTEGER PRIMARY KEY, target TEXT NOT NULL, event TEXT NOT NULL) STRICT',
  );
  const enqueue = data.db.prepare('INSERT INTO deliveries (target, event) VALUES (?, ?)');
  const dequeue = data.db.prepare('DELETE FROM deliveries WHERE id = ?');
  const running = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const deliverLater = (key: string, work: () => Promise<void>) => {
    if (running.has(key)) return;
    running.set(
      key,
      work().finally(() => running.delete(key)),
    );
  };
  const attempt = async (target: string, event: unknown) => {
    const { retries = RETRIES, bucket } = configured.get(target.split(':')[6]) ?? {};
    for (let n = 1; !stopped; n += 1) {
      const outcome = await invoke(target, event);
      if (outcome.ok) return;
      if (n > retries) return bucket === undefined ? undefined : giveUp(bucket, target, event, n, outcome.error);
      await pause(RETRY_DELAY * n);
    }
  };
  /** Writes what Lambda's on-failure destination of kind S3 writes. */
  const giveUp = (bucket: string, functionArn: string, event: unknown, attempts: number, error: FunctionError) => {
    const timestamp = new Date(clock.now()).toISOString();
    const requestId = randomUUID();
    const day = timestamp.slice(0, 10);
    const name = `${day}T${timestamp.slice(11, 19).replaceAll(':', '.')}-${requestId}`;
    const context = { requestId, functionArn: `${functionArn}:$LATEST`, condition: 'RetriesExhausted' };
    return park(
      bucket,
      `aws/lambda/async/${functionArn.split(':')[6]}/${day.replaceAll('-', '/')}/${name}`,
      JSON.stringify({
        version: '1.0',
        timestamp,
        requestContext: { ...context, approximateInvokeCount: attempts },
        requestPayload: event,
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: error,
      }),
    );
  };
  /** Log groups are written at once; functions are called from a table, so that a kill forgets no event. */
  const deliver = (target: z.infer<typeof Target>, event: unknown) => {
    const body = target.Input === undefined ? event : JSON.parse(target.Input);
    if (target.Arn.startsWith('arn:aws:logs:')) {
      const group = target.Arn.split(':')[6] ?? 'events';
      appendFileSync(join(data.logs, `${logFileOf(group)}.jsonl`), `${JSON.stringify(body)}\n`);
      return;
    }
    callLater(target.Arn, body);
  };
  const callLater = (functionArn: string, event: unknown) => {
    const id = Number(enqueue.run(functionArn, JSON.stringify(event)).lastInsertRowid);
    deliverOne(id, functionArn, event);
  };
  const deliverOne = (id: number, target: string, event: unknown) =>
    deliverLater(`delivery ${id}`, async () => {
      await attempt(target, event);
      if (!stopped) dequeue.run(id);
    });

  const publish = (
    bus: string,
    { source, detailType, detail, resources = [] }: Published,
    seconds?: number,
  ): string => {
    const time = seconds === undefined ? clock.now() : seconds * 1000;
    const event = { ...envelope(source, detailType, time), resources, detail };
    for (const rule of rules) {
      if (rule.bus === bus && rule.matches(event)) for (const target of rule.targets) deliver(target, event);
    }
    return event.id;
  };

  const putEvents = (request: unknown) => {
    const { Entries } = z.object({ Entries: z.array(z.unknown()).min(1).max(10) }).parse(request);
    const results = Entries.map((raw) => {
      const entry = Entry.parse(raw);
      const bus = entry.EventBusName.split('/').at(-1) ?? '';
      if (!buses.has(bus)) throw new AwsRefusal('ResourceNotFoundException', `Event bus ${bus} does not exist.`);
      const detail = parseObject(entry.Detail);
      if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
      const { Source: source, DetailType: detailType, Resources: resources, Time } = entry;
      return { EventId: publish(bus, { source, detailType, detail, resources }, Time) };
    });
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  };

  const keyOf = (schedule: Schedule) => `schedule ${schedule.arn}`;
  const dueAt = (schedule: Schedule) => z.number().parse(data.read(keyOf(schedule))) + schedule.every;
  const fireDue = () => {
    const now = clock.now();
    for (const schedule of schedules) {
      if (dueAt(schedule) > now || running.has(keyOf(schedule))) continue;
      deliverLater(keyOf(schedule), async () => {
        const event = { ...envelope('aws.events', 'Scheduled Event', now), resources: [schedule.arn], detail: {} };
        for (const target of schedule.targets)
          await attempt(target.Arn, target.Input === undefined ? event : JSON.parse(target.Input));
        // Saved last: a schedule that a kill cut short runs again.
        if (!stopped) data.write(keyOf(schedule), now);
      });
    }
  };
  const arm = () => {
    if (stopped || clock.speed === 0 || schedules.length === 0) return;
    const due = Math.min(...schedules.map(dueAt));
    timer = setTimeout(
      () => {
        fireDue();
        arm();
      },
      Math.min(Math.max(clock.realDelayUntil(due), 50), LONGEST_SLEEP),
    ).unref();
  };

  return {
    operations: { 'AWSEvents.PutEvents': putEvents },
    publish,
    callLater,
    start() {
      for (const schedule of schedules)
        if (data.read(keyOf(schedule)) === undefined) data.write(keyOf(schedule), clock.now());
      const waiting = data.db.prepare('SELECT id, target, event FROM deliveries ORDER BY id').all();
      for (const { id, target, event } of z
        .array(z.object({ id: z.number(), target: z.string(), event: z.string() }))
        .parse(waiting)) {
        deliverOne(id, target, JSON.parse(event));
      }
      arm();
    },
    fireDue,
    async settled() {
      while (running.size > 0) await Promise.all(running.values());
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

const envelope = (source: string, detailType: string, time: number) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': detailType,
  source,
  account: ACCOUNT,
  time: `${new Date(time).toISOString().slice(0, 19)}Z`,
  region: REGION,
});

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const UNITS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

function rateOf(rule: string, expression: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const length = unit === undefined ? undefined : UNITS[unit];
  if (count === undefined || length === undefined) {
    throw new HostProblem(`The rule ${rule} has the schedule ${expression}; the local host knows only rates.`);
  }
  return Number(count) * length;
}
