import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './api.d.ts';

export type { paths };
export type DocketClient = Client<paths>;

export interface ClientOptions {
  /** Where the service is, without `/v1`. */
  readonly url: string;
  /** An access token, or what gives one for each request, so that it can be renewed. */
  readonly token: string | (() => string | Promise<string>);
  /** How often a request is sent again after 429 or 503, waiting as long as the service says; 3 unless told. */
  readonly retries?: number;
  /** Sends requests; Node's own unless told. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/**
 * A typed client of every route. Each POST carries an `Idempotency-Key` unless it brings its own, so that sending it
 * again, as this client does when the service is busy, does nothing twice. Answers are `{data}` or `{error}`, where the
 * error is the problem document with its stable `code`; only faults of the network are thrown.
 */
export const docketClient = ({ url, token, retries = 3, fetch: send = fetch }: ClientOptions): DocketClient => {
  const client = createClient<paths>({
    baseUrl: url.replace(/\/$/, ''),
    fetch: (request) => patiently(request, send, retries),
  });
  client.use({
    async onRequest({ request }) {
      request.headers.set('authorization', `Bearer ${typeof token === 'string' ? token : await token()}`);
      if (request.method === 'POST' && !request.headers.has('idempotency-key'))
        request.headers.set('idempotency-key', randomUUID());
      return request;
    },
  });
  return client;
};

const patiently = async (request: Request, send: (request: Request) => Promise<Response>, retries: number) => {
  for (let left = retries; ; left -= 1) {
    const response = await send(request.clone());
    if (left === 0 || (response.status !== 429 && response.status !== 503)) return response;
    await response.body?.cancel();
    await pause(1000 * Math.min(30, Math.max(1, Number(response.headers.get('retry-after')) || 1)));
  }
};
