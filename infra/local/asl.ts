import { z } from 'zod';
import { HostProblem } from './host-problem.ts';

/**
 * The Amazon States Language as far as the workflows use it: a pure step function over one execution's data. A
 * definition that holds anything else is refused when it is read, so that no workflow runs differently here unnoticed.
 */

const Path = z.string().regex(/^\$\$?(\.[A-Za-z_]\w*|\[\d+\])*$/, 'only plain reference paths such as $.a.b');
const Payload = z.unknown();
const Fields = z.record(z.string(), z.unknown());
const TaskParameters = z.looseObject({ FunctionName: z.string(), Payload: z.unknown().optional() });
const Retry = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.int().min(1).default(1),
  MaxAttempts: z.int().min(0).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).optional(),
});
const Catch = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  ResultPath: Path.nullable().optional(),
});
const common = {
  Comment: z.string().optional(),
  InputPath: Path.nullable().optional(),
  OutputPath: Path.nullable().optional(),
};
const onwards = { Next: z.string().optional(), End: z.literal(true).optional() };

const test = {
  StringEquals: z.string().optional(),
  NumericEquals: z.number().optional(),
  BooleanEquals: z.boolean().optional(),
  IsPresent: z.boolean().optional(),
  IsNull: z.boolean().optional(),
};
const Rule = z.strictObject({ Variable: Path, ...test });
const Condition = z.strictObject({
  Variable: Path.optional(),
  ...test,
  And: z.array(Rule).optional(),
  Or: z.array(Rule).optional(),
  Not: Rule.optional(),
});

const State = z.discriminatedUnion('Type', [
  z.strictObject({
    ...common,
    ...onwards,
    Type: z.literal('Pass'),
    Result: Payload.optional(),
    Parameters: Payload.optional(),
    ResultPath: Path.nullable().optional(),
  }),
  z.strictObject({
    ...common,
    ...onwards,
    Type: z.literal('Wait'),
    Seconds: z.int().min(0).optional(),
    SecondsPath: Path.optional(),
    Timestamp: z.string().optional(),
    TimestampPath: Path.optional(),
  }),
  z.strictObject({
    ...common,
    ...onwards,
    Type: z.literal('Task'),
    Resource: z.literal('arn:aws:states:::lambda:invoke'),
    Parameters: z.looseObject({ FunctionName: z.string() }),
    ResultSelector: Payload.optional(),
    ResultPath: Path.nullable().optional(),
    TimeoutSeconds: z.int().positive().optional(),
    Retry: z.array(Retry).optional(),
    Catch: z.array(Catch).optional(),
  }),
  z.strictObject({
    ...common,
    Type: z.literal('Choice'),
    Choices: z.array(Condition.extend({ Next: z.string(), Comment: z.string().optional() })).min(1),
    Default: z.string().optional(),
  }),
  z.strictObject({ ...common, Type: z.literal('Succeed') }),
  z.strictObject({
    Comment: z.string().optional(),
    Type: z.literal('Fail'),
    Error: z.string().optional(),
    Cause: z.string().optional(),
  }),
]);
const Definition = z.strictObject({
  Comment: z.string().optional(),
  QueryLanguage: z.literal('JSONPath').optional(),
  Version: z.literal('1.0').optional(),
  TimeoutSeconds: z.int().optional(),
  StartAt: z.string(),
  States: z.record(z.string(), State),
});
type State = z.infer<typeof State>;
type Task = Extract<State, { Type: 'Task' }>;
export type Definition = z.infer<typeof Definition>;

/** Where an execution stands: the state to enter and what it is given. */
export interface Position {
  readonly state: string;
  readonly input: unknown;
}

/** What entering a state comes to. */
export type Step =
  | { readonly kind: 'next'; readonly to: Position }
  | { readonly kind: 'wait'; readonly until: number; readonly to: Position | 'end'; readonly output: unknown }
  | {
      readonly kind: 'task';
      readonly functionName: string;
      readonly payload: unknown;
      readonly timeoutMs: number | undefined;
    }
  | { readonly kind: 'succeed'; readonly output: unknown }
  | { readonly kind: 'fail'; readonly error: string; readonly cause: string };

/** The context object (`$$`) and the service clock. */
export interface Surroundings {
  readonly now: number;
  readonly context: unknown;
}

