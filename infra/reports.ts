import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import { ServiceFunction } from './constructs/service-function.ts';

/** Reads what the relay has counted, and recounts it when an admin asks. */
export class Reports extends Construct {
  constructor(scope: Construct, id: string, { table, api, operations }: CapabilityProps) {
    super(scope, id);
    const reportsApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/reports/reports-api.handler.ts',
      env: functionEnv.reportsApi,
      environment: { TABLE_NAME: table.tableName },
      failureImpact: 'Supervisors cannot see reports or the state of queues; what they tell goes on being counted.',
      runbook: 'reports-api',
      operations,
    });
    table.grant(
      reportsApi,
      'dynamodb:GetItem',
      'dynamodb:Query',
      // Signing in, and the recount.
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    );
    api.serve('Reports', reportsApi.lambda, '/v1/reports/{proxy+}');
  }
}
