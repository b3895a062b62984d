import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { compileWorkflow, type Definition, enter, type Position, type Step, taskFailed, taskSucceeded } from './asl.ts';
import { AwsRefusal, type Operations } from './aws-endpoint.ts';
import type { ServiceClock } from './clock.ts';
import type { DataFolder } from './data-folder.ts';
import type { Invoke, Outcome } from './lambda.ts';
import type { Measure } from './metrics.ts';
import { type CloudApp, propertiesOf } from './template.ts';

const DAY = 86_400_000;
/** The name of a closed execution cannot be used again for this long. */
const NAME_KEPT = 90 * DAY;
/** AWS waits at most a year. */
const LONGEST_WAIT = 365 * DAY;
/** Retries wait in real time, since what they wait for is real, and never as long as they would in the cloud. */
const LONGEST_RETRY_DELAY = 1000;
/** The longest sleep before the host looks at its waits again; a Node timer holds 24.8 days at most. */
const LONGEST_SLEEP = 60_000;

const Properties = z.object({
  DefinitionString: z.string().optional(),
  DefinitionS3Location: z.object({ Key: z.string() }).optional(),
  DefinitionSubstitutions: z.record(z.string(), z.coerce.string()).default({}),
  StateMachineType: z.literal('STANDARD').default('STANDARD'),
});

/** `position` and `until` are null where the execution has ended; `until` is null while it runs. */
const Row = z.object({
  arn: z.string(),
  machine: z.string(),
  name: z.string(),
  definition: z.string(),
  input: z.string(),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED']),
  position: z.string(),
  until: z.number().nullable(),
  history: z.string(),
  transitions: z.number(),
  output: z.string().nullable(),
  error: z.string().nullable(),
  cause: z.string().nullable(),
  started: z.number(),
  stopped: z.number().nullable(),
});
type Row = z.infer<typeof Row>;
type Event = { type: string; at: number; state?: string };

const Due = z.object({ due: z.number().nullable() });
const PositionText = z.object({ state: z.string(), input: z.unknown() });

const StartExecution = z.object({
  stateMachineArn: z.string(),
  name: z.string().default(() => randomUUID()),
  input: z.string().default('{}'),
});
const StopExecution = z.object({
  executionArn: z.string(),
  error: z.string().optional(),
  cause: z.string().optional(),
});
const NamedExecution = z.object({ executionArn: z.string() });
const ListExecutions = z.object({
  stateMachineArn: z.string(),
  statusFilter: z.string().optional(),
  maxResults: z.number().max(1000).default(100),
  nextToken: z.coerce.number().default(0),
});

export interface StepFunctionsService {
  readonly operations: Operations;
  /** Goes on with whatever ran or waited when the host last ended. */
  start(): void;
  /** The earliest instant at which a wait ends. */
  nextDue(): number | undefined;
  /** Ends every wait that is due; `settled` tells when all that follows is done. */
  fireDue(): void;
  /** Resolves when no execution is in any state but Wait. */
  settled(): Promise<void>;
  stop(): void;
}

export function stepFunctionsService(
  app: CloudApp,
  data: DataFolder,
  clock: ServiceClock,
  invoke: Invoke,
  measure: Measure,
): StepFunctionsService {
  return new StepFunctions(app, data, clock, invoke, measure);
}

class StepFunctions implements StepFunctionsService {
  readonly operations: Operations;
  readonly #clock: ServiceClock;
  readonly #invoke: Invoke;
  readonly #measure: Measure;
  readonly #data: DataFolder;
  /** The definition an execution started with stays its own, however the template changes meanwhile. */
  readonly #definitions = new Map<string, Definition>();
  readonly #machines = new Map<string, { name: string; definition: string }>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #statements: ReturnType<typeof prepare>;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(app: CloudApp, data: DataFolder, clock: ServiceClock, invoke: Invoke, measure: Measure) {
    this.#clock = clock;
    this.#invoke = invoke;
    this.#measure = measure;
    this.#data = data;
    data.db.exec(`
      CREATE TABLE IF NOT EXISTS definitions (hash TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS executions (
        arn TEXT PRIMARY KEY, machine TEXT NOT NULL, name TEXT NOT NULL, definition TEXT NOT NULL, input TEXT NOT NULL,
        status TEXT NOT NULL, position TEXT NOT NULL, until INTEGER, history TEXT NOT NULL, transitions INTEGER NOT NULL,
        output TEXT, error TEXT, cause TEXT, started INTEGER NOT NULL, stopped INTEGER) STRICT;
      CREATE INDEX IF NOT EXISTS executions_due ON executions (status, until);
      CREATE INDEX IF NOT EXISTS executions_of_machine ON executions (machine, started);`);

