import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  EventSourceMapping,
  FilterCriteria,
  FilterRule,
  type IFunction,
  MetricType,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { EVENT_ENTITY, TABLE } from '../../functions/table/schema.ts';
import type { Operations } from '../operations.ts';
import { ImpactAlarm } from './impact-alarm.ts';

export interface EventConsumerProps {
  readonly consumer: IFunction;
  readonly table: ITableV2;
  /** Where Lambda puts the records that it gave up, whole. */
  readonly failures: IBucket;
  /** What it is handed besides facts, by the value of `entity`. */
  readonly besides?: readonly string[];
  readonly batchSize: number;
  /** Batches of one shard at the same time; changes of one partition key stay in order. */
  readonly parallelizationFactor: number;
  /** What users notice when the consumer is behind, and from which age of the oldest record on. */
  readonly late: { readonly impact: string; readonly runbook: string; readonly after: Duration };
  /** What users notice when records are given up. */
  readonly givenUp: { readonly impact: string; readonly runbook: string };
  readonly operations: Operations;
}

/**
 * A reader of the table's stream that is handed facts, and nothing else unless it asks for it. Two at most: DynamoDB throttles a third reader
 * of a shard.
 */
export class EventConsumer extends Construct {
  constructor(scope: Construct, id: string, props: EventConsumerProps) {
    super(scope, id);

    const mapping = new EventSourceMapping(this, 'Mapping', {
      target: props.consumer,
      eventSourceArn: props.table.tableStreamArn,
      // Not LATEST: what is written while the mapping is being made would be lost without a trace.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: props.batchSize,
      parallelizationFactor: props.parallelizationFactor,
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.isEqual('INSERT'),
          dynamodb: { NewImage: { [TABLE.entity]: { S: FilterRule.or(EVENT_ENTITY, ...(props.besides ?? [])) } } },
        }),
      ],
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      // A bad record may hold up its shard for minutes, not for the 24 hours that the stream remembers. Splitting a batch
      // costs no attempt, so it is the bad record alone that is given up.
      retryAttempts: 10,
      maxRecordAge: Duration.hours(6),
      // A bucket and not a queue: only a bucket is given the records; a queue would be told their place in the stream.
      onFailure: { bind: () => ({ destination: props.failures.bucketArn }) },
      supportS3OnFailureDestination: true,
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
    props.table.grantStreamRead(props.consumer);
    // By hand, because S3OnFailureDestination would also let the function read and delete what was given up.
    props.consumer.addToRolePolicy(
      new PolicyStatement({ actions: ['s3:PutObject'], resources: [props.failures.arnForObjects('*')] }),
    );
    props.consumer.addToRolePolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [props.failures.bucketArn] }),
    );

    new ImpactAlarm(this, 'LateAlarm', {
      ...props.late,
      operations: props.operations,
      metric: props.consumer.metric('IteratorAge', { statistic: Stats.MAXIMUM, period: Duration.minutes(1) }),
      threshold: props.late.after.toMilliseconds(),
      periods: 5,
    });
    new ImpactAlarm(this, 'GivenUpAlarm', {
      ...props.givenUp,
      operations: props.operations,
      metric: new Metric({
        namespace: 'AWS/Lambda',
        metricName: 'OnFailureDestinationDeliveredEventCount',
        dimensionsMap: { EventSourceMappingUUID: mapping.eventSourceMappingId },
        statistic: Stats.SUM,
        period: Duration.minutes(5),
      }),
      threshold: 1,
    });
  }
}
