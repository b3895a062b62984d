import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** Where the records of the stream go that a consumer could not take in ten attempts. They hold customers' data. */
export class Failures extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      // Long enough to notice, repair and replay; an alarm rings for the first of them.
      lifecycleRules: [{ expiration: Duration.days(90) }],
    });
  }
}
