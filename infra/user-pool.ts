import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccountRecovery, Mfa, UserPool, UserPoolGroup } from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import type { Config } from './config.ts';
import { accept } from './constructs/accept.ts';

/**
 * The people who work with cases, and their roles as groups. Kept like the table, because a person's `sub` is what cases
 * name as their owner: people made again in another pool would own nothing.
 */
export class People extends Construct {
  readonly pool: UserPool;

  constructor(scope: Construct, id: string, props: Pick<Config, 'stage' | 'mfa'>) {
    super(scope, id);
    this.pool = new UserPool(this, 'Pool', {
      userPoolName: `docket-${props.stage}`,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      mfa: props.mfa === 'required' ? Mfa.REQUIRED : Mfa.OPTIONAL,
      mfaSecondFactor: { sms: false, otp: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    accept(this.pool, {
      COG8: 'Threat protection is a plan that is paid for by the user. Nobody signs up by themselves, and a second factor is asked for.',
      ...(props.mfa === 'optional' && {
        COG2: 'The configuration of the stage leaves the second factor to each person.',
      }),
    });
    // A prefix is unique in a region for all of AWS, hence the account.
    this.pool
      .addDomain('SignIn', { cognitoDomain: { domainPrefix: `docket-${props.stage}-${Aws.ACCOUNT_ID}` } })
      .applyRemovalPolicy(RemovalPolicy.RETAIN);
    // With a group its memberships would go, and nobody could sign in to any effect.
    for (const groupName of ['agent', 'supervisor', 'admin']) {
      new UserPoolGroup(this, `Group-${groupName}`, { userPool: this.pool, groupName }).applyRemovalPolicy(
        RemovalPolicy.RETAIN,
      );
    }
  }
}
