import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IEventBus, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { Attachments } from './attachments.ts';
import { ImpactAlarm } from './constructs/impact-alarm.ts';
import { ServiceFunction } from './constructs/service-function.ts';
import type { Operations } from './operations.ts';
import type { SlaTimer } from './sla-timer.ts';

export interface SweeperProps {
  readonly table: ITableV2;
  readonly attachments: Attachments;
  readonly slaTimer: SlaTimer;
  readonly bus: IEventBus;
  readonly operations: Operations;
}

/** What the sweeper counts in each run. One is enough: each was lost somewhere, and a cascade or a parked reaction is found only once in a while. */
const findings = [
  {
    metricName: 'OverdueTimers',
    impact: 'Warnings and breaches of service levels come late, because timers do not ring by themselves.',
    runbook: 'overdue-timers',
  },
  {
    metricName: 'UnroutedCases',
    impact: 'Customers wait, because new cases stay in no queue and no agent sees them.',
    runbook: 'unrouted-cases',
  },
  {
    metricName: 'StalledCascades',
    impact: 'Children of closed parents stay open, and their agents go on working on them.',
    runbook: 'stalled-cascades',
  },
  {
    metricName: 'StalledBroadcasts',
    impact: 'What was told to all children of a case has not reached them, and whoever said it counts on it.',
    runbook: 'stalled-broadcasts',
  },
  {
    metricName: 'StalledMerges',
    impact: 'Activities and children of merged cases are not on the case that survived, and agents miss them there.',
    runbook: 'stalled-merges',
  },
  {
    metricName: 'StalledHandOvers',
    impact: 'Open cases of people who have left stay with them, and nobody works on them.',
    runbook: 'stalled-hand-overs',
  },
  {
    metricName: 'StalledErasures',
    impact: 'Customers who were to be forgotten are still named in cases, and the law sets a term for it.',
    runbook: 'stalled-erasures',
  },
  {
    metricName: 'StalledFollowings',
    impact: 'Open cases of customers who were edited keep the service levels that held for them before.',
    runbook: 'stalled-followings',
  },
  {
    metricName: 'ParkedReactions',
    impact: 'Something that should have followed a change of a case is waiting for an operator.',
    runbook: 'parked-reactions',
  },
  {
    metricName: 'UnprojectedFacts',
    impact: 'Search and reports do not show what happened to some cases minutes ago.',
    runbook: 'unprojected-facts',
  },
  {
    metricName: 'LateDeliveries',
    impact: 'Subscribers of webhooks do not hear of what happened minutes ago.',
    runbook: 'late-deliveries',
  },
];

/** Finds what should have happened and did not, and sets it going: lost means late, never silent. */
export class Sweeper extends Construct {
  readonly lambda: IFunction;

  constructor(scope: Construct, id: string, { table, attachments, slaTimer, bus, operations }: SweeperProps) {
    super(scope, id);
    const sweeper = new ServiceFunction(this, 'Function', {
      entry: 'functions/sweeper/sweeper.handler.ts',
      env: functionEnv.sweeper,
      environment: {
        TABLE_NAME: table.tableName,
        SLA_TIMER_ARN: slaTimer.machine.stateMachineArn,
        STAGE: operations.stage,
        EVENT_BUS_NAME: bus.eventBusName,
        ATTACHMENT_BUCKET: attachments.bucket.bucketName,
      },
      failureImpact: 'Lost timers, routings and cascades are not picked up again.',
      runbook: 'sweeper',
      operations,
      // Ends before the next run begins, and leaves to that one what it did not get to.
      timeout: Duration.seconds(55),
    });
    this.lambda = sweeper.lambda;
    table.grant(
      sweeper,
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    );
    slaTimer.grantArmAndStop(sweeper);
    attachments.grant(sweeper, 's3:DeleteObject');
    bus.grantPutEventsTo(sweeper);
    // A run that failed or could not start is not made up for: the next one does all that it would have done.
    sweeper.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });

    new Rule(this, 'EveryMinute', {
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(sweeper.lambda)],
    });

    for (const { metricName, impact, runbook } of findings) {
      new ImpactAlarm(this, `${metricName}Alarm`, {
        impact,
        runbook,
        operations,
        metric: sweeper.metric(metricName, {
          statistic: Stats.MAXIMUM,
          period: Duration.minutes(1),
        }),
        threshold: 1,
      });
    }
    new ImpactAlarm(this, 'SilentAlarm', {
      impact: 'Lost timers, routings and cascades would not be noticed, because nothing looks for them.',
      runbook: 'sweeper-silent',
      operations,
      metric: sweeper.lambda.metricInvocations({ statistic: Stats.SUM, period: Duration.minutes(5) }),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      whenMissing: TreatMissingData.BREACHING,
    });
  }
}
