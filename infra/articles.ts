import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import { ServiceFunction } from './constructs/service-function.ts';

export class Articles extends Construct {
  constructor(scope: Construct, id: string, { table, api, operations }: CapabilityProps) {
    super(scope, id);
    const articlesApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/articles/articles-api.handler.ts',
      env: functionEnv.articlesApi,
      environment: { TABLE_NAME: table.tableName },
      failureImpact: 'Agents cannot find, write or review knowledge articles.',
      runbook: 'articles-api',
      operations,
    });
    table.grant(
      articlesApi,
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
    );
    api.serve('Articles', articlesApi.lambda, '/v1/articles', '/v1/articles/{proxy+}');
  }
}
