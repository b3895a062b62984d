import { randomUUID } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { logFileOf } from './data-folder.ts';
import { HostProblem, messageOf } from './host-problem.ts';
import type { WorkerAnswer, WorkerRequest, WorkerStart } from './lambda-worker.ts';
import type { Measure } from './metrics.ts';
import { ACCOUNT, type CloudApp, propertiesOf, REGION, type Resource } from './template.ts';

/** What Lambda answers: the handler's result, or what it threw. */
export type Outcome =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly error: FunctionError };
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export type Invoke = (functionArn: string, event: unknown) => Promise<Outcome>;

/** How a state machine is told that there is no such function. */
export const NO_FUNCTION = 'Lambda.ResourceNotFoundException';

export const functionArnOf = (nameOrArn: string): string =>
  nameOrArn.startsWith('arn:') ? nameOrArn : `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${nameOrArn}`;

export const functionNameOf = (functionArn: string): string => functionArn.split(':')[6] ?? functionArn;

/** Workers per function. More than cores, so that requests overlap and races show, as they would in Lambda. */
const MAX_WORKERS = Math.max(4, availableParallelism());
/** Lambda's limit for a request and for an answer. */
const PAYLOAD_LIMIT = 6 * 1024 * 1024;

const Properties = z.object({
  Code: z.object({ S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.literal('nodejs24.x'),
  Timeout: z.number().default(3),
  MemorySize: z.number().default(128),
  ReservedConcurrentExecutions: z.number().optional(),
  LoggingConfig: z.object({ LogGroup: z.string() }).optional(),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()) }).optional(),
});

/** Runs every function of the templates in worker threads. */
export interface LambdaService {
  readonly invoke: Invoke;
  /** Loads one worker of each named function, so that no first request waits; a bundle that fails to load is told. */
  prewarm(functionArns: Iterable<string>): Promise<void>;
  /** How many invocations are under way. */
  readonly running: number;
  /** Whether invocations wait for a worker. */
  readonly isCrowded: boolean;
  onFinished(listener: () => void): void;
  stop(): Promise<void>;
}

export interface LambdaOptions {
  readonly clock: BigInt64Array;
  readonly logs: string;
  /** AWS_ENDPOINT_URL_… of the local services. */
  readonly endpoints: Record<string, string>;
  readonly measure: Measure;
  /** Told of each line that a function logs. */
  readonly onLogged: (line: string) => void;
}

export function lambdaService(app: CloudApp, options: LambdaOptions): LambdaService {
  const pools = new Map(
    app.ofType('AWS::Lambda::Function').map((resource) => [resource.arn, new Pool(resource, app, options)]),
  );
  const listeners: (() => void)[] = [];
  let running = 0;
  // Versions and aliases are the function itself here.
  const find = (arn: string) => pools.get(arn.split(':').slice(0, 7).join(':'));

  return {
    async invoke(arn, event) {
      running += 1;
      try {
        // As AWS would answer; an execution begun on an earlier template may name a function that is no more.
        const named = find(arn);
        if (!named) return failed(NO_FUNCTION, `Function not found: ${arn}`);
        const began = performance.now();
        const outcome = await named.invoke(event);
        const dimensions = { FunctionName: functionNameOf(arn) };
        options.measure('AWS/Lambda', 'Invocations', dimensions, 1);
        options.measure('AWS/Lambda', 'Duration', dimensions, performance.now() - began);
        if (!outcome.ok) options.measure('AWS/Lambda', 'Errors', dimensions, 1);
        return outcome;
      } finally {
        running -= 1;
        for (const listener of listeners) listener();
      }
    },
    prewarm: async (arns) => void (await Promise.all([...arns].map((arn) => find(arn)?.prewarm()))),
    get running() {
      return running;
    },
    get isCrowded() {
      return [...pools.values()].some((pool) => pool.isCrowded);
    },
    onFinished: (listener) => void listeners.push(listener),
    stop: async () => void (await Promise.all([...pools.values()].map((one) => one.stop()))),
  };
}

