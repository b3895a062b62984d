import { Duration } from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { type IEventBus, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { Attachments } from './attachments.ts';
import type { CapabilityProps } from './cases.ts';
import type { Config } from './config.ts';
import { ServiceFunction } from './constructs/service-function.ts';
import type { MailOut } from './mail-out.ts';

export interface ChannelsProps extends CapabilityProps {
  readonly attachments: Attachments;
  readonly bus: IEventBus;
  readonly config: Config;
  /** Absent where the stage sends no mail. */
  readonly mailOut?: MailOut;
}

/** The ways by which messages come in and go out: their set-up, what they took in, and what they send. */
export class Channels extends Construct {
  constructor(scope: Construct, id: string, props: ChannelsProps) {
    super(scope, id);
    const { table, attachments, api, bus, config, mailOut, operations } = props;
    const kept = { TABLE_NAME: table.tableName, ATTACHMENT_BUCKET: attachments.bucket.bucketName };
    const channelsApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/channels/channels-api.handler.ts',
      env: functionEnv.channelsApi,
      environment: kept,
      failureImpact: 'Administrators cannot set up channels or see what came over them; messages go on coming in.',
      runbook: 'channels-api',
      operations,
    });
    table.grant(
      channelsApi,
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    );
    attachments.grant(channelsApi, 's3:GetObject', 's3:PutObject');
    api.serve(
      'Channels',
      channelsApi.lambda,
      '/v1/settings/channels',
      '/v1/settings/channels/{proxy+}',
      '/v1/settings/templates',
      '/v1/settings/templates/{proxy+}',
      '/v1/channels/{channelId}/intake',
      '/v1/channels/{channelId}/intake/{proxy+}',
    );

    const inbound = new ServiceFunction(this, 'Inbound', {
      entry: 'functions/channels/inbound.handler.ts',
      env: functionEnv.inbound,
      environment: { ...kept, OUTBOUND_ADDRESSES: config.outboundAddresses },
      failureImpact: 'Messages of customers do not come in; most senders try again for hours, some do not.',
      runbook: 'inbound',
      operations,
      usesSecretsOf: ['channel'],
    });
    table.grant(
      inbound,
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    );
    attachments.grant(inbound, 's3:PutObject');
    // GET is how some providers make sure that the address is ours before they send anything to it.
    api.serveSigned('Inbound', inbound.lambda, {
      '/v1/channels/{channelId}/inbound': [HttpMethod.POST, HttpMethod.GET],
      '/v1/channels/{channelId}/email': [HttpMethod.POST],
    });

    const courier = new ServiceFunction(this, 'Courier', {
      entry: 'functions/channels/courier.handler.ts',
      env: functionEnv.courier,
      environment: {
        ...kept,
        OUTBOUND_ADDRESSES: config.outboundAddresses,
        MAIL_CONFIGURATION_SET: mailOut?.configurationSet ?? '',
      },
      failureImpact: 'Replies of agents do not reach customers, or late.',
      runbook: 'courier',
      operations,
      usesSecretsOf: ['channel'],
      // Three attempts that hang until they are given up.
      timeout: Duration.seconds(60),
    });
    table.grant(
      courier,
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:ConditionCheckItem',
    );
    attachments.grant(courier, 's3:GetObject');
    mailOut?.grantSend(courier);
    // A call that is lost is not made up for: a minute later the courier finds in the table what has not left.
    courier.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(5) });
    new Rule(this, 'Queued', {
      eventBus: bus,
      description: 'Calls the courier for a message that is to leave',
      eventPattern: {
        source: ['docket'],
        detailType: ['activity.added'],
        detail: { data: { delivery: ['queued'] } },
      },
      targets: [new LambdaFunction(courier.lambda)],
    });
    new Rule(this, 'LookForQueued', {
      description: 'Has the courier look for messages that are due again, or were lost on the way',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaFunction(courier.lambda)],
    });
  }
}
