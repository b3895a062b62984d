import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type AlarmState, alarmsOf } from './alarms.ts';
import { close, listen, serveAws } from './aws-endpoint.ts';
import { ServiceClock } from './clock.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { type DynamoDbService, dynamoDbService } from './dynamodb.ts';
import { type EventBusService, eventBusService } from './event-bus.ts';
import { HostProblem, messageOf } from './host-problem.ts';
import { apiOf, httpApi } from './http-api.ts';
import { localIdentity, TokenRequest } from './identity.ts';
import { type Invoke, type LambdaService, lambdaService } from './lambda.ts';
import { mailService } from './mail.ts';
import { mailReception, type ReceiveMail } from './mail-in.ts';
import { mailPage } from './mail-page.ts';
import { type Measure, Metrics } from './metrics.ts';
import { type StepFunctionsService, stepFunctionsService } from './step-functions.ts';
import { type StorageService, storageService } from './storage.ts';
import { handledByAll, mappingsOf, StreamPoller, storedCheckpoints, streamSource } from './streams.ts';
import { type CloudApp, readCloudApp } from './template.ts';

const ROOT = join(import.meta.dirname, '..', '..');

export interface HostOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** The folder that keeps everything between two starts. */
  readonly data: string;
  /** How many times faster than real the service clock runs; 0 leaves it to `advance`. */
  readonly speed?: number;
  /** The first instant of the service clock in a new data folder, in milliseconds since the epoch. */
  readonly clock?: number | undefined;
  readonly stage?: string;
  /** An existing cloud assembly, instead of synthesising the app. */
  readonly assembly?: string | undefined;
  /** Loads each function with its first request, as Lambda does, instead of all before the first one. */
  readonly coldStarts?: boolean;
  /** Told of each step of the start. */
  readonly progress?: (step: string) => void;
  /** Told of everything that CloudWatch would be told of, but for what functions log. */
  readonly onMeasured?: Measure;
  /** Told when a part has stopped by itself; the host is of no use any more. */
  readonly onBroken?: (problem: HostProblem) => void;
}

