import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { AwsRefusal, type Operations } from './aws-endpoint.ts';
import type { ServiceClock } from './clock.ts';
import type { DataFolder } from './data-folder.ts';
import type { Publish } from './event-bus.ts';
import { type Outbox, openOutbox, type Posted } from './outbox.ts';
import { ACCOUNT, type CloudApp, propertiesOf, REGION } from './template.ts';

const MOST_RECEIVERS = 50;
const MOST_BYTES = 40_000_000;

const addresses = z
  .array(z.string())
  .nullish()
  .transform((all) => all ?? []);
const SendEmail = z.object({
  FromEmailAddress: z.string().optional(),
  Destination: z.object({ ToAddresses: addresses, CcAddresses: addresses, BccAddresses: addresses }),
  Content: z.object({ Raw: z.object({ Data: z.base64() }) }),
  ConfigurationSetName: z.string().optional(),
  EmailTags: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
});

const ConfigurationSet = z.object({ Name: z.string() });
const EventDestination = z.object({
  ConfigurationSetName: z.string(),
  EventDestination: z.object({
    Enabled: z.boolean().default(true),
    MatchingEventTypes: z.array(z.string()),
    EventBridgeDestination: z.object({ EventBusArn: z.string() }).optional(),
  }),
});

export interface MailService {
  readonly operations: Operations;
  readonly outbox: Outbox;
}

/**
 * What of Amazon SES the service uses: `SendEmail` of a whole mail. It leaves for a folder instead of the world, with the
 * headers that SES replaces. Addresses of SES's mailbox simulator bring the events that they bring there.
 */
export function mailService(app: CloudApp, data: DataFolder, clock: ServiceClock, publish: Publish): MailService {
  const outbox = openOutbox(join(data.path, 'outbox'));
  const destinations = app
    .ofType('AWS::SES::ConfigurationSetEventDestination')
    .map((resource) => propertiesOf(resource, EventDestination));
  const sets = new Set([
    ...app.ofType('AWS::SES::ConfigurationSet').map((resource) => propertiesOf(resource, ConfigurationSet).Name),
    ...destinations.map(({ ConfigurationSetName }) => ConfigurationSetName),
  ]);

  const tell = (posted: Posted, eventType: string, detailType: string, detail: object) => {
    for (const { ConfigurationSetName, EventDestination: to } of destinations) {
      const bus = to.EventBridgeDestination?.EventBusArn.split('/').at(-1);
      const isWanted =
        to.Enabled && to.MatchingEventTypes.some((type) => type.toLowerCase() === eventType.toLowerCase());
      if (bus && isWanted && ConfigurationSetName === posted.configurationSet) {
        publish(bus, { source: 'aws.ses', detailType, detail: { eventType, ...detail, mail: mailOf(posted) } });
      }
    }
  };

  const send = (request: unknown) => {
    const { FromEmailAddress, Destination, Content, ConfigurationSetName, EmailTags } = SendEmail.parse(request);
    const { ToAddresses: to, CcAddresses: cc, BccAddresses: bcc } = Destination;
    const receivers = [...to, ...cc, ...bcc];
    const raw = Buffer.from(Content.Raw.Data, 'base64');
    const from = FromEmailAddress ?? headerOf(raw, 'From');
    if (ConfigurationSetName !== undefined && !sets.has(ConfigurationSetName)) {
      throw new AwsRefusal('NotFoundException', `Configuration set <${ConfigurationSetName}> does not exist.`);
    }
    if (!from || receivers.length === 0) throw new AwsRefusal('BadRequestException', 'Missing sender or receivers.');
    if (receivers.length > MOST_RECEIVERS) throw new AwsRefusal('BadRequestException', 'Recipient count exceeds 50.');
    if (raw.length > MOST_BYTES) throw new AwsRefusal('BadRequestException', 'Message length is more than 41943040.');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what SES takes is ASCII, which is these.
    if (![from, ...receivers].every((one) => /^[\x00-\x7f]*$/.test(one))) {
      throw new AwsRefusal('BadRequestException', 'Local address contains control or whitespace, or is not ASCII.');
    }
    const now = clock.now();
    const messageId = `0102${now.toString(16).padStart(12, '0')}-${randomUUID()}-000000`;
    const posted: Posted = {
      messageId,
      sentAt: new Date(now).toISOString(),
      from,
      to,
      cc,
      bcc,
      subject: headerOf(raw, 'Subject'),
      ...(ConfigurationSetName && { configurationSet: ConfigurationSetName }),
      tags: Object.fromEntries(EmailTags.map(({ Name, Value }) => [Name, Value])),
    };
    outbox.keep(posted, stamped(raw, messageId, now));
    for (const receiver of receivers) {
      const [, how] = /^(\w+)(?:\+[^@]*)?@simulator\.amazonses\.com$/i.exec(receiver) ?? [];
      const simulated = how && SIMULATED[how.toLowerCase()]?.(receiver, posted.sentAt);
      if (simulated) tell(posted, simulated.eventType, simulated.detailType, simulated.detail);
    }
    return { MessageId: messageId };
  };
  return { operations: { 'POST /v2/email/outbound-emails': send }, outbox };
}

