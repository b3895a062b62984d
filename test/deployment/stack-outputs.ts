import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Pool } from './cognito.ts';

/** What `cdk deploy --all --outputs-file <file>` tells of a stage. */
export interface Deployed extends Pool {
  readonly url: string;
  readonly tableName: string;
}

const Data = z.object({ TableName: z.string(), UserPoolId: z.string() });
const Service = z.looseObject({ ApiUrl: z.url(), PeopleClientId: z.string() });

/** Reads the file of outputs for the stage whose stacks it holds, with the machine client of one integration. */
export const readOutputs = (file: string, integration: string): Deployed => {
  const stacks = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')));
  const stackOf = (kind: string) => Object.entries(stacks).find(([name]) => name.endsWith(`-${kind}`))?.[1];
  const data = Data.parse(stackOf('Data'));
  const service = Service.parse(stackOf('Service'));
  const machine = z.string({ error: `The stage has no integration ${integration}` });
  return {
    url: service.ApiUrl,
    tableName: data.TableName,
    poolId: data.UserPoolId,
    peopleClientId: service.PeopleClientId,
    integrationClientId: machine.parse(service[`IntegrationClientId${integration.replaceAll('-', '')}`]),
  };
};
