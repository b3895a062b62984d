import {
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CaseEvent } from '../../domain/facts/fact.ts';
import { startKpi } from '../../domain/sla/start-kpi.ts';
import { silentMeter } from '../../functions/meter.ts';
import { NotYetVisible } from '../../functions/reactions/faults.ts';
import type { Services } from '../../functions/services.ts';
import { armTimer } from '../../functions/sla/arm-timer.ts';
import { stepFunctionsTimers } from '../../functions/sla/timers.ts';
import { CASE_ID, terms } from '../support/sla-builders.ts';

const MACHINE = 'arn:aws:states:eu-west-1:000000000000:stateMachine:sla-timer';
const stateMachine = mockClient(SFNClient);
const timers = stepFunctionsTimers(new SFNClient({}), MACHINE);

const NINE = '2026-03-02T09:00:00.000Z';
const running = (changed = {}) =>
  startKpi(terms({ targetMinutes: 60, warnMinutes: 30, ...changed }), undefined, NINE, {
    caseId: CASE_ID,
    startedAt: NINE,
  }).instance;
const fault = (name: string) => Object.assign(new Error(name), { name });

beforeEach(() => {
  stateMachine.reset();
  stateMachine.on(StartExecutionCommand).resolves({});
  stateMachine.on(StopExecutionCommand).resolves({});
});

describe('a timer', () => {
  it('is one execution for each epoch in which a clock runs, waiting for the earliest thing that is due', async () => {
    expect(await timers.arm(running(), NINE)).toBe(true);
    const [call] = stateMachine.commandCalls(StartExecutionCommand);
    const { name, input, stateMachineArn } = call!.args[0].input;
    expect([name, stateMachineArn]).toEqual([`${CASE_ID}-resolve-1-1`, MACHINE]);
    expect(JSON.parse(input!)).toEqual({
      caseId: CASE_ID,
      kpi: 'resolve',
      generation: 1,
      epoch: 1,
      next: '2026-03-02T09:30:00.000Z',
    });
  });

  it('rings at a whole second, never before it is due', async () => {
    const [start] = ['2026-03-02T09:00:00.001Z'];
    const { instance } = startKpi(terms({ targetMinutes: 60 }), undefined, start!, {
      caseId: CASE_ID,
      startedAt: start!,
    });
    await timers.arm(instance, start!);
    const [call] = stateMachine.commandCalls(StartExecutionCommand);
    expect(JSON.parse(call!.args[0].input.input!).next).toBe('2026-03-02T10:00:01.000Z');
  });

  it('may be armed twice: the second time it is there already', async () => {
    stateMachine.on(StartExecutionCommand).rejects(new ExecutionAlreadyExists({ message: '', $metadata: {} }));
    expect(await timers.arm(running(), NINE)).toBe(true);
  });

  it('is not armed for what lies more than 300 days ahead', async () => {
    expect(await timers.arm(running({ targetMinutes: 301 * 1440, warnMinutes: undefined }), NINE)).toBe(false);
    expect(await timers.arm(running({ targetMinutes: 300 * 1440, warnMinutes: undefined }), NINE)).toBe(true);
    expect(stateMachine.commandCalls(StartExecutionCommand)).toHaveLength(1);
  });

  it('has a name of at most 80 characters, however long the KPI is called and however often it was reopened', async () => {
    const long = { ...running(), kpi: 'a'.repeat(24), generation: 9999, epoch: 9999 };
    await timers.arm(long, NINE);
    expect(stateMachine.commandCalls(StartExecutionCommand)[0]!.args[0].input.name!.length).toBeLessThanOrEqual(80);
  });

  it('is stopped by its name', async () => {
    await timers.disarm({ caseId: CASE_ID, kpi: 'resolve', generation: 2, epoch: 5 });
    expect(stateMachine.commandCalls(StopExecutionCommand)[0]!.args[0].input.executionArn).toBe(
      `arn:aws:states:eu-west-1:000000000000:execution:sla-timer:${CASE_ID}-resolve-2-5`,
    );
  });

  it.each([new ExecutionDoesNotExist({ message: '', $metadata: {} }), fault('ThrottlingException')])(
    'that cannot be stopped may ring for nothing: $name',
    async (error) => {
      stateMachine.on(StopExecutionCommand).rejects(error);
      await expect(timers.disarm(running())).resolves.toBeUndefined();
    },
  );

  it('fails loudly for every other reason', async () => {
    stateMachine.on(StopExecutionCommand).rejects(fault('AccessDeniedException'));
    await expect(timers.disarm(running())).rejects.toThrow('AccessDenied');
    stateMachine.on(StartExecutionCommand).rejects(fault('AccessDeniedException'));
    await expect(timers.arm(running(), NINE)).rejects.toThrow('AccessDenied');
  });
});

describe('arming a clock', () => {
  const event = { caseId: CASE_ID, correlationId: 'test' } as CaseEvent;
  const counting = () => {
    const counted: string[] = [];
    const meter = { ...silentMeter, count: (what: string) => counted.push(what) };
    const cases = { kpi: async () => running() } as unknown as Services['cases'];
    return { counted, services: { cases, now: () => NINE, meter, timers } };
  };
  const about = (epoch: number) => ({ kpi: 'resolve', generation: 1, epoch });

  it('counts what could be armed, and tries that cannot', async () => {
    const { counted, services } = counting();
    await armTimer(services, event, about(1));
    stateMachine.on(StartExecutionCommand).rejects(fault('ThrottlingException'));
    await expect(armTimer(services, event, about(1))).rejects.toThrow('ThrottlingException');
    expect(counted).toEqual(['TimersArmed', 'TimersNotArmed']);
  });

  it('waits for a clock that is not to be seen yet', async () => {
    const { counted, services } = counting();
    await expect(armTimer(services, event, about(2))).rejects.toThrow(NotYetVisible);
    expect(counted).toEqual([]);
  });
});
