import type { App } from 'aws-cdk-lib';
import { Tags } from 'aws-cdk-lib';
import type { Config } from './config.ts';
import { DataStack } from './data-stack.ts';
import { ServiceStack } from './service-stack.ts';

/**
 * Both stacks of one stage. No account and no region are named and nothing is looked up, so they synthesise without
 * credentials and deploy wherever the deployer is signed in.
 */
export const addDocket = (app: App, config: Config): { data: DataStack; service: ServiceStack } => {
  const data = new DataStack(app, `Docket-${config.stage}-Data`, { config, description: 'Docket: what is kept' });
  const service = new ServiceStack(app, `Docket-${config.stage}-Service`, {
    config,
    data,
    description: 'Docket: what runs',
  });
  Tags.of(app).add('docket:stage', config.stage);
  return { data, service };
};
