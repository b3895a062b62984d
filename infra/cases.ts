import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import { ServiceFunction } from './constructs/service-function.ts';
import type { HttpApi } from './http-api.ts';
import type { Operations } from './operations.ts';

export interface CapabilityProps {
  readonly table: ITableV2;
  readonly api: HttpApi;
  readonly operations: Operations;
}

export class Cases extends Construct {
  constructor(scope: Construct, id: string, { table, api, operations }: CapabilityProps) {
    super(scope, id);
    const casesApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/cases/cases-api.handler.ts',
      env: functionEnv.casesApi,
      environment: { TABLE_NAME: table.tableName },
      failureImpact: 'Agents cannot open, change or close cases.',
      runbook: 'cases-api',
      operations,
    });
    table.grant(
      casesApi,
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    );
    api.serve(
      'Cases',
      casesApi.lambda,
      '/v1/cases',
      '/v1/cases/{proxy+}',
      // What cases are converted to, known to those who may know of the case.
      '/v1/leads/{proxy+}',
      '/v1/opportunities/{proxy+}',
    );
  }
}
