import { CfnOutput, Duration, SecretValue, Stack, type StackProps } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  PriceClass,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import type { Config } from './config.ts';
import { accept } from './constructs/accept.ts';

export interface FirewallStackProps extends StackProps {
  readonly config: Config;
}

/** Groups of rules that AWS keeps, and which of their rules only count here, because of what the API takes by design. */
const MANAGED: readonly { name: string; onlyCounts?: readonly string[] }[] = [
  { name: 'AWSManagedRulesAmazonIpReputationList' },
  {
    name: 'AWSManagedRulesCommonRuleSet',
    // Customers write of scripts and paste addresses, bodies hold up to 1 MiB, and integrations need no User-Agent.
    onlyCounts: [
      'SizeRestrictions_BODY',
      'CrossSiteScripting_BODY',
      'GenericRFI_BODY',
      'GenericLFI_BODY',
      'EC2MetaDataSSRF_BODY',
      'NoUserAgent_HEADER',
    ],
  },
  { name: 'AWSManagedRulesKnownBadInputsRuleSet' },
];

/**
 * What stands in front of the API: an HTTP API takes no firewall itself. In a stack of its own, in the one region where
 * CloudFront looks for firewalls and certificates; it knows the API by name, so that no stack waits for the other.
 */
export class FirewallStack extends Stack {
  constructor(scope: Construct, id: string, { config, ...props }: FirewallStackProps) {
    super(scope, id, props);
    const { waf, domain } = config;
    if (!waf || !domain) throw new Error('A firewall stands in front of an API with a domain');

    const seen = (metricName: string) => ({
      cloudWatchMetricsEnabled: true,
      metricName: `docket-${config.stage}-${metricName}`,
      sampledRequestsEnabled: false,
    });
    const acl = new CfnWebACL(this, 'Acl', {
      name: `docket-${config.stage}`,
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: seen('acl'),
      rules: [
        {
          name: 'TooManyFromOneAddress',
          priority: 0,
          action: { block: { customResponse: { responseCode: 429 } } },
          statement: { rateBasedStatement: { aggregateKeyType: 'IP', limit: waf.requestsPerAddress } },
          visibilityConfig: seen('too-many'),
        },
        ...MANAGED.map(({ name, onlyCounts = [] }, n) => ({
          name,
          priority: n + 1,
          overrideAction: { none: {} },
          statement: {
            managedRuleGroupStatement: {
              vendorName: 'AWS',
              name,
              ruleActionOverrides: onlyCounts.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
            },
          },
          visibilityConfig: seen(name),
        })),
      ],
    });

    const distribution = new Distribution(this, 'Distribution', {
      comment: `Docket ${config.stage}`,
      domainNames: [waf.name],
      certificate: Certificate.fromCertificateArn(this, 'Certificate', waf.certificateArn),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_ALL,
      webAclId: acl.attrArn,
      defaultBehavior: {
        origin: new HttpOrigin(domain.name, {
          protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
          originSslProtocols: [OriginSslPolicy.TLS_V1_2],
          // The gateway's own limit.
          readTimeout: Duration.seconds(30),
          // Read from Secrets Manager when it is deployed: the template has the secret's name.
          customHeaders: {
            'x-docket-origin': SecretValue.secretsManager(waf.originSecretName).unsafeUnwrap(),
            'x-docket-host': waf.name,
          },
        }),
        allowedMethods: AllowedMethods.ALLOW_ALL,
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        // Every answer is somebody's own.
        cachePolicy: CachePolicy.CACHING_DISABLED,
        originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      },
    });
    accept(distribution, {
      CFR1: 'Customers may be anywhere; who may not call is the organisation’s to say, in the firewall.',
      CFR3: 'The gateway behind it logs each request that is let in, and the firewall’s metrics count the others.',
    });

    new CfnOutput(this, 'FirewallTarget', { value: distribution.distributionDomainName });
    new CfnOutput(this, 'ApiUrl', { value: `https://${waf.name}` });
  }
}
