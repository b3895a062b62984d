import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { Attachments } from './attachments.ts';
import type { Config } from './config.ts';
import { Failures } from './failures.ts';
import { MailIdentities } from './mail-identities.ts';
import { ReceivedMail } from './received-mail.ts';
import { Table } from './table.ts';
import { People } from './user-pool.ts';

export interface DataStackProps extends StackProps {
  readonly config: Config;
}

/** What cannot be made again. The service's stack may be deleted and deployed anew beside it. */
export class DataStack extends Stack {
  /** The account's own key, when the configuration asks for one. */
  readonly key?: IKey;
  readonly table: ITableV2;
  readonly failures: IBucket;
  readonly attachments: Attachments;
  /** Where SES puts mail; absent where it receives none. */
  readonly receivedMail?: IBucket;
  /** Absent where people sign in elsewhere. */
  readonly pool?: IUserPool;

  constructor(scope: Construct, id: string, { config, ...props }: DataStackProps) {
    super(scope, id, props);
    this.key = config.customerManagedKey
      ? new Key(this, 'Key', { enableKeyRotation: true, removalPolicy: RemovalPolicy.RETAIN })
      : undefined;
    const key = this.key;
    this.table = new Table(this, 'Table', { key }).table;
    this.failures = new Failures(this, 'Failures', { retentionDays: config.failureRetentionDays, key }).bucket;
    this.attachments = new Attachments(this, 'Attachments', { corsOrigins: config.corsOrigins, key });
    this.pool = config.identityProvider ? undefined : new People(this, 'People', config).pool;
    this.receivedMail =
      config.mail?.receive && new ReceivedMail(this, 'ReceivedMail', { ...config.mail.receive, key }).bucket;
    if (config.mail?.createIdentities) new MailIdentities(this, 'Mail', config.mail);

    new CfnOutput(this, 'TableName', { value: this.table.tableName });
    new CfnOutput(this, 'FailureBucketName', { value: this.failures.bucketName });
    new CfnOutput(this, 'AttachmentBucketName', { value: this.attachments.bucket.bucketName });
    if (this.pool) new CfnOutput(this, 'UserPoolId', { value: this.pool.userPoolId });
  }
}
