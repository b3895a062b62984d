import { Duration, Stack } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { EventBus, Match, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  ConfigurationSet,
  ConfigurationSetEventDestination,
  EmailSendingEvent,
  EventDestination,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import { functionEnv } from '../functions/env.ts';
import type { CapabilityProps } from './cases.ts';
import type { Config } from './config.ts';
import { ImpactAlarm } from './constructs/impact-alarm.ts';
import { ServiceFunction } from './constructs/service-function.ts';

export interface MailOutProps extends Pick<CapabilityProps, 'table' | 'operations'> {
  readonly mail: NonNullable<Config['mail']>;
  readonly failures: IBucket;
}

/** From where on AWS looks at an account; at twice and five times as much it stops the account's mail. */
const REVIEWED = { bounces: 0.05, complaints: 0.001 };

/** Sending mail by Amazon SES, and hearing of what did not arrive. */
export class MailOut extends Construct {
  readonly configurationSet: string;
  /** Records what did not arrive. */
  readonly lambda: IFunction;
  private readonly domains: readonly string[];

  constructor(scope: Construct, id: string, { mail, table, failures, operations }: MailOutProps) {
    super(scope, id);
    this.domains = mail.domains;
    this.configurationSet = mail.configurationSet ?? `docket-${operations.stage}`;
    const bus = EventBus.fromEventBusName(this, 'AccountBus', 'default');
    const set = mail.configurationSet
      ? ConfigurationSet.fromConfigurationSetName(this, 'Set', mail.configurationSet)
      : new ConfigurationSet(this, 'Set', {
          configurationSetName: this.configurationSet,
          // Whom mail has come back from, or who has complained, is not written to again until an admin says so at SES.
          suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
        });
    new ConfigurationSetEventDestination(this, 'Events', {
      configurationSet: set,
      configurationSetEventDestinationName: `docket-${operations.stage}`,
      destination: EventDestination.eventBus(bus),
      events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT, EmailSendingEvent.REJECT],
    });

    const feedback = new ServiceFunction(this, 'Feedback', {
      entry: 'functions/replies/mail-feedback.handler.ts',
      env: functionEnv.mailFeedback,
      environment: { TABLE_NAME: table.tableName },
      failureImpact: 'Agents are not told of mail that did not reach its receiver.',
      runbook: 'mail-feedback',
      operations,
    });
    table.grant(
      feedback,
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:ConditionCheckItem',
    );
    this.lambda = feedback.lambda;
    // SES tells each thing once: what two more attempts could not record is kept.
    feedback.lambda.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: { bind: () => ({ destination: failures.bucketArn }) },
    });
    for (const [action, resource] of [
      ['s3:PutObject', failures.arnForObjects('*')],
      ['s3:ListBucket', failures.bucketArn],
    ] as const)
      feedback.lambda.addToRolePolicy(new PolicyStatement({ actions: [action], resources: [resource] }));
    new Rule(this, 'Told', {
      eventBus: bus,
      description: 'Has recorded what SES tells of mails that were sent by this stage',
      eventPattern: {
        source: ['aws.ses'],
        detailType: ['Email Bounced', 'Email Complaint Received', 'Email Rejected'],
        detail: {
          mail: { tags: { 'ses:configuration-set': [this.configurationSet], activityId: Match.exists() } },
        },
      },
      targets: [new LambdaFunction(feedback.lambda)],
    });

    const reputation = (metricName: string) =>
      new Metric({ namespace: 'AWS/SES', metricName, statistic: Stats.MAXIMUM, period: Duration.hours(1) });
    new ImpactAlarm(this, 'BouncesAlarm', {
      impact: 'Much mail does not reach its receivers, and AWS may stop all mail of the account.',
      runbook: 'mail-bounces',
      operations,
      metric: reputation('Reputation.BounceRate'),
      threshold: REVIEWED.bounces,
    });
    new ImpactAlarm(this, 'ComplaintsAlarm', {
      impact: 'Receivers call the mail of the service unwanted, and AWS may stop all mail of the account.',
      runbook: 'mail-complaints',
      operations,
      metric: reputation('Reputation.ComplaintRate'),
      threshold: REVIEWED.complaints,
    });
  }

  /** Lets somebody send, as a mailbox of the configured domains and as nobody else. */
  grantSend(grantee: IGrantable): void {
    const arn = (resource: string, resourceName: string) =>
      Stack.of(this).formatArn({ service: 'ses', resource, resourceName });
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        // The second is what SES asks for when the content is a whole mail.
        actions: ['ses:SendEmail', 'ses:SendRawEmail'],
        resources: [
          ...this.domains.map((domain) => arn('identity', domain)),
          arn('configuration-set', this.configurationSet),
        ],
        conditions: { StringLike: { 'ses:FromAddress': this.domains.map((domain) => `*@${domain}`) } },
      }),
    );
  }
}
