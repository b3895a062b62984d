import { domainToASCII } from 'node:url';
import addressparser from 'nodemailer/lib/addressparser';

/** Somebody who can be written to. */
export interface Mailbox {
  name: string;
  /** Its domain as DNS knows it. */
  address: string;
}

/** Letters beyond ASCII before the `@` need an extension of SMTP that Amazon SES does not speak. */
const LOCAL = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}$/;

/** One mailbox as people write it, `Ada <ada@example.com>` or the bare address; nothing if it is not one, or several. */
export const mailboxOf = (text: string): Mailbox | undefined => {
  const [one, another] = addressparser(text.replace(/[\p{Cc}\s]+/gu, ' '));
  if (!one || another || !('address' in one) || !one.address) return undefined;
  const at = one.address.lastIndexOf('@');
  const local = one.address.slice(0, at);
  const domain = domainToASCII(one.address.slice(at + 1));
  if (!LOCAL.test(local) || !domain || domain.length > 253) return undefined;
  return { name: one.name.toWellFormed(), address: `${local}@${domain}` };
};
