import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import { ServiceFunction } from './constructs/service-function.ts';

export class People extends Construct {
  constructor(scope: Construct, id: string, { table, api, operations }: CapabilityProps) {
    super(scope, id);
    const peopleApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/people/people-api.handler.ts',
      env: functionEnv.peopleApi,
      environment: { TABLE_NAME: table.tableName },
      failureImpact: 'Administrators cannot see or change users and teams; those there are go on working.',
      runbook: 'people-api',
      operations,
    });
    table.grant(
      peopleApi,
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    );
    api.serve('People', peopleApi.lambda, '/v1/users', '/v1/users/{proxy+}', '/v1/teams', '/v1/teams/{proxy+}');
  }
}
