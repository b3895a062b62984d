import type { App } from 'aws-cdk-lib';
import { Tags } from 'aws-cdk-lib';
import type { Config } from './config.ts';
import { DataStack } from './data-stack.ts';
import { FirewallStack } from './firewall-stack.ts';
import { ServiceStack } from './service-stack.ts';

/**
 * Both stacks of one stage. No account and no region are named and nothing is looked up, so they synthesise without
 * credentials and deploy wherever the deployer is signed in. The firewall's, where there is one, goes to the one region
 * that CloudFront takes firewalls from.
 */
export const addDocket = (app: App, config: Config): { data: DataStack; service: ServiceStack } => {
  const data = new DataStack(app, `Docket-${config.stage}-Data`, { config, description: 'Docket: what is kept' });
  const service = new ServiceStack(app, `Docket-${config.stage}-Service`, {
    config,
    data,
    description: 'Docket: what runs',
  });
  if (config.waf) {
    new FirewallStack(app, `Docket-${config.stage}-Firewall`, {
      config,
      env: { region: 'us-east-1' },
      description: 'Docket: what stands in front',
    });
  }
  Tags.of(app).add('docket:stage', config.stage);
  return { data, service };
};
