import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import cdk from '../../cdk.json' with { type: 'json' };
import { Config } from '../../infra/config.ts';
import { addDocket } from '../../infra/docket.ts';
import { BEHIND_A_FIREWALL } from '../support/configs.ts';
import { resourcesOf } from '../support/synthesised.ts';

const stacksOf = (config: object) => {
  const app = new App({
    context: { ...cdk.context, 'aws:cdk:bundling-stacks': [] },
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  addDocket(app, Config.parse({ stage: 'test', ...config }));
  return app.node.children;
};
const firewallOf = (config: object): Template => {
  const found = stacksOf(config).find(({ node }) => node.id === 'Docket-test-Firewall');
  return Template.fromStack(found as Parameters<typeof Template.fromStack>[0]);
};

describe('a stage without a firewall', () => {
  it('has no stack for one, and its functions ask for nothing', () => {
    expect(stacksOf({}).map(({ node }) => node.id)).toEqual(['Docket-test-Data', 'Docket-test-Service']);
  });
});

describe('a stage with a firewall', () => {
  const firewall = firewallOf(BEHIND_A_FIREWALL);

  it('has one for CloudFront, in the region that CloudFront takes it from, on every request', () => {
    firewall.hasResourceProperties('AWS::WAFv2::WebACL', { Scope: 'CLOUDFRONT', DefaultAction: { Allow: {} } });
    const stack = stacksOf(BEHIND_A_FIREWALL).find(({ node }) => node.id === 'Docket-test-Firewall');
    expect(stack).toMatchObject({ region: 'us-east-1' });
    const [[acl = ''] = []] = resourcesOf(firewall, 'AWS::WAFv2::WebACL');
    firewall.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Aliases: ['desk-api.example.com'],
        WebACLId: { 'Fn::GetAtt': [acl, 'Arn'] },
        DefaultCacheBehavior: { ViewerProtocolPolicy: 'https-only' },
      },
    });
  });

  it('refuses an address that asks too often, and keeps the rules that AWS keeps', () => {
    const [[, acl] = []] = resourcesOf(firewall, 'AWS::WAFv2::WebACL');
    expect(acl?.Properties.Rules).toMatchObject([
      { Action: { Block: {} }, Statement: { RateBasedStatement: { AggregateKeyType: 'IP', Limit: 10_000 } } },
      ...['AmazonIpReputationList', 'CommonRuleSet', 'KnownBadInputsRuleSet'].map((name) => ({
        Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: `AWSManagedRules${name}` } },
      })),
    ]);
  });

  it('shows the API who calls by words that no template has', () => {
    const text = JSON.stringify(firewall.toJSON());
    expect(text).toContain('{{resolve:secretsmanager:docket/origin:SecretString:::}}');
    firewall.hasResourceProperties('AWS::CloudFront::Distribution', {
      DistributionConfig: {
        Origins: [{ DomainName: 'origin.example.com', CustomOriginConfig: { OriginProtocolPolicy: 'https-only' } }],
      },
    });
    const found = stacksOf(BEHIND_A_FIREWALL).find(({ node }) => node.id === 'Docket-test-Service');
    const service = Template.fromStack(found as Parameters<typeof Template.fromStack>[0]);
    for (const [, { Properties }] of resourcesOf(service, 'AWS::Lambda::Function'))
      expect(Properties.Environment.Variables.ORIGIN_SHA256).toBe(BEHIND_A_FIREWALL.waf.originSha256.join());
  });
});
