import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { Attachments } from './attachments.ts';
import { ServiceFunction } from './constructs/service-function.ts';
import type { HttpApi } from './http-api.ts';
import type { Operations } from './operations.ts';

export interface CapabilityProps {
  readonly table: ITableV2;
  readonly api: HttpApi;
  readonly operations: Operations;
}

export interface CasesProps extends CapabilityProps {
  readonly attachments: Attachments;
}

export class Cases extends Construct {
  constructor(scope: Construct, id: string, { table, attachments, api, operations }: CasesProps) {
    super(scope, id);
    const casesApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/cases/cases-api.handler.ts',
      env: functionEnv.casesApi,
      environment: { TABLE_NAME: table.tableName, ATTACHMENT_BUCKET: attachments.bucket.bucketName },
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
    attachments.grant(casesApi, 's3:GetObject', 's3:PutObject');
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
