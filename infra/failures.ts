import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { accept } from './constructs/accept.ts';

/** Where the records of the stream go that a consumer could not take in ten attempts. They hold customers' data. */
export class Failures extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: { readonly retentionDays: number; readonly key?: IKey }) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryptionKey: props.key,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      // Long enough to notice, repair and replay; an alarm rings for the first of them.
      lifecycleRules: [{ expiration: Duration.days(props.retentionDays) }],
    });
    accept(this.bucket, {
      S1: 'Lambda alone writes here, and redriving alone reads and deletes, which its own log tells.',
    });
  }
}