/** Reads a definition, or tells in one sentence what in it this interpreter cannot run. */
export function compileWorkflow(name: string, text: string): Definition {
  const problem = (what: string) => new HostProblem(`The local host cannot run the state machine ${name}: ${what}.`);
  const parsed = Definition.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw problem(`${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { States, StartAt } = parsed.data;
  const targets = [StartAt, ...Object.values(States).flatMap(nextStates)];
  const missing = targets.find((target) => !(target in States));
  if (missing !== undefined) throw problem(`it has no state ${missing}`);
  for (const [id, state] of Object.entries(States)) {
    const goesOn = state.Type === 'Pass' || state.Type === 'Wait' || state.Type === 'Task';
    if (goesOn && (state.Next === undefined) === (state.End === undefined))
      throw problem(`${id} needs either Next or End`);
    if (JSON.stringify(state).includes('"States.') && /"[^"]+\.\$":"States\./.test(JSON.stringify(state))) {
      throw problem(`${id} uses an intrinsic function`);
    }
  }
  return parsed.data;
}

function nextStates(state: State): string[] {
  if (state.Type === 'Choice')
    return [...state.Choices.map((choice) => choice.Next), ...(state.Default ? [state.Default] : [])];
  if (state.Type === 'Succeed' || state.Type === 'Fail') return [];
  const caught = state.Type === 'Task' ? (state.Catch ?? []).map((one) => one.Next) : [];
  return [...(state.Next ? [state.Next] : []), ...caught];
}

/** Enters a state. Waits fall due on whole seconds: like AWS, fractions of a timestamp are cut off. */
export function enter(definition: Definition, position: Position, around: Surroundings): Step {
  const state = stateOf(definition, position);
  if (state.Type === 'Fail') return { kind: 'fail', error: state.Error ?? '', cause: state.Cause ?? '' };
  try {
    const input = select(state.InputPath, position.input, around);
    switch (state.Type) {
      case 'Pass': {
        const result =
          'Result' in state && state.Result !== undefined ? state.Result : template(state.Parameters, input, around);
        const merged = place(state.ResultPath, position.input, result === undefined ? input : result);
        return onward(state, select(state.OutputPath, merged, around));
      }
      case 'Wait': {
        const output = select(state.OutputPath, input, around);
        const step = onward(state, output);
        const to = step.kind === 'next' ? step.to : 'end';
        return { kind: 'wait', until: dueAt(state, input, around), to, output };
      }
      case 'Task': {
        const parameters = TaskParameters.parse(template(state.Parameters, input, around));
        const timeoutMs = state.TimeoutSeconds === undefined ? undefined : state.TimeoutSeconds * 1000;
        return { kind: 'task', functionName: parameters.FunctionName, payload: parameters.Payload ?? {}, timeoutMs };
      }
      case 'Choice': {
        const chosen = state.Choices.find((choice) => holds(choice, input, around))?.Next ?? state.Default;
        if (chosen === undefined)
          return { kind: 'fail', error: 'States.NoChoiceMatched', cause: `No choice of ${position.state} matched.` };
        return { kind: 'next', to: { state: chosen, input: select(state.OutputPath, input, around) } };
      }
      case 'Succeed':
        return { kind: 'succeed', output: select(state.OutputPath, input, around) };
    }
  } catch (error) {
    return { kind: 'fail', error: 'States.Runtime', cause: error instanceof Error ? error.message : String(error) };
  }
}

/** What follows when the function of a Task has answered. */
export function taskSucceeded(definition: Definition, position: Position, answer: unknown, around: Surroundings): Step {
  const state = taskOf(definition, position);
  try {
    const raw = { ExecutedVersion: '$LATEST', Payload: answer, StatusCode: 200 };
    const result = state.ResultSelector === undefined ? raw : template(state.ResultSelector, raw, around);
    return onward(state, select(state.OutputPath, place(state.ResultPath, position.input, result), around));
  } catch (error) {
    return { kind: 'fail', error: 'States.Runtime', cause: error instanceof Error ? error.message : String(error) };
  }
}

/** What follows when it has failed: another try after a delay (`attempts` so far), a Catch, or the end. */
export function taskFailed(
  definition: Definition,
  position: Position,
  fault: { error: string; cause: string; attempts: number },
): Step | { readonly kind: 'retry'; readonly delayMs: number } {
  const state = taskOf(definition, position);
  const covers = (names: readonly string[]) =>
    names.some(
      (name) =>
        name === fault.error ||
        name === 'States.ALL' ||
        (name === 'States.TaskFailed' && fault.error !== 'States.Timeout'),
    );
  const retrier = (state.Retry ?? []).find((one) => covers(one.ErrorEquals));
  if (retrier && fault.attempts <= retrier.MaxAttempts) {
    const seconds = retrier.IntervalSeconds * retrier.BackoffRate ** (fault.attempts - 1);
    return { kind: 'retry', delayMs: Math.min(seconds, retrier.MaxDelaySeconds ?? seconds) * 1000 };
  }
  const catcher = (state.Catch ?? []).find((one) => covers(one.ErrorEquals));
  if (!catcher) return { kind: 'fail', error: fault.error, cause: fault.cause };
  const input = place(catcher.ResultPath, position.input, { Error: fault.error, Cause: fault.cause });
  return { kind: 'next', to: { state: catcher.Next, input } };
}

function stateOf(definition: Definition, position: Position): State {
  const state = definition.States[position.state];
  if (!state) throw new Error(`The workflow has no state ${position.state}.`);
  return state;
}

function taskOf(definition: Definition, position: Position): Task {
  const state = stateOf(definition, position);
  if (state.Type !== 'Task') throw new Error(`${position.state} is no Task.`);
  return state;
}

const onward = (state: { Next?: string | undefined }, output: unknown): Extract<Step, { kind: 'next' | 'succeed' }> =>
  state.Next === undefined ? { kind: 'succeed', output } : { kind: 'next', to: { state: state.Next, input: output } };

function dueAt(state: Extract<State, { Type: 'Wait' }>, input: unknown, around: Surroundings): number {
  const seconds = state.SecondsPath === undefined ? state.Seconds : select(state.SecondsPath, input, around);
  if (seconds !== undefined) return wholeSeconds(around.now + z.number().parse(seconds) * 1000);
  const timestamp = state.TimestampPath === undefined ? state.Timestamp : select(state.TimestampPath, input, around);
  return wholeSeconds(Date.parse(z.iso.datetime({ offset: true }).parse(timestamp)));
}
const wholeSeconds = (ms: number) => Math.floor(ms / 1000) * 1000;

/** Follows a path; `null` throws everything away, no path keeps everything. A path into nothing is a fault, as in AWS. */
function select(path: string | null | undefined, input: unknown, around: Surroundings): unknown {
  if (path === null) return {};
  if (path === undefined) return input;
  const found = follow(path, input, around);
  if (found === undefined) throw new Error(`The path ${path} leads to nothing in the input.`);
  return found;
}

function follow(path: string, input: unknown, { context }: Surroundings): unknown {
  const inContext = path.startsWith('$$');
  const keys = path.slice(inContext ? 2 : 1).match(/[A-Za-z_]\w*|\d+/g) ?? [];
  return keys.reduce<unknown>(
    (value, key) => {
      if (Array.isArray(value)) return value[Number(key)];
      return Fields.safeParse(value).data?.[key];
    },
    inContext ? context : input,
  );
}

/** A payload template: fields whose name ends in `.$` are paths into the input. */
function template(value: unknown, input: unknown, around: Surroundings): unknown {
  if (Array.isArray(value)) return value.map((one) => template(one, input, around));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key.endsWith('.$')
        ? [key.slice(0, -2), select(Path.parse(inner), input, around)]
        : [key, template(inner, input, around)],
    ),
  );
}

/** Puts a result where ResultPath says: in place of the input, nowhere, or into a field of it. */
function place(path: string | null | undefined, input: unknown, result: unknown): unknown {
  if (path === null) return input;
  if (path === undefined || path === '$') return result;
  const put = (value: unknown, [key, ...rest]: string[]): unknown => {
    if (key === undefined) return result;
    const fields = Fields.safeParse(value).data ?? {};
    return { ...fields, [key]: put(fields[key], rest) };
  };
  return put(input, path.slice(1).match(/[A-Za-z_]\w*/g) ?? []);
}

function holds(condition: z.infer<typeof Condition>, input: unknown, around: Surroundings): boolean {
  if (condition.And) return condition.And.every((one) => holds(one, input, around));
  if (condition.Or) return condition.Or.some((one) => holds(one, input, around));
  if (condition.Not) return !holds(condition.Not, input, around);
  const value = follow(condition.Variable ?? '$', input, around);
  if (condition.IsPresent !== undefined) return (value !== undefined) === condition.IsPresent;
  if (condition.IsNull !== undefined) return (value === null) === condition.IsNull;
  const expected = condition.StringEquals ?? condition.NumericEquals ?? condition.BooleanEquals;
  return expected !== undefined && value === expected;
}
