import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import { ServiceFunction } from './constructs/service-function.ts';

/** Reads what the relay has indexed; it changes nothing. */
export class Search extends Construct {
  constructor(scope: Construct, id: string, { table, api, operations }: CapabilityProps) {
    super(scope, id);
    const searchApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/search/search-api.handler.ts',
      env: functionEnv.searchApi,
      environment: { TABLE_NAME: table.tableName },
      failureImpact: 'Agents cannot search for cases and customers; lists and reading go on.',
      runbook: 'search-api',
      operations,
    });
    table.grant(searchApi, 'dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query');
    api.serve('Search', searchApi.lambda, '/v1/search');
  }
}
