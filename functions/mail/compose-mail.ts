import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import { mailSubject } from '../../domain/mail/outgoing-subject.ts';
import { LOOP_HEADER } from '../../domain/mail/own-mail.ts';
import { answeredMails } from '../../domain/mail/references.ts';
import { type Instant, toMs } from '../../domain/time.ts';
import type { OutboundMessage } from '../channels/adapters/adapter.ts';
import { mailboxOf } from './mailbox.ts';
import type { OutgoingMail } from './send-mail.ts';

/** What Amazon SES takes, headers, encoding and all. */
export const MOST_BYTES = 40_000_000;
const MOST_RECEIVERS = 50;

/** A mail as it leaves, or why it cannot. The reason names no addresses: it is kept for ever. */
export type Composed = (Omit<OutgoingMail, 'tags'> & { messageId: string }) | { refused: string };

/** Base64 makes four bytes of three, and breaks lines. */
const encodedSize = (bytes: number): number => Math.ceil((bytes / 3) * 4 * (78 / 76));

/** What all files of a mail may have together, so that there is room for what they become and for the rest. */
export const MOST_FILE_BYTES = 29_000_000;

const tooLarge = { refused: `with its files it is larger than the ${MOST_BYTES / 1_000_000} MB that mail may have` };

/** The types under which a file may travel; any other could make something else of the mail around it. */
const TYPE = /^(?!message\/|multipart\/)[\w.+-]+\/[\w.+-]+(?:;\s*charset="?[\w-]+"?)?$/i;

/** Text of which no character breaks a header or a line that nobody has asked for. */
const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
const lines = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/(?![\n\t])\p{Cc}/gu, '');

/** Stays the same, and stands in nothing that it is made of. */
const boundaryOf = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);

/** Makes a mail of a message. The same message gives the same mail, however often it is tried. */
export const composeMail = async (
  message: OutboundMessage,
  { address, fromName, now }: { address: string | undefined; fromName: string | undefined; now: Instant },
): Promise<Composed> => {
  const sender = mailboxOf(address ?? '');
  if (!sender) return { refused: 'the channel has no address that mail can be sent from' };
  const { messageId: id, referenceKey, to, cc = [], bcc = [], subject, text, html, files, isAutomatic } = message;
  const [wrong] = Object.entries({ to, cc, bcc }).flatMap(([field, all]) =>
    all.flatMap((one, n) => (mailboxOf(one) ? [] : `${field}.${n}`)),
  );
  if (wrong) return { refused: `${wrong} is not an address that mail can be sent to` };
  const mailboxes = (all: readonly string[]) => all.flatMap((one) => mailboxOf(one) ?? []);
  if (to.length + cc.length + bcc.length > MOST_RECEIVERS) {
    return { refused: `a mail has at most ${MOST_RECEIVERS} receivers` };
  }
  if (encodedSize(files.reduce((sum, { size = 0 }) => sum + size, 0)) > MOST_BYTES) return tooLarge;

  const messageId = `<${id}@${sender.address.slice(sender.address.lastIndexOf('@') + 1)}>`;
  const answers = answeredMails(message.conversation ?? [], message.thread?.messageId);
  const raw = await new MailComposer({
    from: { name: oneLine(fromName ?? ''), address: sender.address },
    to: mailboxes(to),
    cc: mailboxes(cc),
    subject: mailSubject(subject, referenceKey, answers !== undefined),
    messageId,
    ...answers,
    date: new Date(toMs(now)),
    headers: {
      [LOOP_HEADER]: id,
      ...(isAutomatic && { 'Auto-Submitted': 'auto-replied', 'X-Auto-Response-Suppress': 'All' }),
    },
    // Without a text the first file would be all of the mail.
    text: lines(text) || '\n',
    ...(html && { html: lines(html) }),
    attachments: await Promise.all(
      files.map(async ({ name, contentType, content }) => ({
        filename: oneLine(name) || 'file',
        contentType: TYPE.test(contentType) ? contentType : 'application/octet-stream',
        content: Buffer.from(await content()),
        contentDisposition: 'attachment' as const,
      })),
    ),
    baseBoundary: boundaryOf(id, text, html ?? ''),
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
  if (raw.length > MOST_BYTES) return tooLarge;
  const envelope = (all: readonly string[]) => mailboxes(all).map((mailbox) => mailbox.address);
  return { from: sender.address, to: envelope(to), cc: envelope(cc), bcc: envelope(bcc), messageId, raw };
};
