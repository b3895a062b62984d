import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileWorkflow, enter, taskFailed, taskSucceeded } from '../../../infra/local/asl.ts';

const compile = (states: object) => compileWorkflow('of a test', JSON.stringify({ StartAt: 'S', States: states }));
const around = { now: Date.parse('2026-01-05T09:00:00.700Z'), context: { Execution: { Name: 'mine' } } };
const entering = (state: object, input: unknown) =>
  enter(compile({ S: state, N: { Type: 'Succeed' } }), { state: 'S', input }, around);
const at = (text: string) => Date.parse(text);

const task = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'f', 'Payload.$': '$' },
  OutputPath: '$.Payload',
  Retry: [{ ErrorEquals: ['LostRace'], IntervalSeconds: 2, MaxAttempts: 2, BackoffRate: 3, MaxDelaySeconds: 5 }],
  Next: 'N',
};

describe('entering a state', () => {
  it.each([
    [{ Type: 'Wait', TimestampPath: '$.next', Next: 'N' }, '2026-01-05T10:00:00.000Z'],
    [{ Type: 'Wait', Timestamp: '2026-01-05T10:00:00.999Z', Next: 'N' }, '2026-01-05T10:00:00.000Z'],
    [{ Type: 'Wait', Seconds: 60, Next: 'N' }, '2026-01-05T09:01:00.000Z'],
    [{ Type: 'Wait', SecondsPath: '$.s', Next: 'N' }, '2026-01-05T09:00:30.000Z'],
  ])('%j waits until %s, to the whole second', (state, until) => {
    const input = { next: '2026-01-05T11:00:00.250+01:00', s: 30 };
    expect(entering(state, input)).toMatchObject({ kind: 'wait', until: at(until), to: { state: 'N', input } });
  });

  it('passes a payload to a task, from the input and the context', () => {
    const state = {
      ...task,
      Parameters: { FunctionName: 'f', Payload: { 'id.$': '$.a.b', 'by.$': '$$.Execution.Name', fixed: 1 } },
    };
    expect(entering(state, { a: { b: 7 } })).toEqual({
      kind: 'task',
      functionName: 'f',
      payload: { id: 7, by: 'mine', fixed: 1 },
      timeoutMs: undefined,
    });
  });

  it.each([
    [{ outcome: 'wait' }, 'N'],
    [{ outcome: 'done' }, 'M'],
    [{ n: 3, flag: true }, 'O'],
  ])('chooses by %j: %s', (input, state) => {
    const definition = compile({
      S: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.outcome', StringEquals: 'wait', Next: 'N' },
          {
            And: [
              { Variable: '$.n', NumericEquals: 3 },
              { Variable: '$.flag', BooleanEquals: true },
              { Variable: '$.x', IsPresent: false },
            ],
            Next: 'O',
          },
        ],
        Default: 'M',
      },
      N: { Type: 'Succeed' },
      M: { Type: 'Succeed' },
      O: { Type: 'Succeed' },
    });
    expect(enter(definition, { state: 'S', input }, around)).toMatchObject({ kind: 'next', to: { state } });
  });

  it('fails the execution where a path leads to nothing', () => {
    expect(entering({ Type: 'Wait', TimestampPath: '$.next', Next: 'N' }, {})).toMatchObject({
      kind: 'fail',
      error: 'States.Runtime',
    });
  });
});

describe('a task', () => {
  const definition = compile({ S: task, N: { Type: 'Succeed' } });
  const position = { state: 'S', input: { id: 1 } };

  it('goes on with what the function answered', () => {
    expect(taskSucceeded(definition, position, { outcome: 'done' }, around)).toEqual({
      kind: 'next',
      to: { state: 'N', input: { outcome: 'done' } },
    });
  });

  it('is tried again with growing delays, then fails', () => {
    const failing = (attempts: number, error = 'LostRace') =>
      taskFailed(definition, position, { error, cause: 'c', attempts });
    expect([1, 2].map((n) => failing(n))).toEqual([
      { kind: 'retry', delayMs: 2000 },
      { kind: 'retry', delayMs: 5000 },
    ]);
    expect(failing(3)).toEqual({ kind: 'fail', error: 'LostRace', cause: 'c' });
    expect(failing(1, 'TypeError')).toMatchObject({ kind: 'fail', error: 'TypeError' });
  });

  it('puts its result where ResultPath says, and an error where a Catch does', () => {
    const placed = compile({
      S: {
        ...task,
        OutputPath: '$',
        ResultSelector: { 'got.$': '$.Payload' },
        ResultPath: '$.out.in',
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'N', ResultPath: '$.error' }],
      },
      N: { Type: 'Succeed' },
    });
    expect(taskSucceeded(placed, position, 5, around)).toMatchObject({
      to: { input: { id: 1, out: { in: { got: 5 } } } },
    });
    expect(taskFailed(placed, position, { error: 'E', cause: 'c', attempts: 1 })).toMatchObject({
      to: { input: { id: 1, error: { Error: 'E', Cause: 'c' } } },
    });
  });
});

it('runs the workflows of this repository', () => {
  const text = readFileSync(new URL('../../../workflows/sla-timer.asl.json', import.meta.url), 'utf8');
  expect(() => compileWorkflow('sla-timer', text)).not.toThrow();
});

it.each([
  [{ S: { Type: 'Parallel', Branches: [] } }, /of a test/],
  [{ S: { Type: 'Wait', Seconds: 1, Next: 'Nowhere' } }, /no state Nowhere/],
  [{ S: { Type: 'Wait', Seconds: 1 } }, /Next or End/],
  [{ S: { ...task, Resource: 'arn:aws:states:::sqs:sendMessage' } }, /Resource/],
  [{ S: { Type: 'Pass', Parameters: { 'a.$': 'States.UUID()' }, End: true } }, /intrinsic/],
  [{ S: { Type: 'Pass', Assign: {}, End: true } }, /Assign/],
])('%j is refused in one sentence', (states, sentence) => {
  expect(() => compile(states)).toThrow(sentence);
});
