import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { accept } from './constructs/accept.ts';

/** What the keys of mails begin with; their ids follow. */
export const RECEIVED_PREFIX = 'received/';

/** Where SES puts mail as it came in. What is taken in of it is kept by the service, so this is for what was not. */
export class ReceivedMail extends Construct {
  readonly bucket: Bucket;

  constructor(
    scope: Construct,
    id: string,
    { retentionDays, key }: { readonly retentionDays: number; readonly key?: IKey },
  ) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryptionKey: key,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ expiration: Duration.days(retentionDays) }],
    });
    accept(this.bucket, {
      S1: 'SES alone writes here, and one function reads; who did is in the trail of the account.',
    });
    // By hand: only the rules of this account, and only new mails.
    const ses = new ServicePrincipal('ses.amazonaws.com');
    const conditions = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };
    const actions = ['s3:PutObject'];
    const resources = [this.bucket.arnForObjects(`${RECEIVED_PREFIX}*`)];
    this.bucket.addToResourcePolicy(new PolicyStatement({ principals: [ses], actions, resources, conditions }));
    key?.addToResourcePolicy(
      new PolicyStatement({
        principals: [ses],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions,
      }),
    );
  }
}
