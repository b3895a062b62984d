import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ServiceClock } from './clock.ts';
import { HostProblem } from './host-problem.ts';
import type { StorageService } from './storage.ts';
import { type CloudApp, propertiesOf } from './template.ts';

const Action = z.union([
  z.strictObject({ S3Action: z.object({ BucketName: z.string(), ObjectKeyPrefix: z.string().default('') }) }),
  z.strictObject({ LambdaAction: z.object({ FunctionArn: z.string(), InvocationType: z.literal('Event') }) }),
]);
const Rule = z.object({
  Rule: z.object({
    Enabled: z.boolean().default(false),
    Recipients: z.array(z.string()).default([]),
    Actions: z.array(Action),
  }),
});

/** A mail as a server hands it in, and the verdicts that SES would come to where they are not `PASS`. */
export interface HandedIn {
  readonly raw: Uint8Array<ArrayBuffer>;
  readonly recipients: readonly string[];
  readonly verdicts?: Readonly<Partial<Record<'spam' | 'virus' | 'spf' | 'dkim' | 'dmarc', 'PASS' | 'FAIL' | 'GRAY'>>>;
  readonly dmarcPolicy?: string;
}

/** Answers the mail's id, or nothing where no rule takes mail for any of its recipients. */
export type ReceiveMail = (mail: HandedIn) => Promise<string | undefined>;

interface Parts {
  readonly storage: StorageService;
  readonly clock: ServiceClock;
  readonly callLater: (functionArn: string, event: unknown) => void;
}

/** What Amazon SES does with mail that comes in: the actions of each receipt rule that names one of its recipients. */
export function mailReception(app: CloudApp, { storage, clock, callLater }: Parts): ReceiveMail {
  const rules = app.ofType('AWS::SES::ReceiptRule').map((resource) => {
    const parsed = Rule.safeParse(propertiesOf(resource, z.unknown()));
    if (!parsed.success)
      throw new HostProblem(`The rule ${resource.name} has an action that the local host does not do.`);
    return parsed.data.Rule;
  });
  return async ({ raw, recipients: all, verdicts = {}, dmarcPolicy }) => {
    const messageId = randomUUID().replaceAll('-', '');
    let isTaken = false;
    for (const { Enabled, Recipients, Actions } of rules) {
      const recipients = all.filter((one) => Recipients.length === 0 || Recipients.some((name) => isFor(one, name)));
      if (!Enabled || recipients.length === 0) continue;
      isTaken = true;
      const timestamp = new Date(clock.now()).toISOString();
      const verdictOf = (name: keyof typeof verdicts) => ({ status: verdicts[name] ?? 'PASS' });
      const receipt = {
        timestamp,
        processingTimeMillis: 1,
        recipients,
        spamVerdict: verdictOf('spam'),
        virusVerdict: verdictOf('virus'),
        spfVerdict: verdictOf('spf'),
        dkimVerdict: verdictOf('dkim'),
        dmarcVerdict: verdictOf('dmarc'),
        ...(dmarcPolicy && { dmarcPolicy }),
      };
      for (const action of Actions) {
        if ('S3Action' in action) {
          const { BucketName, ObjectKeyPrefix } = action.S3Action;
          await storage.put(BucketName, `${ObjectKeyPrefix}${messageId}`, raw);
        } else {
          const mail = { timestamp, messageId, destination: all, headersTruncated: false };
          const { FunctionArn } = action.LambdaAction;
          const told = { mail, receipt: { ...receipt, action: { type: 'Lambda', functionArn: FunctionArn } } };
          callLater(FunctionArn, { Records: [{ eventSource: 'aws:ses', eventVersion: '1.0', ses: told }] });
        }
      }
    }
    return isTaken ? messageId : undefined;
  };
}

/** A rule names an address, a domain, or with a dot before it what is below a domain. */
const isFor = (recipient: string, name: string): boolean => {
  const [address, wanted] = [recipient.toLowerCase(), name.toLowerCase()];
  if (wanted.includes('@')) return address === wanted;
  return wanted.startsWith('.') ? address.endsWith(wanted) : address.endsWith(`@${wanted}`);
};
