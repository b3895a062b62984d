import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { AccountRecovery, Mfa, UserPool, UserPoolGroup } from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';

/**
 * The people who work with cases, and their roles as groups. Kept like the table, because a person's `sub` is what cases
 * name as their owner: people made again in another pool would own nothing.
 */
export class People extends Construct {
  readonly pool: UserPool;

  constructor(scope: Construct, id: string, props: { readonly stage: string }) {
    super(scope, id);
    this.pool = new UserPool(this, 'Pool', {
      userPoolName: `docket-${props.stage}`,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { sms: false, otp: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
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
