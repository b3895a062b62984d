import { setTimeout as pause } from 'node:timers/promises';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { DescribeExecutionCommand, ExecutionDoesNotExist, SFNClient } from '@aws-sdk/client-sfn';
import type { Context } from 'aws-lambda';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { metricsOf, publish } from '../meter.ts';
import { services } from '../services.ts';
import { executionArnOf } from '../sla/timers.ts';
import { clearOldCases } from './clear.ts';
import { type CanaryServices, live } from './live.ts';

const env = readEnv(functionEnv.canary);
const metrics = metricsOf(env.STAGE);
const stepFunctions = new SFNClient({});
const deps: CanaryServices = {
  ...services(env.TABLE_NAME),
  moment: () => pause(500),
  async waits(clock) {
    const executionArn = executionArnOf(env.SLA_TIMER_ARN, clock);
    try {
      return (await stepFunctions.send(new DescribeExecutionCommand({ executionArn }))).status === 'RUNNING';
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return false;
      throw error;
    }
  },
};

export const handler = async (_event: unknown, { awsRequestId }: Context): Promise<void> => {
  const began = performance.now();
  await clearOldCases(deps, deps.now());
  await live(deps, awsRequestId);
  metrics.addMetric('CanaryLife', MetricUnit.Milliseconds, performance.now() - began);
  publish(metrics);
  logger.info('alive', { correlationId: awsRequestId });
};