type Simulate = (receiver: string, timestamp: string) => { eventType: string; detailType: string; detail: object };

const bounced =
  (bounceSubType: string, status: string, diagnosticCode: string): Simulate =>
  (emailAddress, timestamp) => ({
    eventType: 'Bounce',
    detailType: 'Email Bounced',
    detail: {
      bounce: {
        feedbackId: randomUUID(),
        bounceType: 'Permanent',
        bounceSubType,
        bouncedRecipients: [{ emailAddress, action: 'failed', status, diagnosticCode }],
        timestamp,
        reportingMTA: 'dns; amazonses.com',
      },
    },
  });

/** What the addresses of the mailbox simulator bring about, by what stands before the `@`. */
const SIMULATED: Readonly<Record<string, Simulate>> = {
  success: (receiver, timestamp) => ({
    eventType: 'Delivery',
    detailType: 'Email Delivered',
    detail: { delivery: { timestamp, recipients: [receiver], smtpResponse: '250 2.6.0 Message received' } },
  }),
  bounce: bounced('General', '5.1.1', 'smtp; 550 5.1.1 user unknown'),
  suppressionlist: bounced('Suppressed', '5.1.1', 'Amazon SES has suppressed sending to this address'),
  complaint: (emailAddress, timestamp) => ({
    eventType: 'Complaint',
    detailType: 'Email Complaint Received',
    detail: {
      complaint: {
        feedbackId: randomUUID(),
        complaintSubType: null,
        complainedRecipients: [{ emailAddress }],
        timestamp,
        complaintFeedbackType: 'abuse',
      },
    },
  }),
};

/** A mail as the events tell of it. */
const mailOf = ({ messageId, sentAt, from, to, cc, bcc, configurationSet, tags }: Posted) => ({
  timestamp: sentAt,
  messageId,
  source: from,
  sourceArn: `arn:aws:ses:${REGION}:${ACCOUNT}:identity/${from.split('@').at(-1)}`,
  sendingAccountId: ACCOUNT,
  destination: [...to, ...cc, ...bcc],
  tags: {
    'ses:configuration-set': [configurationSet],
    'ses:from-domain': [from.split('@').at(-1)],
    ...Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, [value]])),
  },
});

const END_OF_HEAD = '\r\n\r\n';

/** Head and body, by the first empty line; the head's lines are ended by CRLF. */
function cutMail(mail: Buffer): { head: string; body: Buffer } {
  const end = mail.indexOf(END_OF_HEAD);
  if (end < 0) throw new AwsRefusal('BadRequestException', 'The mail has no head that ends.');
  return { head: mail.toString('utf8', 0, end), body: mail.subarray(end) };
}

const fieldsOf = (head: string): string[] => head.split(/\r\n(?![ \t])/);

const headerOf = (mail: Buffer, name: string): string =>
  fieldsOf(cutMail(mail).head)
    .find((field) => field.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    ?.slice(name.length + 1)
    .replaceAll(/\r\n\s*/g, ' ')
    .trim() ?? '';

/** As it arrives: SES replaces these three, whatever they say. */
function stamped(mail: Buffer, messageId: string, now: number): Buffer {
  const { head, body } = cutMail(mail);
  const kept = fieldsOf(head).filter((field) => !/^(message-id|date|bcc):/i.test(field));
  const fields = [
    ...kept,
    `Message-ID: <${messageId}@${REGION}.amazonses.com>`,
    `Date: ${new Date(now).toUTCString().replace('GMT', '+0000')}`,
  ];
  return Buffer.concat([Buffer.from(fields.join('\r\n')), body]);
}
