import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesised } from '../support/synthesised.ts';

describe('a stage that receives mail', () => {
  const receive = { ruleSet: 'all-mail', after: 'newsletters' };
  const { data, service } = synthesised({ mail: { domains: ['shop.example'], receive }, customerManagedKey: true });

  it('adds a rule to the set that is active, and makes none', () => {
    service.hasResourceProperties('AWS::SES::ReceiptRule', {
      RuleSetName: 'all-mail',
      After: 'newsletters',
      Rule: {
        Name: 'docket-test',
        Enabled: true,
        ScanEnabled: true,
        Recipients: ['shop.example'],
        Actions: [
          { S3Action: { ObjectKeyPrefix: 'received/' } },
          { LambdaAction: { InvocationType: 'Event', FunctionArn: Match.anyValue() } },
        ],
      },
    });
    for (const template of [data, service]) template.resourceCountIs('AWS::SES::ReceiptRuleSet', 0);
  });

  it('lets SES put mail into a bucket that forgets it, for this account only, and call the receiver', () => {
    const ofThisAccount = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
    const principal = { Service: 'ses.amazonaws.com' };
    data.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 's3:PutObject', Principal: principal, Condition: ofThisAccount }),
        ]),
      },
    });
    data.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
            Principal: principal,
            Condition: ofThisAccount,
          }),
        ]),
      },
    });
    data.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 30, Status: 'Enabled' }] },
    });
    service.hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'ses.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
    });
  });

  it('loses no mail that the receiver cannot take in', () => {
    const kept = resourcesOf(service, 'AWS::Lambda::EventInvokeConfig').filter(([id]) => id.startsWith('MailIn'));
    expect(kept).toMatchObject([
      [expect.anything(), { Properties: { MaximumRetryAttempts: 2, DestinationConfig: { OnFailure: {} } } }],
    ]);
  });
});

it('a stage that receives none has no bucket for it', () => {
  const { data, service } = synthesised({ mail: { domains: ['shop.example'] } });
  service.resourceCountIs('AWS::SES::ReceiptRule', 0);
  expect(JSON.stringify(data.toJSON())).not.toContain('ReceivedMail');
});
