import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import { z } from 'zod';

const slug = z.string().regex(/^[a-z][a-z0-9-]{0,19}$/, 'lower-case letters, digits and dashes, at most 20');

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
  throttle: z
    .strictObject({ rateLimit: z.int().positive(), burstLimit: z.int().positive() })
    .default({ rateLimit: 1000, burstLimit: 2000 }),
  logRetentionDays: z.enum(RetentionDays).default(RetentionDays.THREE_MONTHS),
  /** Where people return to after signing in or out. */
  signInCallbackUrls: z.array(z.url()).min(1).default(['http://localhost:3000/']),
  /**
   * Which machines webhooks and channels may call: those on the public internet, by https only; or any, by http too, as a
   * service in a network of its own may want it.
   */
  outboundAddresses: z.enum(['public', 'any']).default('public'),
  /** One machine client each, so that one integration can be shut out without the others. */
  integrations: z.array(slug).default(['default']),
});
export type Config = z.infer<typeof Config>;

/**
 * Reads the configuration from context: `stage` names the stage (`cdk deploy -c stage=prod`), and the object under that
 * name in `stages` in cdk.json holds what differs from the defaults. Words that mean nothing are refused.
 */
export const readConfig = (node: Node): Config => {
  const stage: unknown = node.tryGetContext('stage') ?? 'dev';
  const stages = z.record(z.string(), z.record(z.string(), z.unknown())).parse(node.tryGetContext('stages') ?? {});
  return Config.parse({ ...stages[String(stage)], stage });
};
