import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import { ServiceFunction } from './constructs/service-function.ts';

export class Queues extends Construct {
  constructor(scope: Construct, id: string, { table, api, operations }: CapabilityProps) {
    super(scope, id);
    const queuesApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/queues/queues-api.handler.ts',
      env: functionEnv.queuesApi,
      environment: { TABLE_NAME: table.tableName },
      failureImpact: 'Agents cannot see their queues, or pick and release cases.',
      runbook: 'queues-api',
      operations,
    });
    table.grant(
      queuesApi,
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    );
    api.serve('Queues', queuesApi.lambda, '/v1/queues', '/v1/queues/{proxy+}');
  }
}
