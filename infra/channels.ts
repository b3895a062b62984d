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
    );
  }
}
