import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import { ServiceFunction } from './constructs/service-function.ts';

/** The dry run of the rules: it reads what they look at and writes nothing. */
export class Routing extends Construct {
  constructor(scope: Construct, id: string, { table, api, operations }: CapabilityProps) {
    super(scope, id);
    const routingApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/routing/routing-api.handler.ts',
      env: functionEnv.routingApi,
      environment: { TABLE_NAME: table.tableName },
      failureImpact: 'Nobody can ask where the rules would send a case; real cases are routed all the same.',
      runbook: 'routing-api',
      operations,
      memorySize: 512,
    });
    table.grant(routingApi, 'dynamodb:GetItem', 'dynamodb:Query');
    api.serve('Routing', routingApi.lambda, '/v1/routing/{proxy+}');
  }
}
