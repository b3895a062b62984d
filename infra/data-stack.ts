import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { IUserPool } from 'aws-cdk-lib/aws-cognito';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Config } from './config.ts';
import { Failures } from './failures.ts';
import { Table } from './table.ts';
import { People } from './user-pool.ts';

export interface DataStackProps extends StackProps {
  readonly config: Config;
}

/** What cannot be made again. The service's stack may be deleted and deployed anew beside it. */
export class DataStack extends Stack {
  readonly table: ITableV2;
  readonly failures: IBucket;
  readonly pool: IUserPool;

  constructor(scope: Construct, id: string, { config, ...props }: DataStackProps) {
    super(scope, id, props);
    this.table = new Table(this, 'Table').table;
    this.failures = new Failures(this, 'Failures').bucket;
    this.pool = new People(this, 'People', config).pool;

    new CfnOutput(this, 'TableName', { value: this.table.tableName });
    new CfnOutput(this, 'FailureBucketName', { value: this.failures.bucketName });
    new CfnOutput(this, 'UserPoolId', { value: this.pool.userPoolId });
  }
}
