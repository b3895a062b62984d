import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import { ServiceFunction } from './constructs/service-function.ts';

/** The dry run of the clock: it computes and touches nothing, hence no grant. */
export class Sla extends Construct {
  constructor(scope: Construct, id: string, { api, operations }: Omit<CapabilityProps, 'table'>) {
    super(scope, id);
    const slaApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/sla/sla-api.handler.ts',
      env: functionEnv.slaApi,
      environment: {},
      failureImpact: 'Administrators cannot try out service levels; real timers are not affected.',
      runbook: 'sla-api',
      operations,
      memorySize: 512,
    });
    api.serve('Sla', slaApi.lambda, '/v1/sla/{proxy+}');
  }
}
