import { describe, expect, it } from 'vitest';
import { functionEnv } from '../../functions/env.ts';
import { resourcesOf, synthesised } from '../support/synthesised.ts';

const { data, service } = synthesised({
  canary: true,
  mail: { domains: ['shop.example'], receive: { ruleSet: 'all' } },
});
const functions = resourcesOf(service, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);
const named = (name: string) => functions.find((one) => one.Environment.Variables.POWERTOOLS_SERVICE_NAME === name);

describe('every function', () => {
  it('runs on Node 24 and arm64 as an ES module', () => {
    for (const { Runtime, Architectures, Handler } of functions) {
      expect({ Runtime, Architectures, Handler }).toEqual({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
      });
    }
  });

  it.each([
    ['canary', functionEnv.canary],
    ['cases-api', functionEnv.casesApi],
    ['articles-api', functionEnv.articlesApi],
    ['channels-api', functionEnv.channelsApi],
    ['courier', functionEnv.courier],
    ['customers-api', functionEnv.customersApi],
    ['people-api', functionEnv.peopleApi],
    ['entitlements-api', functionEnv.entitlementsApi],
    ['portability-api', functionEnv.portabilityApi],
    ['inbound', functionEnv.inbound],
    ['mail-feedback', functionEnv.mailFeedback],
    ['mail-receiver', functionEnv.mailReceiver],
    ['queues-api', functionEnv.queuesApi],
    ['reports-api', functionEnv.reportsApi],
    ['search-api', functionEnv.searchApi],
    ['routing-api', functionEnv.routingApi],
    ['settings-api', functionEnv.settingsApi],
    ['sla-api', functionEnv.slaApi],
    ['docs-api', functionEnv.docsApi],
    ['reactions', functionEnv.reactions],
    ['redrive-api', functionEnv.redriveApi],
    ['relay', functionEnv.relay],
    ['ring', functionEnv.ring],
    ['sweeper', functionEnv.sweeper],
    ['webhooks-api', functionEnv.webhooksApi],
    ['webhook-sender', functionEnv.webhookSender],
  ])('%s gets the variables that it reads and the house ones', (name, schema) => {
    expect(Object.keys(named(name)?.Environment.Variables).sort()).toEqual(
      [
        ...Object.keys(schema.shape),
        'POWERTOOLS_SERVICE_NAME',
        'POWERTOOLS_METRICS_NAMESPACE',
        'LOG_LEVEL',
        'NODE_OPTIONS',
      ].sort(),
    );
  });

  it('logs to a group of its own that forgets', () => {
    const groups = new Set(functions.map(({ LoggingConfig }) => LoggingConfig.LogGroup.Ref));
    expect(groups.size).toBe(functions.length);
    for (const [, { Properties }] of resourcesOf(service, 'AWS::Logs::LogGroup')) {
      expect(Properties.RetentionInDays).toBe(90);
    }
  });

  it('that answers HTTP gives up before the gateway does at 30 s', () => {
    for (const fn of functions.filter(({ Environment }) =>
      /-api$/.test(Environment.Variables.POWERTOOLS_SERVICE_NAME),
    )) {
      expect(fn.Timeout).toBeLessThan(30);
    }
  });
});

describe('the sweeper', () => {
  it('runs every minute, ends within it, and leaves a failed run to the next', () => {
    service.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)' });
    expect(named('sweeper')?.Timeout).toBeLessThan(60);
    service.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });
});

describe('the templates', () => {
  it.each([
    ['data', data],
    ['service', service],
  ])('%s stays well under the 500 resources that CloudFormation takes', (_, template) => {
    expect(Object.keys(template.toJSON().Resources).length).toBeLessThan(450);
  });

  it('name no account and no region', () => {
    expect(JSON.stringify([data.toJSON(), service.toJSON()])).not.toMatch(/\b\d{12}\b|\b(us|eu|ap)-[a-z]+-\d\b/);
  });

  it('tell a deployer how to reach the service', () => {
    expect(Object.keys(data.toJSON().Outputs)).toEqual(
      expect.arrayContaining(['TableName', 'FailureBucketName', 'UserPoolId']),
    );
    expect(Object.keys(service.toJSON().Outputs)).toEqual(
      expect.arrayContaining(['ApiUrl', 'PeopleClientId', 'IntegrationClientIddefault', 'EventBusName', 'SlaTimerArn']),
    );
  });
});
