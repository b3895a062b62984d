import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesised } from '../support/synthesised.ts';

const { data, service } = synthesised();
const [table] = resourcesOf(data, 'AWS::DynamoDB::GlobalTable').map(([, resource]) => resource);

describe('the table', () => {
  it('is one, and pays for what is asked of it', () => {
    data.resourceCountIs('AWS::DynamoDB::GlobalTable', 1);
    expect(table?.Properties.BillingMode).toBe('PAY_PER_REQUEST');
  });

  it('streams both images of every change', () => {
    expect(table?.Properties.StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
  });

  it('forgets items at expiresAt', () => {
    expect(table?.Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expiresAt', Enabled: true });
  });

  it('has six indexes of keys only from the start', () => {
    expect(table?.Properties.GlobalSecondaryIndexes).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => ({
        IndexName: `GSI${n}`,
        KeySchema: [
          { AttributeName: `GSI${n}PK`, KeyType: 'HASH' },
          { AttributeName: `GSI${n}SK`, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      })),
    );
  });

  it('can be restored to any second, and not be deleted', () => {
    data.hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        Replicas: [
          Match.objectLike({
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          }),
        ],
      },
    });
  });
});

describe('what is kept', () => {
  it('outlives its stack, all of it', () => {
    const removable = Object.values(
      data.toJSON().Resources as Record<string, { Type: string; DeletionPolicy?: string }>,
    )
      .filter(({ DeletionPolicy }) => DeletionPolicy !== 'Retain')
      .map(({ Type }) => Type);
    expect(new Set(removable)).toEqual(new Set(['AWS::S3::BucketPolicy']));
  });

  it('is not in the stack that runs', () => {
    for (const type of ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::Cognito::UserPool']) {
      service.resourceCountIs(type, 0);
    }
  });

  it('keeps the failure bucket to this account and to encrypted connections', () => {
    data.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    data.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
      },
    });
  });
});
