import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import type { Config } from './config.ts';
import { ImpactAlarm } from './constructs/impact-alarm.ts';
import { ServiceFunction } from './constructs/service-function.ts';

export interface WebhooksProps extends CapabilityProps {
  readonly bus: IEventBus;
  readonly config: Config;
}

/** What the sender counts in each of its turns, and from which value on somebody should look. */
const findings = [
  {
    metricName: 'DeliveriesGivenUp',
    impact: 'A subscriber of webhooks was not told of something, in spite of ten attempts over three days.',
    runbook: 'deliveries-given-up',
    threshold: 1,
  },
  {
    metricName: 'SubscriptionsDisabled',
    impact:
      'A subscriber of webhooks hears of nothing any more, because its receiver failed for three days or is gone.',
    runbook: 'subscriptions-disabled',
    threshold: 1,
  },
  {
    metricName: 'OldestDueDelivery',
    impact: 'A subscriber of webhooks hears of what happens a quarter of an hour late, although its receiver answers.',
    runbook: 'slow-deliveries',
    threshold: Duration.minutes(15).toMilliseconds(),
  },
];

/** Tells subscribers outside what happens: their set-up, and the function that posts to them. */
export class Webhooks extends Construct {
  constructor(scope: Construct, id: string, { table, api, bus, config, operations }: WebhooksProps) {
    super(scope, id);
    const environment = {
      TABLE_NAME: table.tableName,
      EVENT_BUS_NAME: bus.eventBusName,
      OUTBOUND_ADDRESSES: config.outboundAddresses,
    };

    const webhooksApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/webhooks/webhooks-api.handler.ts',
      env: functionEnv.webhooksApi,
      environment,
      failureImpact: 'Administrators cannot see or change webhook subscriptions; events go on to those there are.',
      runbook: 'webhooks-api',
      operations,
    });
    table.grant(
      webhooksApi,
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
    );
    bus.grantPutEventsTo(webhooksApi);
    const path = '/v1/settings/webhook-subscriptions';
    api.serve('Webhooks', webhooksApi.lambda, path, `${path}/{proxy+}`);

    const sender = new ServiceFunction(this, 'Sender', {
      entry: 'functions/webhooks/webhook-sender.handler.ts',
      env: functionEnv.webhookSender,
      environment: { ...environment, STAGE: operations.stage },
      usesSecretsOf: ['webhook'],
      failureImpact: 'Subscribers of webhooks are not told of what happens, or late.',
      runbook: 'webhook-sender',
      operations,
      // Less than a turn lasts, so that no two send to one subscriber at the same time.
      timeout: Duration.minutes(2),
    });
    table.grant(sender, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    bus.grantPutEventsTo(sender);
    // A call that is lost is not made up for: the sweeper finds in the table what is due.
    sender.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(5) });
    new Rule(this, 'Wake', {
      eventBus: bus,
      description: 'Calls the sender for a subscription that has something to send',
      eventPattern: { source: ['docket.webhooks'], detailType: ['wake'] },
      targets: [new LambdaFunction(sender.lambda)],
    });

    for (const { metricName, impact, runbook, threshold } of findings) {
      new ImpactAlarm(this, `${metricName}Alarm`, {
        impact,
        runbook,
        operations,
        metric: sender.metric(metricName, { statistic: Stats.MAXIMUM, period: Duration.minutes(5) }),
        threshold,
      });
    }
  }
}
