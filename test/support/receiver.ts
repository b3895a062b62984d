import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';

/** A request as it reached a receiver. */
export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of an event is what it asserts.
  event: any;
}

export interface Receiver {
  url: string;
  received: Received[];
}

/** Makes real HTTP servers of this machine for a test file; each is closed behind its test. */
export const receivers = () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const closer of closers.splice(0)) closer();
  });
  return async (
    answer: (response: ServerResponse, received: Received, n: number) => void = (response) => response.end(),
  ): Promise<Receiver> => {
    const received: Received[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const one = { headers: request.headers, body, event: JSON.parse(body) };
      received.push(one);
      answer(response, one, received.length);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      server.close();
      server.closeAllConnections();
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
  };
};

/** Answers every request with this status. */
export const always =
  (status: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, headers).end();
  };
