import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServiceClock } from '../../../infra/local/clock.ts';
import { type DataFolder, openDataFolder } from '../../../infra/local/data-folder.ts';
import type { Outcome } from '../../../infra/local/lambda.ts';
import { type StepFunctionsService, stepFunctionsService } from '../../../infra/local/step-functions.ts';
import { readCloudApp } from '../../../infra/local/template.ts';

const START = Date.parse('2026-01-05T09:00:00Z');
const HOUR = 3_600_000;
const MACHINE = 'arn:aws:states:eu-west-1:000000000000:stateMachine:small-timer';
const EXECUTION = MACHINE.replace(':stateMachine:', ':execution:');
const app = readCloudApp(join(import.meta.dirname, 'assembly'));

let folder: string;
let data: DataFolder;
let clock: ServiceClock;
let service: StepFunctionsService;
let calls: { at: number; payload: unknown }[];
let answer: (payload: unknown) => Outcome | Promise<Outcome>;

const boot = () => {
  data = openDataFolder(folder);
  const saved = data.read('clock') as never;
  clock = new ServiceClock({ speed: 0, first: START, saved, save: (state) => data.write('clock', state) });
  const invoke = async (_function: string, payload: unknown) => {
    calls.push({ at: clock.now(), payload });
    return answer(payload);
  };
  service = stepFunctionsService(app, data, clock, invoke, () => {});
  service.start();
};
/** Ends the service as a kill would: nothing more is written. */
const kill = () => {
  service.stop();
  data.close();
};
const call = (operation: string, input: object) =>
  service.operations[`AWSStepFunctions.${operation}`]!(input) as Record<string, unknown>;
const startTimer = (name: string, next: string | number) =>
  call('StartExecution', {
    stateMachineArn: MACHINE,
    name,
    input: JSON.stringify({ next: typeof next === 'number' ? new Date(next).toISOString() : next }),
  });
const statusOf = (name: string) => call('DescribeExecution', { executionArn: `${EXECUTION}:${name}` }).status;
const passTo = async (instant: number) => {
  clock.set(instant);
  service.fireDue();
  await service.settled();
};
const done: Outcome = { ok: true, payload: { outcome: 'done' } };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sfn-'));
  calls = [];
  answer = () => done;
  boot();
});
afterEach(() => {
  kill();
  rmSync(folder, { recursive: true });
});

describe('an execution', () => {
  it('waits, rings, waits again and ends', async () => {
    answer = () =>
      calls.length === 1
        ? { ok: true, payload: { outcome: 'wait', next: new Date(START + 3 * HOUR).toISOString() } }
        : done;
    startTimer('a', START + HOUR);
    expect(service.nextDue()).toBe(START + HOUR);
    await passTo(START + HOUR);
    expect(service.nextDue()).toBe(START + 3 * HOUR);
    await passTo(START + 4 * HOUR);
    expect(calls.map(({ at }) => (at - START) / HOUR)).toEqual([1, 4]);
    expect(statusOf('a')).toBe('SUCCEEDED');
  });

  it('costs one transition to arm', () => {
    startTimer('a', START + HOUR);
    const { events } = call('GetExecutionHistory', { executionArn: `${EXECUTION}:a` }) as {
      events: { type: string }[];
    };
    expect(events.map(({ type }) => type)).toEqual(['ExecutionStarted', 'WaitStateEntered']);
  });

  it('runs at once when its instant has passed', async () => {
    startTimer('a', START - HOUR);
    await service.settled();
    expect(statusOf('a')).toBe('SUCCEEDED');
  });

  it('is armed again after a kill, and fires what fell due just before it', async () => {
    startTimer('later', START + 2 * HOUR);
    startTimer('now', START + HOUR);
    clock.set(START + HOUR);
    kill();
    boot();
    await service.settled();
    expect([statusOf('now'), statusOf('later')]).toEqual(['SUCCEEDED', 'RUNNING']);
    await passTo(START + 2 * HOUR);
    expect(statusOf('later')).toBe('SUCCEEDED');
  });

  it('calls its function again when a kill came before the answer', async () => {
    answer = () => new Promise(() => {});
    startTimer('a', START);
    kill();
    answer = () => done;
    boot();
    await service.settled();
    expect([calls.length, statusOf('a')]).toEqual([2, 'SUCCEEDED']);
  });

  it('tries its function again after an error that its Retry names, and only then', async () => {
    const lost: Outcome = { ok: false, error: { errorType: 'LostRace', errorMessage: '' } };
    answer = () => (calls.length === 1 ? lost : done);
    startTimer('a', START);
    await service.settled();
    expect([calls.length, statusOf('a')]).toEqual([2, 'SUCCEEDED']);

    answer = () => ({ ok: false, error: { errorType: 'TypeError', errorMessage: 'broken' } });
    startTimer('b', START);
    await service.settled();
    expect(call('DescribeExecution', { executionArn: `${EXECUTION}:b` })).toMatchObject({
      status: 'FAILED',
      error: 'TypeError',
    });
  });

  it('stays stopped, whatever its function answers afterwards', async () => {
    let finish = (_: Outcome) => {};
    answer = () => new Promise((resolve) => (finish = resolve));
    startTimer('a', START);
    await Promise.resolve();
    call('StopExecution', { executionArn: `${EXECUTION}:a` });
    finish(done);
    await service.settled();
    expect(statusOf('a')).toBe('ABORTED');
  });
});

describe('a name', () => {
  it('answers the same when the same start comes twice while it runs', () => {
    expect(startTimer('a', START + HOUR)).toEqual(startTimer('a', START + HOUR));
  });

  it.each([
    ['with another input', () => startTimer('a', START + 2 * HOUR)],
    [
      'after it was stopped',
      () => {
        call('StopExecution', { executionArn: `${EXECUTION}:a` });
        startTimer('a', START + HOUR);
      },
    ],
    [
      '89 days after',
      () => {
        call('StopExecution', { executionArn: `${EXECUTION}:a` });
        clock.set(START + 89 * 24 * HOUR);
        startTimer('a', START + HOUR);
      },
    ],
  ])('cannot be used again %s', (_, again) => {
    startTimer('a', START + HOUR);
    expect(again).toThrow(expect.objectContaining({ code: 'ExecutionAlreadyExists' }));
  });

  it('is free again after 90 days', () => {
    startTimer('a', START + HOUR);
    call('StopExecution', { executionArn: `${EXECUTION}:a` });
    clock.set(START + 91 * 24 * HOUR);
    expect(() => startTimer('a', START + 92 * 24 * HOUR)).not.toThrow();
  });

  it.each(['', 'a b', 'a/b', 'x'.repeat(81)])('may not be %j', (name) => {
    expect(() => startTimer(name, START)).toThrow(expect.objectContaining({ code: 'InvalidName' }));
  });
});

it('refuses to stop what never was', () => {
  expect(() => call('StopExecution', { executionArn: `${EXECUTION}:nobody` })).toThrow(
    expect.objectContaining({ code: 'ExecutionDoesNotExist' }),
  );
});
