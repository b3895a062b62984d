import { Webhook } from 'standardwebhooks';
import type { Answer } from './api-client.ts';
import type { Service } from './service.ts';

/** Where a webhook goes, and by which clock it is signed. */
interface Target {
  host: { url: string; now(): number };
}

export interface SentWebhook {
  id?: string;
  secret?: string;
  /** Milliseconds since the epoch; the service's clock unless told. */
  at?: number;
  headers?: Record<string, string | string[]>;
}

let last = 0;

/** A new message id. */
export const messageId = (): string => `msg_${++last}`;

/** Signs as Standard Webhooks says and posts to a channel of a service. */
export const sendWebhook = async (
  service: Target,
  channelId: string,
  secret: string,
  payload: unknown,
  { id = messageId(), at = service.host.now(), headers = {} }: SentWebhook = {},
): Promise<Answer> => {
  const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const signed = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, new Date(at), body),
  };
  return post(service.host.url, channelId, body, { ...signed, ...headers });
};

/** Posts to a channel whatever it is told, with headers that may come twice. */
export const post = async (
  url: string,
  channelId: string,
  body: string | Buffer,
  headers: Record<string, string | string[]>,
): Promise<Answer> => {
  const response = await fetch(`${url}/v1/channels/${channelId}/inbound`, {
    method: 'POST',
    headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      [value].flat().map((one) => [name, one]),
    ),
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  const text = await response.text();
  return { status: response.status, body: text && JSON.parse(text), headers: response.headers };
};

/** Makes a webhook channel, and answers its secret. */
export const webhookChannel = async (service: Service, id: string, fields: object = {}): Promise<string> => {
  const { status, body } = await service.admin.put(`/v1/settings/channels/${id}`, { kind: 'webhook', ...fields });
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body.secret;
};
