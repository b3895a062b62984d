import { createHmac } from 'node:crypto';
import type { Answer } from './api-client.ts';
import type { Service } from './service.ts';

/** A mail as its sender's program writes it; headers that are given as undefined are left out. */
export const rawMail = (headers: Record<string, string | undefined>, text = 'It is on fire'): string => {
  const all = { From: 'Ada <ada@example.com>', To: 'help@ours.example', Subject: 'Printer', ...headers };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : `${name}: ${value}`));
  return `${lines.join('\r\n')}\r\n\r\n${text}\r\n`;
};

let last = 0;

export interface SentMail {
  id?: string;
  at?: number;
  headers?: Record<string, string>;
}

/** Signs a raw mail over its bytes, and posts it to a mailbox. */
export const sendMail = async (
  service: { host: Pick<Service['host'], 'url' | 'now'> },
  channelId: string,
  secret: string,
  mail: string | Buffer,
  { id = `mail_${++last}`, at = service.host.now(), headers = {} }: SentMail = {},
): Promise<Answer> => {
  const body = Buffer.from(mail);
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest('base64');
  const response = await fetch(`${service.host.url}/v1/channels/${channelId}/email`, {
    method: 'POST',
    headers: {
      'content-type': 'message/rfc822',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
      ...headers,
    },
    body: new Uint8Array(body),
  });
  const text = await response.text();
  return { status: response.status, body: text && JSON.parse(text), headers: response.headers };
};

/** Makes a mailbox, and answers its secret. */
export const mailbox = async (service: Service, id: string, fields: object = {}): Promise<string> => {
  const channel = { kind: 'email', address: `${id}@ours.example`, ...fields };
  const { status, body } = await service.admin.put(`/v1/settings/channels/${id}`, channel);
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body.secret;
};
