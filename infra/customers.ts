import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { Attachments } from './attachments.ts';
import type { CapabilityProps } from './cases.ts';
import { ServiceFunction } from './constructs/service-function.ts';

interface CustomersProps extends CapabilityProps {
  /** Whose files go with a customer who is erased. */
  readonly attachments: Attachments;
}

export class Customers extends Construct {
  constructor(scope: Construct, id: string, { table, attachments, api, operations }: CustomersProps) {
    super(scope, id);
    const customersApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/customers/customers-api.handler.ts',
      env: functionEnv.customersApi,
      environment: { TABLE_NAME: table.tableName, ATTACHMENT_BUCKET: attachments.bucket.bucketName },
      failureImpact: 'Agents cannot look up or record customers, so new customers get no case.',
      runbook: 'customers-api',
      operations,
    });
    table.grant(
      customersApi,
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    );
    attachments.grant(customersApi, 's3:DeleteObject');
    api.serve('Customers', customersApi.lambda, '/v1/customers', '/v1/customers/{proxy+}');
  }
}
