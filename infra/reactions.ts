import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import { FOLLOWING_ENTITY } from '../functions/table/schema.ts';
import type { Attachments } from './attachments.ts';
import { EventConsumer } from './constructs/event-consumer.ts';
import { ImpactAlarm } from './constructs/impact-alarm.ts';
import { ServiceFunction } from './constructs/service-function.ts';
import type { Operations } from './operations.ts';
import type { SlaTimer } from './sla-timer.ts';

export interface ReactionsProps {
  readonly table: ITableV2;
  readonly failures: IBucket;
  readonly attachments: Attachments;
  readonly slaTimer: SlaTimer;
  readonly operations: Operations;
}

/** What the service does by itself about a fact: route, cascade, arm and stop timers, run a service level's actions. */
export class Reactions extends Construct {
  readonly lambda: IFunction;

  constructor(scope: Construct, id: string, { table, failures, attachments, slaTimer, operations }: ReactionsProps) {
    super(scope, id);
    const reactions = new ServiceFunction(this, 'Function', {
      entry: 'functions/reactions/reactions.handler.ts',
      env: functionEnv.reactions,
      environment: {
        TABLE_NAME: table.tableName,
        SLA_TIMER_ARN: slaTimer.machine.stateMachineArn,
        STAGE: operations.stage,
        ATTACHMENT_BUCKET: attachments.bucket.bucketName,
      },
      failureImpact: 'New cases reach no queue, closing a parent closes no child, and timers are not armed.',
      runbook: 'reactions',
      operations,
      // A batch of 25 in which each fact starts a page of a cascade (90 writes and its reads, under 2 s).
      timeout: Duration.seconds(60),
    });
    this.lambda = reactions.lambda;
    table.grant(
      reactions,
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    );
    slaTimer.grantArmAndStop(reactions);
    new ImpactAlarm(this, 'NotArmedAlarm', {
      impact: 'Warnings and breaches of service levels will come late, because timers cannot be set.',
      runbook: 'timers-not-armed',
      operations,
      metric: reactions.metric('TimersNotArmed', { statistic: Stats.SUM, period: Duration.minutes(5) }),
      threshold: 1,
      // Each is tried again ten times; what goes on for ten minutes does not pass by itself.
      periods: 2,
    });
    attachments.grant(reactions, 's3:DeleteObject');

    new EventConsumer(this, 'Events', {
      consumer: reactions.lambda,
      table,
      failures,
      besides: [FOLLOWING_ENTITY],
      batchSize: 25,
      // A shard takes about 1,000 writes a second, of which a third are facts. At some 30 ms a reaction, one batch at a
      // time would fall behind; ten keep up.
      parallelizationFactor: 10,
      late: {
        impact: 'New cases reach their queue late, and cascades and timers wait.',
        runbook: 'reactions-late',
        after: Duration.minutes(1),
      },
      givenUp: {
        impact: 'Something that should have followed a change of a case did not happen: routing, a cascade or a timer.',
        runbook: 'reactions-given-up',
      },
      operations,
    });
  }
}
