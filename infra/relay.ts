import { Duration } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import { EventConsumer } from './constructs/event-consumer.ts';
import { ServiceFunction } from './constructs/service-function.ts';
import type { Operations } from './operations.ts';

export interface RelayProps {
  readonly table: ITableV2;
  readonly failures: IBucket;
  readonly bus: IEventBus;
  readonly operations: Operations;
}

/** Tells what happened: facts of the table become events on the bus, and read models follow them. */
export class Relay extends Construct {
  readonly lambda: IFunction;

  constructor(scope: Construct, id: string, { table, failures, bus, operations }: RelayProps) {
    super(scope, id);
    const relay = new ServiceFunction(this, 'Function', {
      entry: 'functions/relay/relay.handler.ts',
      env: functionEnv.relay,
      environment: { TABLE_NAME: table.tableName, EVENT_BUS_NAME: bus.eventBusName },
      failureImpact: 'Other systems do not hear of what happens to cases, and search and reports do not follow it.',
      runbook: 'relay',
      operations,
      timeout: Duration.seconds(60),
    });
    this.lambda = relay.lambda;
    table.grant(
      relay,
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    );
    bus.grantPutEventsTo(relay);

    new EventConsumer(this, 'Events', {
      consumer: relay.lambda,
      table,
      failures,
      // Ten calls of PutEvents, which takes ten events each. Some fifty cases, eight at a time, take under a second to
      // follow.
      batchSize: 100,
      parallelizationFactor: 10,
      late: {
        impact: 'Other systems hear of what happens to cases minutes late, and so do search and reports.',
        runbook: 'relay-late',
        after: Duration.minutes(5),
      },
      givenUp: {
        impact: 'Other systems were not told of something that happened to a case.',
        runbook: 'relay-given-up',
      },
      operations,
    });
  }
}
