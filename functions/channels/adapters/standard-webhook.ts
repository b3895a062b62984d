import { createHmac } from 'node:crypto';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { accept, type Decision, refuse } from '../../../domain/refusal.ts';
import { toMs } from '../../../domain/time.ts';
import type { AdapterContext, RawRequest } from './adapter.ts';
import { isSame } from './provider-request.ts';

/** How far the sender's clock and ours may be apart. */
const TOLERANCE_SECONDS = 300;

/** Neither a header that came twice, which the gateway joins with a comma, nor anything that could hide one. */
const ID = /^[\w.:@+/=-]{1,200}$/;
const TIMESTAMP = /^\d{1,12}$/;
const SIGNATURES = /^v\d+[a-z]?,[A-Za-z0-9+/]+={0,2}( v\d+[a-z]?,[A-Za-z0-9+/]+={0,2}){0,9}$/;

/** The id of a message by Standard Webhooks; only to be trusted once it is verified. */
export const messageIdOf = ({ headers }: RawRequest): string => headers['webhook-id'] ?? '';

/** Whether a request is signed by Standard Webhooks with one of the channel's secrets, and was so within five minutes. */
export const verifyStandardWebhook = (
  { headers, body }: RawRequest,
  { secrets, now }: Pick<AdapterContext, 'secrets' | 'now'>,
  { mayBeBinary = false } = {},
): Decision<true, 'SIGNATURE_INVALID' | 'TOO_OLD'> => {
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '', 'webhook-signature': signature = '' } = headers;
  if (!ID.test(id) || !TIMESTAMP.test(timestamp) || !SIGNATURES.test(signature)) {
    return refuse('SIGNATURE_INVALID', 'Send webhook-id, webhook-timestamp and webhook-signature, each once');
  }
  if (Math.abs(Math.floor(toMs(now) / 1000) - Number(timestamp)) > TOLERANCE_SECONDS) {
    return refuse('TOO_OLD', `webhook-timestamp is more than ${TOLERANCE_SECONDS} seconds off`);
  }
  const text = utf8(body);
  const signed = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
  const isSigned = (secret: string): boolean =>
    text === undefined
      ? mayBeBinary && areBytesSignedWith(secret, body, { id, timestamp, signature })
      : isSignedWith(secret, text, signed);
  return secrets.own.some(isSigned) ? accept(true) : refuse('SIGNATURE_INVALID', 'The signature is not the channel’s');
};

/** Over bytes that are no text; the library of the standard takes nothing but text. */
const areBytesSignedWith = (
  secret: string,
  body: Buffer,
  { id, timestamp, signature }: { id: string; timestamp: string; signature: string },
): boolean => {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  // Senders that use the library hand it their bytes, and it signs the text that they are read as.
  const expected = [body, body.toString('utf8')].map(
    (signed) => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(signed).digest('base64')}`,
  );
  return signature.split(' ').some((one) => expected.some((own) => isSame(one, own)));
};

/** The signature is over bytes; bytes that are no text would be compared as what replaces them. */
export const utf8 = (body: Buffer): string | undefined => {
  const text = body.toString('utf8');
  return Buffer.from(text, 'utf8').equals(body) ? text : undefined;
};

const isSignedWith = (secret: string, text: string, headers: Record<string, string>): boolean => {
  try {
    new Webhook(secret).verify(text, headers, { jsonParse: false });
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
};

/** The headers that sign a message of ours: with every secret that holds, so that receivers may change theirs any time. */
export const signStandardWebhook = (
  secrets: readonly string[],
  id: string,
  at: Date,
  body: string,
): Record<string, string> => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
  'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
});