interface Waiting {
  readonly request: WorkerRequest;
  readonly resolve: (outcome: Outcome) => void;
}

/** The workers of one function, and the requests that wait for one. */
class Pool {
  readonly #properties: z.infer<typeof Properties>;
  readonly #start: WorkerStart;
  readonly #env: Record<string, string>;
  readonly #log: WriteStream;
  readonly #onLogged: LambdaOptions['onLogged'];
  readonly #max: number;
  readonly #idle: Environment[] = [];
  readonly #all = new Set<Environment>();
  readonly #waiting: Waiting[] = [];

  constructor(resource: Resource, app: CloudApp, options: LambdaOptions) {
    this.#properties = propertiesOf(resource, Properties);
    const {
      Code,
      Handler,
      MemorySize,
      Environment: own,
      ReservedConcurrentExecutions,
      LoggingConfig,
    } = this.#properties;
    const logGroup = LoggingConfig?.LogGroup ?? `/aws/lambda/${resource.name}`;
    const folder = app.asset(Code.S3Key);
    const dot = Handler.lastIndexOf('.');
    this.#max = Math.min(MAX_WORKERS, ReservedConcurrentExecutions ?? MAX_WORKERS);
    this.#start = {
      file: join(folder, `${Handler.slice(0, dot)}.mjs`),
      exportName: Handler.slice(dot + 1),
      clock: options.clock,
      functionArn: resource.arn,
    };
    this.#env = {
      ...own?.Variables,
      ...options.endpoints,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: resource.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MemorySize),
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: 'local',
      LAMBDA_TASK_ROOT: folder,
      TZ: 'UTC',
      _HANDLER: Handler,
      NODE_COMPILE_CACHE: join(dirname(folder), 'compiled'),
    };
    this.#onLogged = options.onLogged;
    this.#log = createWriteStream(join(options.logs, `${logFileOf(logGroup)}.log`), { flags: 'a' });
  }

  get isCrowded(): boolean {
    return this.#waiting.length > 0;
  }

  invoke(event: unknown): Promise<Outcome> {
    const text = JSON.stringify(event) ?? 'null';
    if (text.length > PAYLOAD_LIMIT) {
      const errorMessage = `The request has more than ${PAYLOAD_LIMIT} bytes.`;
      return Promise.resolve({ ok: false, error: { errorType: 'RequestTooLargeException', errorMessage } });
    }
    const request = { requestId: randomUUID(), event: text, timeoutMs: this.#properties.Timeout * 1000 };
    return new Promise((resolve) => {
      this.#waiting.push({ request, resolve });
      this.#serve();
    });
  }

  async prewarm(): Promise<void> {
    const environment = this.#add();
    const fault = await environment.ready.then(
      () => undefined,
      (error: unknown) => messageOf(error),
    );
    if (fault !== undefined)
      throw new HostProblem(`Function ${this.#env.AWS_LAMBDA_FUNCTION_NAME} does not load: ${fault}.`);
  }

  async stop(): Promise<void> {
    for (const { resolve } of this.#waiting.splice(0))
      resolve(failed('Runtime.ExitError', 'The local host is stopping.'));
    await Promise.all([...this.#all].map((environment) => environment.end()));
    await new Promise((resolve) => this.#log.end(resolve));
  }

  #add(): Environment {
    const environment = new Environment(this.#start, this.#env, this.#log, this.#onLogged);
    this.#all.add(environment);
    environment.ready.then(
      () => {
        this.#idle.push(environment);
        this.#serve();
      },
      (error: unknown) => {
        this.#all.delete(environment);
        // The request that made it start gets what went wrong, as it would from Lambda.
        this.#waiting.shift()?.resolve(failed('Runtime.InitError', messageOf(error)));
        this.#serve();
      },
    );
    return environment;
  }

  #serve(): void {
    while (this.#waiting.length > 0) {
      const environment = this.#idle.pop();
      if (!environment) break;
      if (environment.broken) {
        this.#all.delete(environment);
        continue;
      }
      const next = this.#waiting.shift();
      if (next) void this.#run(environment, next);
    }
    const starting = [...this.#all].filter((environment) => environment.starting).length;
    const wanted = Math.min(this.#waiting.length - starting, this.#max - this.#all.size);
    for (let n = 0; n < wanted; n += 1) this.#add();
  }

  async #run(environment: Environment, { request, resolve }: Waiting): Promise<void> {
    const outcome = await environment.run(request);
    if (environment.broken) this.#all.delete(environment);
    else this.#idle.push(environment);
    resolve(outcome);
    this.#serve();
  }
}

/** One worker thread. It is broken, and never used again, after a time-out or when the code ended it. */
class Environment {
  readonly ready: Promise<void>;
  starting = true;
  broken = false;
  readonly #worker: Worker;

  constructor(start: WorkerStart, env: Record<string, string>, log: WriteStream, onLogged: LambdaOptions['onLogged']) {
    this.#worker = new Worker(new URL('./lambda-worker.ts', import.meta.url), {
      workerData: start,
      env,
      stdout: true,
      stderr: true,
    });
    this.#worker.stdout.pipe(log, { end: false });
    createInterface({ input: this.#worker.stdout }).on('line', onLogged);
    this.#worker.stderr.pipe(log, { end: false });
    this.#worker.setMaxListeners(0);
    log.setMaxListeners(0);
    this.ready = new Promise((resolve, reject) => {
      this.#worker.once('message', () => {
        this.starting = false;
        resolve();
      });
      this.#worker.once('error', reject);
      this.#worker.once('exit', () => reject(new Error('the worker ended')));
    });
    this.ready.catch(() => {});
    // Code that fails between two requests ends its worker and nothing else.
    this.#worker.on('error', () => {
      this.broken = true;
    });
    this.#worker.on('exit', () => {
      this.broken = true;
    });
  }

  run(request: WorkerRequest): Promise<Outcome> {
    return new Promise((resolve) => {
      const finish = (outcome: Outcome) => {
        clearTimeout(timer);
        this.#worker.off('message', onAnswer).off('error', onError).off('exit', onExit);
        resolve(outcome);
      };
      const onAnswer = (answer: WorkerAnswer) => finish(outcomeOf(answer));
      const onError = (error: Error) => {
        this.broken = true;
        finish(failed(error.name, error.message));
      };
      const onExit = (code: number) => {
        this.broken = true;
        finish(
          failed(
            'Runtime.ExitError',
            `RequestId: ${request.requestId} Error: Runtime exited with error: exit status ${code}`,
          ),
        );
      };
      const timer = setTimeout(() => {
        this.broken = true;
        void this.#worker.terminate();
        const seconds = (request.timeoutMs / 1000).toFixed(2);
        finish(
          failed('Sandbox.Timedout', `RequestId: ${request.requestId} Error: Task timed out after ${seconds} seconds`),
        );
      }, request.timeoutMs);
      this.#worker.on('message', onAnswer).on('error', onError).on('exit', onExit);
      this.#worker.postMessage(request);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

const failed = (errorType: string, errorMessage: string): Outcome => ({
  ok: false,
  error: { errorType, errorMessage },
});

function outcomeOf(answer: WorkerAnswer): Outcome {
  if ('error' in answer) return { ok: false, error: answer.error };
  if (answer.payload.length > PAYLOAD_LIMIT) {
    return failed(
      'Function.ResponseSizeTooLarge',
      `Response payload size exceeded maximum allowed payload size (${PAYLOAD_LIMIT} bytes).`,
    );
  }
  return { ok: true, payload: JSON.parse(answer.payload) };
}
