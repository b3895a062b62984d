import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Config } from './config.ts';

/** How the service is watched: where alarms go, and what its logs are called and how long they are kept. */
export class Operations extends Construct {
  readonly stage: string;
  readonly onAlarm: IAlarmAction;
  readonly logLevel: Config['logLevel'];
  /** The claim of a token that lists a person's roles, where it is not Cognito's. */
  readonly rolesClaim?: string;
  /** By what functions know that a request came through the firewall, where there is one. */
  readonly originSha256: readonly string[];
  /** The key that whoever touches the table must be able to use, when there is one. */
  readonly key?: IKey;
  private readonly logRetention: Config['logRetentionDays'];

  constructor(scope: Construct, id: string, { config, key }: { readonly config: Config; readonly key?: IKey }) {
    super(scope, id);
    this.logLevel = config.logLevel;
    this.rolesClaim = config.identityProvider?.rolesClaim;
    this.originSha256 = config.waf?.originSha256 ?? [];
    this.key = key;
    this.stage = config.stage;
    this.logRetention = config.logRetentionDays;

    const topic = new Topic(this, 'Alarms', { displayName: `Docket ${config.stage} alarms`, enforceSSL: true });
    // A policy of our own replaces the default one, by which this account's alarms may publish.
    topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    for (const address of config.alarmEmails) topic.addSubscription(new EmailSubscription(address));
    this.onAlarm = new SnsAction(topic);
  }

  /**
   * A log group with this stage's retention. Its name is given, so that the runbook can name it; it goes with the stack,
   * because a group left behind would make the next deployment fail on the name.
   */
  logGroup(scope: Construct, id: string, logGroupName: string): LogGroup {
    return new LogGroup(scope, id, {
      logGroupName,
      retention: this.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}
