import {
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { KpiInstance } from '../../domain/sla/kpi-instance.ts';
import { nextAlarm, roundUpToSecond } from '../../domain/sla/next-alarm.ts';
import { type Instant, toMs } from '../../domain/time.ts';
import { FAR_ALARM_MS } from '../table/keys.ts';

type Armed = Pick<KpiInstance, 'caseId' | 'kpi' | 'generation' | 'epoch'>;

/** The alarms of clocks: one Step Functions execution for each epoch in which a clock runs. */
export interface Timers {
  /**
   * Arms a running clock; arming it twice is arming it once. Answers whether it was near enough to be armed. What it
   * leads to carries the correlation of whatever set the clock going, where that is known.
   */
  arm(instance: KpiInstance, now: Instant, correlationId?: string): Promise<boolean>;
  /** Arms an alarm that is no clock's. */
  armAt(armed: Armed, next: Instant, now: Instant, correlationId?: string): Promise<boolean>;
  /** Stops the execution of an epoch, if it runs. Best effort: a stale alarm changes nothing. */
  disarm(armed: Armed): Promise<void>;
}

/** What stands for a clock in the alarm for the end of a hold; no KPI has such a name. */
export const HOLD_ALARM = 'hold-until';

const nameOf = ({ caseId, kpi, generation, epoch }: Armed): string => `${caseId}-${kpi}-${generation}-${epoch}`;

/** The execution that is armed for an epoch, whether there is one or not. */
export const executionArnOf = (stateMachineArn: string, armed: Armed): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${nameOf(armed)}`;

/** Timers on a state machine. */
export const stepFunctionsTimers = (client: SFNClient, stateMachineArn: string): Timers => ({
  async arm(instance, now, correlationId) {
    const next = nextAlarm(instance);
    return next !== undefined && this.armAt(instance, next, now, correlationId);
  },
  async armAt(armed, next, now, correlationId) {
    if (toMs(next) - toMs(now) > FAR_ALARM_MS) return false;
    const { caseId, kpi, generation, epoch } = armed;
    const input = JSON.stringify({ caseId, kpi, generation, epoch, correlationId, next: roundUpToSecond(next) });
    try {
      await client.send(new StartExecutionCommand({ stateMachineArn, name: nameOf(armed), input }));
    } catch (error) {
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
    }
    return true;
  },
  async disarm(armed) {
    const executionArn = executionArnOf(stateMachineArn, armed);
    try {
      await client.send(new StopExecutionCommand({ executionArn, cause: 'The clock has moved on' }));
    } catch (error) {
      // StopExecution refills slowly; an alarm that rings for nothing costs one transition.
      const isThrottled = error instanceof Error && error.name === 'ThrottlingException';
      if (!isThrottled && !(error instanceof ExecutionDoesNotExist)) throw error;
    }
  },
});
