import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesised } from '../support/synthesised.ts';

describe('a stage that sends mail', () => {
  const { data, service } = synthesised({
    mail: { domains: ['shop.example', 'help.example'], createIdentities: true, mailFromSubdomain: 'bounce' },
  });

  it('makes its domains known to SES, signed, and lets no bounce come as mail', () => {
    for (const domain of ['shop.example', 'help.example']) {
      data.hasResource('AWS::SES::EmailIdentity', {
        DeletionPolicy: 'Retain',
        Properties: {
          EmailIdentity: domain,
          FeedbackAttributes: { EmailForwardingEnabled: false },
          MailFromAttributes: { MailFromDomain: `bounce.${domain}` },
          DkimSigningAttributes: Match.anyValue(),
        },
      });
    }
    const records = Object.values(data.findOutputs('*', { Description: 'A CNAME record of shop.example' }));
    expect(records).toHaveLength(3);
  });

  it('hears of what did not arrive, of its own mail only, and loses none of it', () => {
    service.hasResourceProperties('AWS::SES::ConfigurationSet', {
      Name: 'docket-test',
      SuppressionOptions: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
    });
    service.hasResourceProperties('AWS::SES::ConfigurationSetEventDestination', {
      EventDestination: {
        Enabled: true,
        MatchingEventTypes: ['bounce', 'complaint', 'reject'],
        EventBridgeDestination: Match.anyValue(),
      },
    });
    service.hasResourceProperties('AWS::Events::Rule', {
      EventBusName: 'default',
      EventPattern: {
        source: ['aws.ses'],
        detail: { mail: { tags: { 'ses:configuration-set': ['docket-test'], activityId: [{ exists: true }] } } },
      },
    });
    service.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: Match.anyValue() },
    });
  });

  it('may use a configuration set that is there', () => {
    const shared = synthesised({ mail: { domains: ['shop.example'], configurationSet: 'everybody' } }).service;
    shared.resourceCountIs('AWS::SES::ConfigurationSet', 0);
    shared.hasResourceProperties('AWS::SES::ConfigurationSetEventDestination', { ConfigurationSetName: 'everybody' });
  });
});

it('a stage that sends no mail has nothing for it', () => {
  const { data, service } = synthesised();
  for (const template of [data, service]) expect(JSON.stringify(template.toJSON())).not.toMatch(/AWS::SES|ses:Send/);
  const [courier] = resourcesOf(service, 'AWS::Lambda::Function').filter(
    ([, { Properties }]) => Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME === 'courier',
  );
  expect(courier?.[1].Properties.Environment.Variables.MAIL_CONFIGURATION_SET).toBe('');
});
