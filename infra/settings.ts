import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import { ServiceFunction } from './constructs/service-function.ts';

export class Settings extends Construct {
  constructor(scope: Construct, id: string, { table, api, operations }: CapabilityProps) {
    super(scope, id);
    const settingsApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/settings/settings-api.handler.ts',
      env: functionEnv.settingsApi,
      environment: { TABLE_NAME: table.tableName },
      failureImpact: 'Administrators cannot see or change the set-up; cases go on under the set-up there is.',
      runbook: 'settings-api',
      operations,
    });
    table.grant(
      settingsApi,
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    );
    api.serve('Settings', settingsApi.lambda, '/v1/settings/{proxy+}');
  }
}
