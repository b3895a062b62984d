import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import { ServiceFunction } from './constructs/service-function.ts';

export class Entitlements extends Construct {
  constructor(scope: Construct, id: string, { table, api, operations }: CapabilityProps) {
    super(scope, id);
    const entitlementsApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/entitlements/entitlements-api.handler.ts',
      env: functionEnv.entitlementsApi,
      environment: { TABLE_NAME: table.tableName },
      failureImpact: 'Supervisors cannot grant, renew or adjust what customers are entitled to.',
      runbook: 'entitlements-api',
      operations,
    });
    table.grant(
      entitlementsApi,
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:ConditionCheckItem',
    );
    api.serve(
      'Entitlements',
      entitlementsApi.lambda,
      '/v1/entitlements',
      '/v1/entitlements/{proxy+}',
      '/v1/customers/{customerId}/entitlements',
    );
  }
}
