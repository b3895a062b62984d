import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, HttpMethods } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { accept } from './constructs/accept.ts';

export interface AttachmentsProps {
  readonly corsOrigins: readonly string[];
  readonly key?: IKey;
}

/** The files of cases. Browsers reach them by addresses that hold for minutes and are given to who may see the case. */
export class Attachments extends Construct {
  readonly bucket: Bucket;
  private readonly key?: IKey;

  constructor(scope: Construct, id: string, { corsOrigins, key }: AttachmentsProps) {
    super(scope, id);
    this.key = key;
    this.bucket = new Bucket(this, 'Bucket', {
      encryptionKey: key,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      // Messages as they came in that are too large for the table; those there expire after as many days.
      lifecycleRules: [{ prefix: 'attachments/raw/', expiration: Duration.days(30) }],
      cors:
        corsOrigins.length > 0
          ? [
              {
                allowedOrigins: [...corsOrigins],
                allowedMethods: [HttpMethods.GET, HttpMethods.PUT],
                allowedHeaders: ['content-type'],
              },
            ]
          : undefined,
    });
    accept(this.bucket, {
      S1: 'Every address is given out by a function that logs for whom; the trail of the account has the rest.',
    });
  }

  /** By hand: the bucket's own grants name actions by wildcards, and let more be done than is done. */
  grant(grantee: IGrantable, ...actions: readonly ('s3:GetObject' | 's3:PutObject' | 's3:DeleteObject')[]): void {
    const resources = [this.bucket.arnForObjects('attachments/*')];
    grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources }));
    this.key?.grant(grantee, 'kms:Decrypt', 'kms:GenerateDataKey');
  }
}
