import { RemovalPolicy } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Config } from './config.ts';

/** How the service is watched: where alarms go, and what its logs are called and how long they are kept. */
export class Operations extends Construct {
  readonly stage: string;
  readonly onAlarm: IAlarmAction;
  private readonly logRetention: Config['logRetentionDays'];

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    this.stage = config.stage;
    this.logRetention = config.logRetentionDays;

    // No topic policy on purpose: the default one lets this account's alarms publish, a policy of our own would replace it.
    const topic = new Topic(this, 'Alarms', { displayName: `Docket ${config.stage} alarms` });
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
