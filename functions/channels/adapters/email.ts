import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { InboundMessage } from '../../../domain/intake/message.ts';
import { answeredBy } from '../../../domain/mail/message-ids.ts';
import { referenceKeysIn } from '../../../domain/mail/reference-keys.ts';
import { accept } from '../../../domain/refusal.ts';
import { MOST_FILE_BYTES } from '../../mail/compose-mail.ts';
import { mailboxOf } from '../../mail/mailbox.ts';
import { plainText } from '../../mail/plain-text.ts';
import { readMail } from '../../mail/read-mail.ts';
import type { ChannelAdapter } from './adapter.ts';
import { sendEmail } from './send-email.ts';
import { verifyStandardWebhook } from './standard-webhook.ts';

const parse: ChannelAdapter['parse'] = async ({ body }) => {
  const mail = await readMail(body).catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  );
  if (mail instanceof Error) {
    const externalId = createHash('sha256').update(body).digest('hex');
    return accept([{ externalId, failed: 'unreadable', detail: mail.message }]);
  }
  const { messageId, from, to, cc, subject, date } = mail;
  // Whoever relays a mail adds to it: it is the same for all that.
  const common = { externalId: messageId, fingerprint: messageId };
  if (!from) return accept([{ ...common, failed: 'noSender' }]);
  const message: InboundMessage = {
    type: 'email',
    from: { id: from.address, name: from.name, email: from.address },
    to: to.map(({ address }) => address),
    cc: cc.map(({ address }) => address),
    ...(subject && { subject }),
    text: plainText(mail),
    ...(date && { occurredAt: date }),
    conversation: answeredBy(mail),
    becomes: [messageId],
    referenceKeys: referenceKeysIn(subject),
    isAutomatic: false,
    files: mail.files,
  };
  return accept([{ ...common, message }]);
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
  isAddress: (text) => mailboxOf(text) !== undefined,
  mostFileBytes: MOST_FILE_BYTES,
  scope: 'email',
  remembersForEver: true,
  verify: (request, context) => verifyStandardWebhook(request, context, { mayBeBinary: true }),
  parse,
  send: sendEmail,
};
