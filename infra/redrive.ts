import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import { ServiceFunction } from './constructs/service-function.ts';

interface Callable {
  readonly lambda: IFunction;
}

export interface RedriveProps extends CapabilityProps {
  readonly table: ITableV2;
  readonly failures: IBucket;
  readonly reactions: Callable;
  readonly relay: Callable;
  readonly sweeper: Callable;
  /** Absent where the stage sends no mail. */
  readonly mailFeedback?: Callable;
  /** Absent where it receives none by SES. */
  readonly mailReceiver?: Callable;
}

/** Lists what should have followed from facts and did not, and sets it going again when an administrator says so. */
export class Redrive extends Construct {
  constructor(scope: Construct, id: string, props: RedriveProps) {
    super(scope, id);
    const { table, api, failures, operations } = props;
    const [reactions, relay, sweeper] = [props.reactions.lambda, props.relay.lambda, props.sweeper.lambda];
    const mailFeedback = props.mailFeedback?.lambda;
    const mailReceiver = props.mailReceiver?.lambda;
    const redriveApi = new ServiceFunction(this, 'Api', {
      entry: 'functions/redrive/redrive-api.handler.ts',
      env: functionEnv.redriveApi,
      environment: {
        TABLE_NAME: table.tableName,
        FAILURE_BUCKET: failures.bucketName,
        REACTIONS_ARN: reactions.functionArn,
        RELAY_ARN: relay.functionArn,
        MAIL_FEEDBACK_ARN: mailFeedback?.functionArn ?? '',
        MAIL_RECEIVER_ARN: mailReceiver?.functionArn ?? '',
        SWEEPER_ARN: sweeper.functionArn,
      },
      failureImpact: 'Operators cannot see or repeat what failed; it stays where it is.',
      runbook: 'redrive-api',
      operations,
    });
    table.grant(redriveApi, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    for (const fn of [reactions, relay, sweeper, mailFeedback, mailReceiver].flatMap((one) => one ?? []))
      fn.grantInvokeLatestVersion(redriveApi);
    // By hand: the bucket's own grants name actions by wildcards.
    const grant = (resource: string, ...actions: string[]) =>
      redriveApi.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources: [resource] }));
    grant(failures.bucketArn, 's3:ListBucket');
    grant(failures.arnForObjects('aws/lambda/*'), 's3:GetObject', 's3:DeleteObject');
    api.serve('Redrive', redriveApi.lambda, '/v1/failures', '/v1/failures/{proxy+}');
  }
}