    this.#statements = prepare(data.db);
    const keep = data.db.prepare('INSERT OR IGNORE INTO definitions VALUES (?, ?)');
    for (const resource of app.ofType('AWS::StepFunctions::StateMachine')) {
      const properties = propertiesOf(resource, Properties);
      const source = properties.DefinitionS3Location
        ? readFileSync(app.asset(properties.DefinitionS3Location.Key), 'utf8')
        : (properties.DefinitionString ?? '{}');
      const text = source.replace(
        /\$\{(\w+)\}/g,
        (token, name: string) => properties.DefinitionSubstitutions[name] ?? token,
      );
      const hash = createHash('sha256').update(text).digest('hex');
      this.#definitions.set(hash, compileWorkflow(resource.name, text));
      keep.run(hash, text);
      this.#machines.set(resource.arn, { name: resource.name, definition: hash });
    }

    this.operations = {
      'AWSStepFunctions.StartExecution': (input) => this.#startExecution(input),
      'AWSStepFunctions.StopExecution': (input) => this.#stopExecution(input),
      'AWSStepFunctions.DescribeExecution': (input) => this.#describeExecution(input),
      'AWSStepFunctions.ListExecutions': (input) => this.#listExecutions(input),
      'AWSStepFunctions.GetExecutionHistory': (input) => this.#getExecutionHistory(input),
    };
  }

  start(): void {
    this.#data.db
      .prepare("DELETE FROM executions WHERE status <> 'RUNNING' AND stopped < ?")
      .run(this.#clock.now() - NAME_KEPT);
    const interrupted = this.#data.db.prepare("SELECT * FROM executions WHERE status = 'RUNNING' AND until IS NULL");
    for (const row of z.array(Row).parse(interrupted.all())) this.#run(row);
    this.fireDue();
  }

  nextDue(): number | undefined {
    return Due.parse(this.#statements.nextDue.get()).due ?? undefined;
  }

  fireDue(): void {
    const due = z.array(Row).parse(this.#statements.due.all(this.#clock.now()));
    // One commit for all, and before any function is called: thousands may be due at once.
    const awake: Row[] = [];
    this.#data.db.exec('BEGIN');
    try {
      for (const row of due) if (!this.#running.has(row.arn)) awake.push(this.#endWait(row));
    } finally {
      this.#data.db.exec('COMMIT');
    }
    for (const row of awake) this.#run(row);
    this.#arm();
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Sleeps until the next wait ends. A clock that only steps never wakes it: `fireDue` is called instead. */
  #arm(): void {
    clearTimeout(this.#timer);
    const due = this.nextDue();
    if (due === undefined || this.#stopped || this.#clock.speed === 0) return;
    const delay = Math.min(this.#clock.realDelayUntil(due), LONGEST_SLEEP);
    this.#timer = setTimeout(() => this.fireDue(), delay).unref();
  }

  #definition(hash: string): Definition {
    const known = this.#definitions.get(hash);
    if (known) return known;
    const row = this.#data.db.prepare('SELECT text FROM definitions WHERE hash = ?').get(hash);
    const definition = compileWorkflow('of an earlier start', z.object({ text: z.string() }).parse(row).text);
    this.#definitions.set(hash, definition);
    return definition;
  }

  #run(row: Row): void {
    if (this.#running.has(row.arn)) return;
    const run = this.#advance(row).finally(() => {
      this.#running.delete(row.arn);
      if (!this.#stopped) this.#arm();
    });
    this.#running.set(row.arn, run);
  }

  /** Takes an execution out of its wait, and saves where it stands then. */
  #endWait(row: Row): Row {
    const wait = enter(this.#definition(row.definition), positionOf(row), this.#around(row));
    if (wait.kind !== 'wait') throw new Error(`${row.arn} waits in a state that is no Wait.`);
    const awake = this.#follow({ ...row, until: null }, afterWait(wait));
    this.#save(awake);
    return awake;
  }

  /** Takes an execution from where it stands to its next wait or its end, saving before each function call and after. */
  async #advance(row: Row): Promise<void> {
    const definition = this.#definition(row.definition);
    let current = row;
    for (let attempts = 0; current.status === 'RUNNING' && current.until === null; ) {
      const position = positionOf(current);
      const step = enter(definition, position, this.#around(current));
      if (step.kind !== 'task') throw new Error(`${current.arn} stands in ${position.state}, which is no Task.`);
      const outcome = await this.#call(step.functionName, step.payload, step.timeoutMs);
      if (this.#stopped) return;
      const latest = this.#find(current.arn);
      // Stopped meanwhile: what the function answered does not matter any more.
      if (latest?.status !== 'RUNNING') return;
      if (outcome.ok) {
        attempts = 0;
        current = this.#follow(current, taskSucceeded(definition, position, outcome.payload, this.#around(current)));
      } else {
        attempts += 1;
        const { errorType: error, errorMessage: cause } = outcome.error;
        const next = taskFailed(definition, position, { error, cause, attempts });
        if (next.kind === 'retry') {
          await pause(Math.min(next.delayMs, LONGEST_RETRY_DELAY));
          if (this.#stopped) return;
          current = { ...current, transitions: current.transitions + 1 };
        } else current = this.#follow(current, next);
      }
      this.#save(current);
    }
  }

  async #call(functionArn: string, payload: unknown, timeoutMs: number | undefined): Promise<Outcome> {
    const call = this.#invoke(functionArn, payload);
    if (timeoutMs === undefined) return call;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<Outcome>((resolve) => {
      const timedOut = { errorType: 'States.Timeout', errorMessage: '' };
      timer = setTimeout(() => resolve({ ok: false, error: timedOut }), timeoutMs);
    });
    return Promise.race([call, timeout]).finally(() => clearTimeout(timer));
  }

  /** Enters states until one that takes time: a wait, a function call or the end. Pure but for the clock. */
  #follow(row: Row, first: Step): Row {
    const definition = this.#definition(row.definition);
    const history: Event[] = JSON.parse(row.history);
    const now = this.#clock.now();
    let { transitions } = row;
    let position = positionOf(row);
    let step = first;
    for (;;) {
      if (step.kind === 'next') {
        position = step.to;
        transitions += 1;
        const type = definition.States[position.state]?.Type ?? '';
        history.push({ type: `${type}StateEntered`, at: now, state: position.state });
        step = enter(definition, position, this.#around(row));
        continue;
      }
      const common = { ...row, transitions, position: JSON.stringify(position) };
      if (step.kind === 'wait' && step.until > now) {
        const until = Math.min(step.until, now + LONGEST_WAIT);
        return { ...common, until, history: JSON.stringify(history) };
      }
      if (step.kind === 'wait') {
        step = afterWait(step);
        continue;
      }
      if (step.kind === 'task') return { ...common, until: null, history: JSON.stringify(history) };
      const ended = step.kind === 'succeed' ? 'SUCCEEDED' : 'FAILED';
      if (ended === 'FAILED') this.#measure('AWS/States', 'ExecutionsFailed', { StateMachineArn: row.machine }, 1);
      history.push({ type: `Execution${ended === 'SUCCEEDED' ? 'Succeeded' : 'Failed'}`, at: now });
      return {
        ...common,
        until: null,
        status: ended,
        stopped: now,
        history: JSON.stringify(history),
        output: step.kind === 'succeed' ? JSON.stringify(step.output) : null,
        error: step.kind === 'fail' ? step.error : null,
        cause: step.kind === 'fail' ? step.cause : null,
      };
    }
  }

  #around(row: Row) {
    const started = new Date(row.started).toISOString();
    const context = {
      Execution: { Id: row.arn, Name: row.name, Input: JSON.parse(row.input), StartTime: started },
      StateMachine: { Id: row.machine, Name: this.#machines.get(row.machine)?.name ?? '' },
    };
    return { now: this.#clock.now(), context };
  }

  #find(arn: string): Row | undefined {
    return Row.optional().parse(this.#statements.find.get(arn));
  }

  #save(row: Row): void {
    this.#statements.save.run(row);
  }

  #startExecution(request: unknown): unknown {
    const { stateMachineArn, name, input } = StartExecution.parse(request);
    const machine = this.#machines.get(stateMachineArn);
    if (!machine)
      throw new AwsRefusal('StateMachineDoesNotExist', `State Machine Does Not Exist: '${stateMachineArn}'`);
    // AWS refuses white space, brackets, wildcards and these specials; the rest is legal but breaks metrics.
    if (!/^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u.test(name))
      throw new AwsRefusal('InvalidName', `Invalid Name: '${name}'`);
    const parsed = parseJson(input);
    if (parsed === undefined) throw new AwsRefusal('InvalidExecutionInput', 'Invalid State Machine Execution Input');

    const now = this.#clock.now();
    const arn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const before = this.#find(arn);
    if (before?.status === 'RUNNING' && before.input === input)
      return { executionArn: arn, startDate: before.started / 1000 };
    if (before && (before.status === 'RUNNING' || (before.stopped ?? 0) + NAME_KEPT > now)) {
      throw new AwsRefusal('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }

    const { StartAt } = this.#definition(machine.definition);
    const fresh: Row = {
      arn,
      machine: stateMachineArn,
      name,
      definition: machine.definition,
      input,
      status: 'RUNNING',
      position: JSON.stringify({ state: StartAt, input: parsed }),
      until: null,
      history: JSON.stringify([{ type: 'ExecutionStarted', at: now }]),
      transitions: 0,
      output: null,
      error: null,
      cause: null,
      started: now,
      stopped: null,
    };
    const row = this.#follow(fresh, { kind: 'next', to: { state: StartAt, input: parsed } });
    // Saved before it is answered: an execution that was promised survives any kill.
    this.#save(row);
    if (row.status === 'RUNNING' && row.until === null) this.#run(row);
    else this.#arm();
    return { executionArn: arn, startDate: now / 1000 };
  }

  #stopExecution(request: unknown): unknown {
    const { executionArn, error, cause } = StopExecution.parse(request);
    const row = this.#existing(executionArn);
    if (row.status !== 'RUNNING') return { stopDate: (row.stopped ?? 0) / 1000 };
    const now = this.#clock.now();
    const history = [...JSON.parse(row.history), { type: 'ExecutionAborted', at: now }];
    const ended = { status: 'ABORTED' as const, until: null, stopped: now, history: JSON.stringify(history) };
    this.#save({ ...row, ...ended, error: error ?? null, cause: cause ?? null });
    return { stopDate: now / 1000 };
  }

  #describeExecution(request: unknown): unknown {
    const row = this.#existing(NamedExecution.parse(request).executionArn);
    return {
      ...summary(row),
      input: row.input,
      output: row.output ?? undefined,
      error: row.error ?? undefined,
      cause: row.cause ?? undefined,
    };
  }

  #listExecutions(request: unknown): unknown {
    const { stateMachineArn, statusFilter, maxResults, nextToken } = ListExecutions.parse(request);
    const rows = this.#data.db
      .prepare(
        'SELECT * FROM executions WHERE machine = ? AND status = coalesce(?, status) ORDER BY started DESC, arn LIMIT ? OFFSET ?',
      )
      .all(stateMachineArn, statusFilter ?? null, maxResults, nextToken);
    const next = rows.length === maxResults ? String(nextToken + maxResults) : undefined;
    return { executions: z.array(Row).parse(rows).map(summary), nextToken: next };
  }

  /** Which states were entered and when; the number of `…StateEntered` is the number of transitions but for retries. */
  #getExecutionHistory(request: unknown): unknown {
    const row = this.#existing(NamedExecution.parse(request).executionArn);
    const history: Event[] = JSON.parse(row.history);
    return {
      events: history.map(({ type, at, state }, index) => ({
        id: index + 1,
        previousEventId: index,
        timestamp: at / 1000,
        type,
        ...(state === undefined ? {} : { stateEnteredEventDetails: { name: state } }),
      })),
    };
  }

  #existing(arn: string): Row {
    const row = this.#find(arn);
    if (!row) throw new AwsRefusal('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return row;
  }
}

/** What is asked for each execution that moves. */
const prepare = (db: DataFolder['db']) => ({
  due: db.prepare("SELECT * FROM executions WHERE status = 'RUNNING' AND until <= ? ORDER BY until, started, arn"),
  nextDue: db.prepare("SELECT MIN(until) AS due FROM executions WHERE status = 'RUNNING' AND until IS NOT NULL"),
  find: db.prepare('SELECT * FROM executions WHERE arn = ?'),
  save: db.prepare(
    `INSERT OR REPLACE INTO executions (arn, machine, name, definition, input, status, position, until, history,
       transitions, output, error, cause, started, stopped)
     VALUES (:arn, :machine, :name, :definition, :input, :status, :position, :until, :history,
       :transitions, :output, :error, :cause, :started, :stopped)`,
  ),
});

const afterWait = (wait: Extract<Step, { kind: 'wait' }>): Step =>
  wait.to === 'end' ? { kind: 'succeed', output: wait.output } : { kind: 'next', to: wait.to };

const positionOf = (row: Row): Position => PositionText.parse(JSON.parse(row.position));

const summary = (row: Row) => ({
  executionArn: row.arn,
  stateMachineArn: row.machine,
  name: row.name,
  status: row.status,
  startDate: row.started / 1000,
  stopDate: row.stopped === null ? undefined : row.stopped / 1000,
});

/** `undefined` where the text is no JSON; JSON itself has no such value. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
