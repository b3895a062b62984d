import { Aws, Duration } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { CfnReceiptRule } from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { Attachments } from './attachments.ts';
import type { CapabilityProps } from './cases.ts';
import type { Config } from './config.ts';
import { ServiceFunction } from './constructs/service-function.ts';
import { RECEIVED_PREFIX } from './received-mail.ts';

export interface MailInProps extends Pick<CapabilityProps, 'table' | 'operations'> {
  readonly domains: readonly string[];
  readonly receive: NonNullable<NonNullable<Config['mail']>['receive']>;
  readonly mail: IBucket;
  readonly attachments: Attachments;
  readonly failures: IBucket;
}

/**
 * Receiving mail by Amazon SES: a rule puts it into the bucket, and then calls the function with whom it was for and what
 * SES makes of it, which no header can be trusted to tell.
 */
export class MailIn extends Construct {
  readonly lambda: IFunction;

  constructor(scope: Construct, id: string, props: MailInProps) {
    super(scope, id);
    const { domains, receive, mail, table, attachments, failures, operations } = props;
    const receiver = new ServiceFunction(this, 'Receiver', {
      entry: 'functions/channels/mail-receiver.handler.ts',
      env: functionEnv.mailReceiver,
      environment: {
        TABLE_NAME: table.tableName,
        ATTACHMENT_BUCKET: attachments.bucket.bucketName,
        MAIL_BUCKET: mail.bucketName,
        MAIL_PREFIX: RECEIVED_PREFIX,
      },
      failureImpact: 'Mail of customers does not become cases; it is kept until it is handed over again.',
      runbook: 'mail-receiver',
      operations,
      // SES takes mail of 40 MB, which is in memory several times while it is read.
      memorySize: 2048,
      timeout: Duration.minutes(2),
    });
    table.grant(
      receiver,
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
      'dynamodb:ConditionCheckItem',
    );
    attachments.grant(receiver, 's3:PutObject');
    this.lambda = receiver.lambda;
    // SES calls once; what two more attempts could not take in is kept for a redrive.
    receiver.lambda.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: { bind: () => ({ destination: failures.bucketArn }) },
    });
    for (const [action, resource] of [
      ['s3:GetObject', mail.arnForObjects(`${RECEIVED_PREFIX}*`)],
      ['s3:PutObject', failures.arnForObjects('*')],
      ['s3:ListBucket', failures.bucketArn],
    ] as const)
      receiver.lambda.addToRolePolicy(new PolicyStatement({ actions: [action], resources: [resource] }));
    receiver.lambda.addPermission('Ses', {
      principal: new ServicePrincipal('ses.amazonaws.com'),
      sourceAccount: Aws.ACCOUNT_ID,
    });

    const rule = new CfnReceiptRule(this, 'Rule', {
      ruleSetName: receive.ruleSet,
      after: receive.after,
      rule: {
        name: `docket-${operations.stage}`,
        enabled: true,
        recipients: [...domains],
        scanEnabled: true,
        actions: [
          { s3Action: { bucketName: mail.bucketName, objectKeyPrefix: RECEIVED_PREFIX } },
          { lambdaAction: { functionArn: receiver.lambda.functionArn, invocationType: 'Event' } },
        ],
      },
    });
    // SES tries both when the rule is made.
    rule.node.addDependency(receiver, mail);
  }
}
