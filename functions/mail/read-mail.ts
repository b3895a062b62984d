import { createHash } from 'node:crypto';
import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime';
import type { InboundFile } from '../../domain/intake/message.ts';
import { messageIdsIn } from '../../domain/mail/message-ids.ts';
import { exactBytes } from './exact-bytes.ts';

/** Somebody as a header names them; the address is in small letters, as all are compared. */
export interface Mailbox {
  address: string;
  name?: string;
}

/** A mail, read: whatever its headers are like, and in whatever character set its texts. */
export interface Mail {
  /** The sender's, or one that follows from what the mail says. */
  messageId: string;
  /** All values of a header, in their order. */
  header(name: string): readonly string[];
  from?: Mailbox;
  replyTo: readonly Mailbox[];
  to: readonly Mailbox[];
  cc: readonly Mailbox[];
  subject?: string;
  inReplyTo?: string;
  references?: string;
  /** As the sender's clock had it; nothing where that is no time. */
  date?: string;
  text?: string;
  html?: string;
  files: readonly InboundFile[];
}

/** Each line takes the parser some 20 microseconds, and a megabyte has room for half a million. Files have longer ones. */
const MOST_SHORT_LINES = 400_000;
const SHORT = 40;

const shortLinesIn = (raw: Buffer): number => {
  let count = 0;
  for (let start = 0, end = raw.indexOf(0x0a); end >= 0; end = raw.indexOf(0x0a, start)) {
    if (end - start < SHORT) count += 1;
    start = end + 1;
  }
  return count;
};

/**
 * Reads a raw mail. What it cannot read it throws at: parts nested without end, headers of megabytes, lines without number.
 */
export const readMail = async (raw: Buffer): Promise<Mail> => {
  if (shortLinesIn(raw) > MOST_SHORT_LINES) throw new Error('it has too many lines');
  const email = await PostalMime.parse(raw, { maxNestingDepth: 50, maxHeadersSize: 512 * 1024 });
  const header = (name: string): string[] =>
    email.headers.filter(({ key }) => key === name).map(({ value }) => value.trim());
  const from = mailboxesOf(email.from)[0] ?? mailboxesOf(email.sender)[0];
  const exact = exactBytes(raw);
  const date = email.date === undefined ? Number.NaN : Date.parse(email.date);
  return {
    messageId: messageIdsIn(email.messageId)[0] ?? derivedId(email),
    header,
    ...(from && { from }),
    replyTo: mailboxesOf(...(email.replyTo ?? [])),
    to: mailboxesOf(...(email.to ?? [])),
    cc: mailboxesOf(...(email.cc ?? [])),
    ...(email.subject && { subject: email.subject }),
    ...(email.inReplyTo && { inReplyTo: email.inReplyTo }),
    ...(email.references && { references: email.references }),
    ...(!Number.isNaN(date) && { date: new Date(date).toISOString() }),
    ...(email.text !== undefined && { text: email.text }),
    ...(email.html !== undefined && { html: email.html }),
    files: email.attachments.map((attachment, n) => fileOf(attachment, n, exact)),
  };
};

/** RFC 5321 allows no longer ones, and keys are made of them. */
const LONGEST_ADDRESS = 320;

const mailboxesOf = (...addresses: readonly (Address | undefined)[]): Mailbox[] =>
  addresses.flatMap((one): Mailbox[] => {
    if (!one) return [];
    if (one.group) return mailboxesOf(...one.group);
    const address = one.address.trim().toLowerCase();
    const name = one.name.trim().slice(0, 200).toWellFormed();
    if (!address || address.length > LONGEST_ADDRESS) return [];
    return [{ address, ...(name && { name }) }];
  });

/** The same mail has the same id each time that it comes, by whatever way: what changes on the way is not looked at. */
const derivedId = ({ headers, text = '', html = '' }: Email): string => {
  const said = headers.filter(({ key }) => ['from', 'to', 'cc', 'date', 'subject'].includes(key));
  const hash = createHash('sha256').update(JSON.stringify([said.map(({ key, value }) => [key, value]), text, html]));
  return `<${hash.digest('hex').slice(0, 40)}@derived.invalid>`;
};

const fileOf = (
  { filename, mimeType, content }: Attachment,
  n: number,
  exact: (read: Uint8Array) => Uint8Array,
): InboundFile => {
  const bytes = typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content);
  return {
    name: filename?.trim() || `attachment-${n + 1}${EXTENSIONS[mimeType] ?? ''}`,
    contentType: mimeType || 'application/octet-stream',
    content: exact(bytes),
  };
};

/** For parts that have no name, as inline images and forwarded messages often have none. */
const EXTENSIONS: Record<string, string> = {
  'image/png': '.png',
  'image/jpeg': '.jpg',
  'image/gif': '.gif',
  'message/rfc822': '.eml',
  'text/calendar': '.ics',
  'text/html': '.html',
  'text/plain': '.txt',
  'application/pdf': '.pdf',
};
