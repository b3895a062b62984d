import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import { ServiceFunction } from './constructs/service-function.ts';

/** What goes in and out by the file. */
export class Portability extends Construct {
  constructor(scope: Construct, id: string, { table, api, operations }: CapabilityProps) {
    super(scope, id);
    const portabilityApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/portability/portability-api.handler.ts',
      env: functionEnv.portabilityApi,
      environment: { TABLE_NAME: table.tableName },
      failureImpact: 'Imports and exports stand still; what they have done so far stays.',
      runbook: 'portability-api',
      operations,
    });
    table.grant(
      portabilityApi,
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    );
    api.serve('Portability', portabilityApi.lambda, '/v1/exports/{proxy+}', '/v1/imports/{proxy+}');
  }
}
