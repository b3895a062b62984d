import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  CfnGlobalTable,
  ProjectionType,
  StreamViewType,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { INDEXES, TABLE } from '../functions/table/schema.ts';

const string = (name: string) => ({ name, type: AttributeType.STRING });

/** The one table. It outlives every deployment: nothing that CDK or CloudFormation does removes it. */
export class Table extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, props: { readonly key?: IKey } = {}) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: string(TABLE.partitionKey),
      sortKey: string(TABLE.sortKey),
      timeToLiveAttribute: TABLE.ttl,
      billing: Billing.onDemand(),
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      globalSecondaryIndexes: Object.entries(INDEXES).map(([indexName, { partitionKey, sortKey }]) => ({
        indexName,
        partitionKey: string(partitionKey),
        sortKey: string(sortKey),
        projectionType: ProjectionType.KEYS_ONLY,
      })),
    });
    if (props.key) this.encryptWith(props.key);
  }

  /** By hand: the library does it only for stacks that name their region, and ours are deployed in any. */
  private encryptWith(key: IKey): void {
    const resource = this.table.node.defaultChild;
    if (!(resource instanceof CfnGlobalTable)) throw new Error('The table has no resource of its own');
    resource.addPropertyOverride('SSESpecification', { SSEEnabled: true, SSEType: 'KMS' });
    resource.addPropertyOverride('Replicas.0.SSESpecification', { KMSMasterKeyId: key.keyArn });
  }
}
