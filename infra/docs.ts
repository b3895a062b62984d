import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import { ServiceFunction } from './constructs/service-function.ts';

/** What anyone may read without a token, and the answer to routes that do not exist. It touches nothing, hence no grant. */
export class Docs extends Construct {
  constructor(scope: Construct, id: string, { api, operations }: Omit<CapabilityProps, 'table'>) {
    super(scope, id);
    const docsApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/docs/docs-api.handler.ts',
      env: functionEnv.docsApi,
      environment: {},
      failureImpact: 'Monitors that ask for health see the service as down, and its documentation cannot be read.',
      runbook: 'docs-api',
      operations,
      // The page that shows the document. `/docs/{file}` serves them.
      files: ['node_modules/swagger-ui-dist/swagger-ui.css', 'node_modules/swagger-ui-dist/swagger-ui-bundle.js'],
      memorySize: 512,
    });
    api.serveOpenly('Docs', docsApi.lambda, '/health', '/docs', '/docs/{file}', '/openapi.json');
  }
}
