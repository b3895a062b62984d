import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import { ImpactAlarm } from './constructs/impact-alarm.ts';
import { ServiceFunction } from './constructs/service-function.ts';
import type { Operations } from './operations.ts';
import type { SlaTimer } from './sla-timer.ts';

export interface CanaryProps {
  readonly table: ITableV2;
  readonly slaTimer: SlaTimer;
  readonly operations: Operations;
}

const EVERY = Duration.minutes(15);

/** Has a case live every quarter of an hour, so that what is broken is known before a customer's case meets it. */
export class Canary extends Construct {
  constructor(scope: Construct, id: string, { table, slaTimer, operations }: CanaryProps) {
    super(scope, id);
    const canary = new ServiceFunction(this, 'Function', {
      entry: 'functions/canary/canary.handler.ts',
      env: functionEnv.canary,
      environment: {
        TABLE_NAME: table.tableName,
        SLA_TIMER_ARN: slaTimer.machine.stateMachineArn,
        STAGE: operations.stage,
      },
      failureImpact:
        'A case that the service opened for itself did not get through its life, and others may not either.',
      runbook: 'canary',
      operations,
      // Five steps of half a minute at most, of which the first that takes so long is the last.
      timeout: Duration.minutes(3),
      memorySize: 512,
    });
    table.grant(
      canary,
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    );
    slaTimer.machine.grantExecution(canary, 'states:DescribeExecution');
    // A run that failed is what the alarm is to tell of.
    canary.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(5) });
    new Rule(this, 'EveryQuarter', {
      description: 'Has the canary open a case and follow it through its life',
      schedule: Schedule.rate(EVERY),
      targets: [new LambdaFunction(canary.lambda)],
    });
    new ImpactAlarm(this, 'SilentAlarm', {
      impact: 'Nobody would know that cases get stuck, because no case is opened to see it.',
      runbook: 'canary-silent',
      operations,
      metric: canary.metric('CanaryLife', { statistic: Stats.SAMPLE_COUNT, period: Duration.hours(1) }),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      whenMissing: TreatMissingData.BREACHING,
    });
  }
}
