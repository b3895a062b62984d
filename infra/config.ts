import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import { z } from 'zod';

const slug = z.string().regex(/^[a-z][a-z0-9-]{0,19}$/, 'lower-case letters, digits and dashes, at most 20');

/** Requests a second, and how many may arrive at once. */
const Throttle = z.strictObject({ rateLimit: z.int().positive(), burstLimit: z.int().positive() });

/** What may differ between stages. Everything has a default, so a new stage needs nothing but its name. */
export const Config = z.strictObject({
  stage: slug.refine(
    (stage) => !/aws|amazon|cognito/.test(stage),
    'the sign-in domain may not contain aws, amazon or cognito',
  ),
  /** Who is told of alarms; each address has to confirm its subscription once. */
  alarmEmails: z.array(z.email()).default([]),
  /** Browser origins that may call the API. None: browsers of other origins are refused. */
  corsOrigins: z.array(z.url()).default([]),
  /** For the whole API: requests a second, and how many may arrive at once. */
  throttle: Throttle.default({ rateLimit: 1000, burstLimit: 2000 }),
  /** Lower limits of single routes, by the path as the API declares it: `/v1/reports/{proxy+}`. */
  throttleByPath: z.record(z.string().startsWith('/v1/'), Throttle).default({}),
  /** The API's own name, instead of the one that AWS gives it; the certificate is one of the stage's region. */
  domain: z.strictObject({ name: z.hostname(), certificateArn: z.string().startsWith('arn:aws:acm:') }).optional(),
  /**
   * CloudFront with a web application firewall in front of the API, under a name of its own. The API keeps `domain` and
   * refuses whoever does not come from there: docs/deployment.md tells how the two know each other.
   */
  waf: z
    .strictObject({
      name: z.hostname(),
      certificateArn: z
        .string()
        .startsWith('arn:aws:acm:us-east-1:', 'CloudFront takes certificates of us-east-1 only'),
      /** The secret of Secrets Manager, in us-east-1, by whose text CloudFront shows that it is the one that calls. */
      originSecretName: z.string().regex(/^[\w/+=.@-]{1,512}$/),
      /** The SHA-256 of that text, in hex; two while it is being changed. */
      originSha256: z
        .array(z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'))
        .min(1)
        .max(2),
      /** Requests of one address within five minutes, above which it is refused. */
      requestsPerAddress: z.int().min(10).default(10_000),
    })
    .optional(),
  logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  logRetentionDays: z.enum(RetentionDays).default(RetentionDays.THREE_MONTHS),
  /** How long the records are kept that a consumer of the stream gave up. They hold customers' data. */
  failureRetentionDays: z.int().min(14).max(3650).default(90),
  /** Encrypts table and buckets with a key of the account's own, which can be withdrawn; otherwise with keys of AWS. */
  customerManagedKey: z.boolean().default(false),
  /** Whether people of the user pool need a second factor: a code of an authenticator app. */
  mfa: z.enum(['required', 'optional']).default('required'),
  /** Another OpenID Connect issuer, instead of the user pool: its access tokens are admitted, by issuer and audience. */
  identityProvider: z
    .strictObject({
      issuer: z.url({ protocol: /^https$/ }),
      audience: z.array(z.string().min(1)).min(1),
      /** The claim that lists a person's roles: `agent`, `supervisor`, `admin`. */
      rolesClaim: z.string().min(1).default('groups'),
    })
    .optional(),
  /** Where people return to after signing in or out. */
  signInCallbackUrls: z.array(z.url()).min(1).default(['http://localhost:3000/']),
  /**
   * Which machines webhooks and channels may call: those on the public internet, by https only; or any, by http too, as a
   * service in a network of its own may want it.
   */
  outboundAddresses: z.enum(['public', 'any']).default('public'),
  /** Mail by Amazon SES. Without it nothing is sent over channels of kind `email`, and replies there say so. */
  mail: z
    .strictObject({
      /** Of the mailboxes: the service can send as these and as no other. */
      domains: z.array(z.hostname()).min(1),
      /** Whether the stage makes the identities of the domains at SES; otherwise they are there, and verified. */
      createIdentities: z.boolean().default(false),
      /** Below each domain that the stage makes: `bounce` has mail come from `bounce.<domain>`, for SPF to agree. */
      mailFromSubdomain: z.hostname().optional(),
      /** A configuration set that is there; otherwise the stage makes `docket-<stage>`. */
      configurationSet: z
        .string()
        .regex(/^[\w-]{1,64}$/, 'letters, digits, dashes and underscores, at most 64')
        .optional(),
      /** Has SES hand over what comes to the domains. Otherwise whatever receives mail posts it. */
      receive: z
        .strictObject({
          /** The set of receipt rules that is active. An account has one in each region, so it is there already. */
          ruleSet: z
            .string()
            .regex(/^[A-Za-z0-9][\w.-]{0,62}[A-Za-z0-9]$/, 'letters, digits, dots, dashes and underscores, 2 to 64'),
          /** The rule of that set behind which ours stands; without it ours is the first. */
          after: z.string().min(1).optional(),
          retentionDays: z.int().min(1).max(365).default(30),
        })
        .optional(),
    })
    .refine(({ createIdentities, mailFromSubdomain }) => createIdentities || !mailFromSubdomain, {
      path: ['mailFromSubdomain'],
      message: 'is for identities that the stage makes (createIdentities)',
    })
    .optional(),
  /** Whether the service opens a case for itself each quarter of an hour, and tells when it gets stuck. */
  canary: z.boolean().default(false),
  /** One machine client each, so that one integration can be shut out without the others. */
  integrations: z.array(slug).default(['default']),
});
export type Config = z.infer<typeof Config>;

const Consistent = Config.refine(({ waf, domain }) => !waf || (domain && domain.name !== waf.name), {
  path: ['waf'],
  message: 'needs a domain of another name, by which CloudFront reaches the API',
});

/**
 * Reads the configuration from context: `stage` names the stage (`cdk deploy -c stage=prod`), and the object under that
 * name in `stages` in cdk.json holds what differs from the defaults. Words that mean nothing are refused.
 */
export const readConfig = (node: Node): Config => {
  const stage: unknown = node.tryGetContext('stage') ?? 'dev';
  const stages = z.record(z.string(), z.record(z.string(), z.unknown())).parse(node.tryGetContext('stages') ?? {});
  const parsed = Consistent.safeParse({ ...stages[String(stage)], stage });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `  ${['stages', stage, ...path].join('.')}: ${message}`,
  );
  throw new Error(`The configuration of stage ${stage} (cdk.json, context) is refused:\n${problems.join('\n')}`);
};
