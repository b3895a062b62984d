import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import { ServiceFunction } from './constructs/service-function.ts';

/** The ways by which messages come in and go out: their set-up, what they took in, and what they send. */
export class Channels extends Construct {
  constructor(scope: Construct, id: string, { table, api, operations }: CapabilityProps) {
    super(scope, id);
    const channelsApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/channels/channels-api.handler.ts',
      env: functionEnv.channelsApi,
      environment: { TABLE_NAME: table.tableName },
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
      environment: { TABLE_NAME: table.tableName },
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
    // GET is how some providers make sure that the address is ours before they send anything to it.
    api.serveSigned('Inbound', inbound.lambda, [HttpMethod.POST, HttpMethod.GET], '/v1/channels/{channelId}/inbound');
  }
}
