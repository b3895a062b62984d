import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { InboundMessage, Incoming } from '../../../domain/intake/message.ts';
import { SHOWN_WHOLE } from '../../../domain/intake/record-message.ts';
import { writtenBy } from '../../../domain/mail/automatic.ts';
import { type FailedDelivery, failureIn, nameIn } from '../../../domain/mail/failed-delivery.ts';
import { answeredBy } from '../../../domain/mail/message-ids.ts';
import { isOwnMail } from '../../../domain/mail/own-mail.ts';
import { referenceKeysIn } from '../../../domain/mail/reference-keys.ts';
import { isAnswer, isForwarded } from '../../../domain/mail/subject.ts';
import { conversationOf } from '../../../domain/mail/thread-index.ts';
import { suspicionOf, type Verdicts } from '../../../domain/mail/verdicts.ts';
import { accept } from '../../../domain/refusal.ts';
import { MOST_FILE_BYTES } from '../../mail/compose-mail.ts';
import { mailboxOf } from '../../mail/mailbox.ts';
import { plainText } from '../../mail/plain-text.ts';
import { type Mail, type Mailbox, readMail } from '../../mail/read-mail.ts';
import { visibleText } from '../../mail/visible-text.ts';
import type { ChannelAdapter, RawRequest } from './adapter.ts';
import { sendEmail } from './send-email.ts';
import { messageIdOf, verifyStandardWebhook } from './standard-webhook.ts';

const parse: ChannelAdapter['parse'] = async (request, { isOurs }) => {
  const { body } = request;
  const delivery = messageIdOf(request);
  try {
    const mail = await readMail(body);
    const incoming = withVerdicts(whatIsIn(mail, isOurs), request.headers);
    return accept([{ ...incoming, ...(delivery && { delivery }) }]);
  } catch (error) {
    const externalId = createHash('sha256').update(body).digest('hex');
    return accept([
      { externalId, failed: 'unreadable', detail: error instanceof Error ? error.message : String(error) },
    ]);
  }
};

const whatIsIn = (mail: Mail, isOurs: (address: string) => boolean): Incoming => {
  const { messageId, from, to, cc, subject = '', date, header } = mail;
  // Whoever relays a mail adds to it: it is the same for all that.
  const common = { externalId: messageId, fingerprint: messageId };
  if (from && isOwnMail(header, from.address, isOurs)) return { ...common, ignored: 'loop' };
  // Forms of web sites write as the mailbox itself, and name the person where answers are to go.
  const sender = from && isOurs(from.address) ? mail.replyTo.find(({ address }) => !isOurs(address)) : from;
  if (!sender) return from ? { ...common, ignored: 'ownAddress' } : { ...common, failed: 'noSender' };

  const answersTo = mail.replyTo.find(({ address }) => !isOurs(address))?.address;
  const machine = writtenBy(header, { from: sender.address, subject, isOurs });
  const failedDelivery = machine === 'bounce' ? failureOf(mail) : undefined;
  const thread = conversationOf(header('thread-index')[0]);
  const conversation = [...answeredBy(mail), ...(failedDelivery?.messageIds ?? [])];
  const handedOn = isForwarded(subject);
  const wholeText = plainText(mail);
  const text = handedOn ? wholeText : visibleText(wholeText, conversation.length > 0 || isAnswer(subject));
  const message: InboundMessage = {
    type: 'email',
    from: { id: sender.address, ...(sender.name && { name: sender.name }), email: sender.address },
    ...(answersTo && answersTo !== sender.address && { answersTo }),
    to: addressesOf(to),
    cc: addressesOf(cc),
    ...(subject && { subject }),
    text,
    ...(text !== wholeText && { wholeText }),
    ...(date && { occurredAt: date }),
    conversation,
    becomes: [messageId],
    referenceKeys: referenceKeysIn(subject),
    ...(thread && { threads: [thread] }),
    ...(handedOn && { isForwarded: true }),
    ...(!machine && { people: addressesOf([sender, ...to, ...cc]).filter((address) => !isOurs(address)) }),
    isAutomatic: machine !== undefined,
    ...(failedDelivery && { failedDelivery }),
    thread: { messageId },
    ...(machine && { details: { automatic: machine } }),
    files: wholeText.length > SHOWN_WHOLE ? [asFile(wholeText), ...mail.files] : mail.files,
  };
  return { ...common, message };
};

/** What whoever received the mail makes of it: rules may ask, and some mail is held back. */
const withVerdicts = (incoming: Incoming, headers: RawRequest['headers']): Incoming => {
  if (!('message' in incoming)) return incoming;
  const verdict = (name: keyof Verdicts): string | undefined => headers[`docket-verdict-${name}`];
  const verdicts = {
    spam: verdict('spam'),
    virus: verdict('virus'),
    spf: verdict('spf'),
    dkim: verdict('dkim'),
    dmarc: verdict('dmarc'),
    policy: verdict('policy'),
  };
  const told = Object.fromEntries(Object.entries(verdicts).flatMap(([name, word]) => (word ? [[name, word]] : [])));
  const suspicion = suspicionOf(verdicts);
  const { message } = incoming;
  return {
    ...incoming,
    message: { ...message, details: { ...message.details, ...told }, ...(suspicion && { suspicion }) },
  };
};

/** What no timeline has room for. */
const asFile = (text: string) => ({
  name: 'message.txt',
  contentType: 'text/plain; charset=utf-8',
  content: Buffer.from(text.toWellFormed()),
});

/** An activity has room for so many; a mail may have been sent to more. */
const MOST_NAMED = 100;

const addressesOf = (mailboxes: readonly Mailbox[]): string[] =>
  [...new Set(mailboxes.map(({ address }) => address))].slice(0, MOST_NAMED);

/** What a report says, by its parts for machines; the mail itself comes back as a part, or its headers do. */
const failureOf = ({ files }: Mail): FailedDelivery | undefined => {
  const part = (...types: string[]): string | undefined => {
    const { content } = files.find(({ contentType }) => types.includes(contentType)) ?? {};
    return content && Buffer.from(content).toString('utf8');
  };
  const failure = failureIn(part('message/delivery-status', 'message/global-delivery-status') ?? '');
  if (!failure) return undefined;
  return { ...failure, ...nameIn(part('text/rfc822-headers', 'message/rfc822', 'message/global-headers') ?? '') };
};

/**
 * A mailbox. All mailboxes share their conversations: a mail that went to two of them comes once, and whichever an
 * answer goes to, it finds its case.
 */
export const emailAdapter: ChannelAdapter = {
  kind: 'email',
  origin: 'email',
  replyType: 'email',
  ownSecret: 'whsec',
  givenSecrets: [],
  provider: z.strictObject({}),
  canInitiate: () => true,
  addressIn: (text) => mailboxOf(text)?.address.toLowerCase(),
  mostFileBytes: MOST_FILE_BYTES,
  scope: 'email',
  remembersForEver: true,
  verify: (request, context) => verifyStandardWebhook(request, context, { mayBeBinary: true }),
  parse,
  send: sendEmail,
};
