import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import { DkimIdentity, EasyDkimSigningKeyLength, EmailIdentity, Identity } from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { Config } from './config.ts';

/**
 * The domains that mail is sent from, as Amazon SES knows them. Until the records that the outputs name are in their DNS,
 * SES sends nothing for them.
 */
export class MailIdentities extends Construct {
  constructor(scope: Construct, id: string, { domains, mailFromSubdomain }: NonNullable<Config['mail']>) {
    super(scope, id);
    for (const domain of domains) {
      const name = domain.replace(/[^a-z0-9]+/gi, '-');
      const identity = new EmailIdentity(this, name, {
        identity: Identity.domain(domain),
        dkimIdentity: DkimIdentity.easyDkim(EasyDkimSigningKeyLength.RSA_2048_BIT),
        // Bounces are told as events; as mails to the mailbox they would open cases.
        feedbackForwarding: false,
        mailFromDomain: mailFromSubdomain && `${mailFromSubdomain}.${domain}`,
      });
      identity.applyRemovalPolicy(RemovalPolicy.RETAIN);
      for (const [n, record] of identity.dkimRecords.entries())
        new CfnOutput(this, `${name}-dkim-${n + 1}`, {
          description: `A CNAME record of ${domain}`,
          value: `${record.name} CNAME ${record.value}`,
        });
    }
  }
}