export interface Host {
  readonly url: string;
  /** The database that the functions use, for tools and tests that look beneath the API. */
  readonly database: { readonly url: string; readonly tables: readonly string[] };
  /** The local Step Functions, for the same. */
  readonly stepFunctions: { readonly url: string; readonly machines: readonly string[] };
  /** The folder of the functions' logs, one file each. */
  readonly logs: string;
  /** The folder of the mails that have left, a file each. */
  readonly outbox: string;
  /** Hands in a mail as another server would: what the receipt rules say is done with it. */
  readonly receiveMail: ReceiveMail;
  /** A signed token of the local user pool. */
  token(request: TokenRequest): Promise<string>;
  /** The service clock, in milliseconds since the epoch. */
  now(): number;
  /** Every alarm of the templates, as it stands now by what was really measured since the start. */
  alarms(): AlarmState[];
  /** Moves a clock of speed 0, running all that falls due on the way, and resolves when nothing is left to do. */
  advance(to: number): Promise<void>;
  /** Resolves when the streams are at their ends and nothing runs that the host has set going. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** Runs what the templates would deploy. Stops everything it has started when it cannot start the rest. */
export async function startHost(options: HostOptions): Promise<Host> {
  const closers: (() => unknown)[] = [];
  const stop = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return await start(options, closers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The gateway's own limit of a request's line and headers together. */
const HEADER_LIMIT = 10_240;

async function start(options: HostOptions, closers: (() => unknown)[], stop: () => Promise<void>): Promise<Host> {
  const {
    speed = 1,
    stage = 'local',
    coldStarts = false,
    progress = () => {},
    onBroken = () => {},
    onMeasured = () => {},
  } = options;
  const data = openDataFolder(options.data);
  closers.push(data.close);

  // The port is taken first: a start that must fail should not take seconds to say so.
  let serve = async (_request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.writeHead(503, { 'content-type': 'application/json' }).end('{"message":"Service Unavailable"}');
  };
  const server = createServer({ maxHeaderSize: HEADER_LIMIT }, (request, response) => void serve(request, response));
  server.on('clientError', (error, socket) => {
    const isTooLarge = 'code' in error && error.code === 'HPE_HEADER_OVERFLOW';
    const [status, message] = isTooLarge ? ['431', 'Request Header Fields Too Large'] : ['400', 'Bad Request'];
    const head = [`HTTP/1.1 ${status} ${message}`, 'content-type: application/json', 'connection: close'];
    if (socket.writable) socket.end(`${head.join('\r\n')}\r\n\r\n${JSON.stringify({ message })}`);
  });
  const port = await listen(server, options.port).catch((error: unknown) => {
    throw new HostProblem(`Port ${options.port} cannot be used (${messageOf(error)}): name another with --port.`);
  });
  closers.push(() => close(server));

  const app = readCloudApp(options.assembly ?? (await synthesise(stage, join(data.path, 'assembly'))));
  const api = apiOf(app);
  progress(options.assembly ? 'Templates read' : 'Templates and bundles made');

  const clock = serviceClock(data, speed, options.clock);
  closers.push(() => clock.stop());
  const dynamoDb = await dynamoDbService(app, data, clock, onBroken);
  closers.push(dynamoDb.stop);
  const storage = await storageService(app, data);
  closers.push(storage.stop);
  const identity = await localIdentity(data, api.rules);
  progress('Table, buckets and user pool ready');

  const alarms = alarmsOf(app);
  const metrics = new Metrics(alarms.watched, alarms.looksBack, () => clock.now());
  const measure: Measure = (...measured) => {
    metrics.measure(...measured);
    onMeasured(...measured);
  };

  // The functions are told where the local services are, and some of these services call functions.
  let lambda: LambdaService | undefined;
  let triggered = 0;
  const trigger: Invoke = (functionArn, event) => {
    if (!lambda) throw new Error('The functions are not there yet.');
    triggered += 1;
    return lambda.invoke(functionArn, event);
  };
  const stepFunctions = stepFunctionsService(app, data, clock, trigger, measure);
  const bus = eventBusService(app, data, clock, trigger, storage.put);
  const mail = mailService(app, data, clock, bus.publish);
  const receiveMail = mailReception(app, { storage, clock, callLater: bus.callLater });
  const aws = await serveAws({ ...stepFunctions.operations, ...bus.operations, ...mail.operations }, trigger);
  closers.push(aws.stop);
  const endpoints = {
    ...storage.endpoints,
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: aws.url,
    AWS_ENDPOINT_URL_LAMBDA: aws.url,
    AWS_ENDPOINT_URL_SESV2: aws.url,
    AWS_ENDPOINT_URL_SFN: aws.url,
  };
  lambda = lambdaService(app, {
    clock: clock.shared,
    logs: data.logs,
    endpoints,
    measure,
    onLogged: metrics.logged,
  });
  const { invoke } = lambda;
  const pollers = streamPollers(app, data, { dynamoDb, storage, lambda, trigger, measure, speed });
  closers.push(
    () => Promise.all(pollers.map((poller) => poller.stop())),
    lambda.stop,
    () => stepFunctions.stop(),
    () => bus.stop(),
    () => pollers.map((poller) => poller.halt()),
    () => close(server),
  );

  if (!coldStarts) {
    const answering = new Set(api.routes.map((route) => route.functionArn));
    await lambda.prewarm(answering);
    progress('Functions loaded');
    // Those that nobody waits for load while the first requests come.
    const others = app.ofType('AWS::Lambda::Function').map(({ arn }) => arn);
    let stopping = false;
    closers.push(() => {
      stopping = true;
    });
    lambda.prewarm(others.filter((arn) => !answering.has(arn))).catch((error: unknown) => {
      if (!stopping) console.error(messageOf(error));
    });
  }
  for (const poller of pollers) poller.start();
  stepFunctions.start();
  bus.start();

  const settled = () => settle({ stepFunctions, bus, pollers, triggered: () => triggered });
  const advance = oneAtATime((to: number) => step({ clock, stepFunctions, bus, settled }, to));
  const states = () => alarms.states(metrics, clock.now());
  serve = httpApi({
    api,
    identity,
    invoke,
    now: () => clock.now(),
    measure,
    own: localRoutes({ identity, clock, advance, receiveMail, alarms: states, mails: mailPage(mail.outbox) }),
    amend: (route, body) => (route.key === 'GET /health' ? JSON.stringify({ ...JSON.parse(body), speed }) : body),
  });
  const database = { url: dynamoDb.url, tables: dynamoDb.tables.map(({ name }) => name) };
  return {
    url: `http://localhost:${port}`,
    database,
    stepFunctions: { url: aws.url, machines: app.ofType('AWS::StepFunctions::StateMachine').map(({ arn }) => arn) },
    logs: data.logs,
    outbox: mail.outbox.folder,
    receiveMail,
    token: identity.token,
    now: () => clock.now(),
    alarms: states,
    advance,
    settled,
    stop,
  };
}

/** Runs the CDK app as its CLI would, for the given stage. */
async function synthesise(stage: string, folder: string): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  const env = { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify({ stage }) };
  await promisify(execFile)(process.execPath, ['infra/app.ts'], { cwd: ROOT, env }).catch((error: unknown) => {
    throw new HostProblem(`The CDK app does not synthesise: ${messageOf(error)}`);
  });
  return folder;
}

const SavedClock = z.object({ at: z.number(), real: z.number(), ceiling: z.number() });

function serviceClock(data: DataFolder, speed: number, first: number | undefined): ServiceClock {
  const saved = SavedClock.optional().parse(data.read('clock'));
  return new ServiceClock({ speed, first, saved, save: (state) => data.write('clock', state) });
}

interface Parts {
  readonly dynamoDb: DynamoDbService;
  readonly storage: StorageService;
  readonly lambda: LambdaService;
  readonly trigger: Invoke;
  readonly measure: Measure;
  readonly speed: number;
}

function streamPollers(app: CloudApp, data: DataFolder, parts: Parts): StreamPoller[] {
  const { dynamoDb, storage, lambda, trigger, measure, speed } = parts;
  const sources = new Map(
    dynamoDb.tables.map(({ streamArn, realStreamArn }) => [streamArn, streamSource(dynamoDb.url, realStreamArn)]),
  );
  const read = mappingsOf(app).map((mapping) => {
    const table = dynamoDb.tables.find(({ streamArn }) => streamArn === mapping.streamArn);
    const source = sources.get(mapping.streamArn);
    if (!table || !source) {
      throw new HostProblem(`The mapping ${mapping.id} reads a stream of no table: ${mapping.streamArn}.`);
    }
    const checkpoints = storedCheckpoints(data, mapping, table.realStreamArn);
    const busy = () => lambda.running > 0;
    return {
      mapping,
      source,
      checkpoints,
      poller: new StreamPoller({
        mapping,
        source,
        checkpoints,
        invoke: trigger,
        park: storage.put,
        busy,
        crowded: () => lambda.isCrowded,
        measure,
        speed,
      }),
    };
  });
  const pollers = read.map(({ poller }) => poller);
  lambda.onFinished(() => {
    for (const poller of pollers) poller.nudge();
  });

  // Only a stream of one shard is ever trimmed; that is what dynoxide has.
  const shards = new Map<string, string>();
  for (const { mapping, source } of read)
    source.shards().then(
      ([shard]) => shard && shards.set(mapping.streamArn, shard),
      () => {},
    );
  dynamoDb.trimWith((streamArn) => {
    const shard = shards.get(streamArn);
    if (shard === undefined) return undefined;
    return handledByAll(
      read.filter(({ mapping }) => mapping.streamArn === streamArn).map(({ checkpoints }) => checkpoints.get(shard)),
    );
  });
  return pollers;
}

interface Settling {
  readonly stepFunctions: StepFunctionsService;
  readonly bus: EventBusService;
  readonly pollers: readonly StreamPoller[];
  readonly triggered: () => number;
}

/** Executions and deliveries first, streams last: when the streams then bring nothing, nothing is left anywhere. */
async function settle({ stepFunctions, bus, pollers, triggered }: Settling): Promise<void> {
  for (let before = -1; before !== triggered(); ) {
    before = triggered();
    await stepFunctions.settled();
    await bus.settled();
    await Promise.all(pollers.map((poller) => poller.settled()));
  }
}

interface Stepping {
  readonly clock: ServiceClock;
  readonly stepFunctions: StepFunctionsService;
  readonly bus: EventBusService;
  readonly settled: () => Promise<void>;
}

/** Moves the clock from one due instant to the next, so that each alarm sees the time at which it was due. */
async function step({ clock, stepFunctions, bus, settled }: Stepping, to: number): Promise<void> {
  await settled();
  for (let due = stepFunctions.nextDue(); due !== undefined && due <= to; due = stepFunctions.nextDue()) {
    clock.set(due);
    stepFunctions.fireDue();
    await settled();
  }
  clock.set(to);
  bus.fireDue();
  await settled();
}

function oneAtATime<T>(work: (argument: T) => Promise<void>): (argument: T) => Promise<void> {
  let last = Promise.resolve();
  return (argument) => {
    const next = last.then(() => work(argument));
    last = next.catch(() => {});
    return next;
  };
}

interface LocalRoutes {
  readonly identity: { token(request: TokenRequest): Promise<string> };
  readonly clock: ServiceClock;
  readonly advance: (to: number) => Promise<void>;
  readonly alarms: () => AlarmState[];
  readonly receiveMail: ReceiveMail;
  readonly mails: (path: string, response: ServerResponse) => Promise<boolean>;
}

const ClockRequest = z.strictObject({ to: z.iso.datetime({ offset: true }) });

/** `POST /dev/token`, `POST /dev/clock`, `GET /dev/alarms`, `GET` and `POST /dev/mail`: the only routes that no template has. */
function localRoutes({ identity, clock, advance, alarms, receiveMail, mails }: LocalRoutes) {
  return async (request: IncomingMessage, path: string, body: Buffer, response: ServerResponse): Promise<boolean> => {
    if (request.method === 'GET' && (await mails(path, response))) return true;
    const called = `${request.method} ${path}`;
    if (!['POST /dev/token', 'POST /dev/clock', 'POST /dev/mail', 'GET /dev/alarms'].includes(called)) return false;
    const answer = (status: number, content: unknown): true => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
      return true;
    };
    if (path === '/dev/alarms') return answer(200, { items: alarms() });
    if (path === '/dev/mail') {
      const recipients = new URL(request.url ?? '', 'http://localhost').searchParams.getAll('to');
      const messageId = await receiveMail({ raw: new Uint8Array(body), recipients });
      if (messageId === undefined)
        return answer(404, { message: `No receipt rule takes mail for ?to=${recipients.join(',')}` });
      return answer(202, { messageId });
    }
    const input = parseJson(body);
    if (path === '/dev/token') {
      const wanted = TokenRequest.safeParse(input);
      if (!wanted.success)
        return answer(400, { message: 'Send {sub, roles}: roles are agent, supervisor, admin, integration.' });
      return answer(200, { accessToken: await identity.token(wanted.data) });
    }
    const wanted = ClockRequest.safeParse(input);
    if (!wanted.success) return answer(400, { message: 'Send {to}: an instant such as 2026-03-09T13:30:00.000Z.' });
    if (clock.speed !== 0)
      return answer(409, { message: 'This clock runs by itself; only one started with --speed 0 can be moved.' });
    const to = Date.parse(wanted.data.to);
    const now = new Date(clock.now()).toISOString();
    if (to < clock.now()) return answer(400, { message: `The clock shows ${now} and never goes backwards.` });
    await advance(to);
    return answer(200, { now: new Date(clock.now()).toISOString() });
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
