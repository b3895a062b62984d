import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { isPublicAddress } from './public-address.ts';

/** A request to an address that somebody has entered: nothing about it is trusted. */
export interface OutgoingRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/** Why there is no answer. */
export type HttpFault =
  /** Not a URL that may be called: not https, or with a user name in it. */
  | 'urlRefused'
  /** It leads to a machine that is not on the public internet. */
  | 'addressRefused'
  | 'notResolved'
  | 'notConnected'
  | 'certificateInvalid'
  | 'timedOut'
  | 'connectionBroken';

/** What came of a request. Any status is an answer, redirects included: they are never followed. */
export type HttpResult = { durationMs: number } & (
  | {
      answered: true;
      status: number;
      headers: Dispatcher.ResponseData['headers'];
      body: Buffer;
      /** The body is only its beginning: it was larger than asked for, or its rest did not come. */
      isCut: boolean;
    }
  | { answered: false; fault: HttpFault }
);

export interface HttpLimits {
  connectMs: number;
  /** For everything, from the look-up of the name to the last byte that is read. */
  totalMs: number;
  /** Bytes of an answer's body that are read; what comes behind them is cut off unread. */
  answerBytes: number;
}

/** Which machines may be called: those on the public internet and by https only, or any and by http too. */
export type OutboundAddresses = 'public' | 'any';

export interface GuardOptions {
  addresses: OutboundAddresses;
  limits: HttpLimits;
  /** Looks a name up; the system's resolver unless told. */
  resolve?: (hostname: string) => Promise<{ address: string; family: number }[]>;
}

/** Sends a request. It never throws for what the other side does or is. */
export type GuardedHttp = (request: OutgoingRequest) => Promise<HttpResult>;

class AddressRefused extends Error {
  override name = 'AddressRefused';
}

/**
 * HTTP for addresses that users enter. A name's addresses are judged as they are looked up for the connection itself,
 * so that no second look-up can tell another story (DNS rebinding); one bad address among good ones refuses them all.
 * Redirects are not followed: Standard Webhooks counts them as failures, and each would be an address to judge anew.
 */
export const guardedHttp = ({ addresses, limits, resolve = resolveBySystem }: GuardOptions): GuardedHttp => {
  const admits = (address: string): boolean => addresses === 'any' || isPublicAddress(address);

  const lookUp: LookupFunction = (hostname, options, callback) => {
    resolve(hostname)
      .then((found) => {
        const [first] = found;
        if (!first) throw Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
        if (!found.every(({ address }) => admits(address))) throw new AddressRefused(hostname);
        if (options.all) callback(null, found);
        else callback(null, first.address, first.family);
      })
      .catch((error: Error) => callback(error, []));
  };
  const connect = buildConnector({ timeout: limits.connectMs, lookup: lookUp, allowH2: false });
  const agent = new Agent({
    allowH2: false,
    headersTimeout: limits.totalMs,
    bodyTimeout: limits.totalMs,
    connect(options, callback) {
      // An address in the URL itself is connected to without any look-up.
      const host = hostOf(options.hostname);
      if (isIP(host) !== 0 && !admits(host)) callback(new AddressRefused(host), null);
      else connect(options, callback);
    },
  });

  return async ({ method = 'POST', url, headers, body }) => {
    const started = performance.now();
    const durationMs = () => Math.round(performance.now() - started);
    const target = callableUrl(url, addresses);
    if (!target) return { answered: false, fault: 'urlRefused', durationMs: durationMs() };
    try {
      const signal = AbortSignal.timeout(limits.totalMs);
      const path = `${target.pathname}${target.search}`;
      const answer = await agent.request({ origin: target.origin, path, method, headers, body, signal });
      const read = await readUpTo(answer.body, limits.answerBytes);
      return { answered: true, status: answer.statusCode, headers: answer.headers, ...read, durationMs: durationMs() };
    } catch (error) {
      return { answered: false, fault: faultOf(error), durationMs: durationMs() };
    }
  };
};

/** The URL if it may be called at all, wherever its name leads; a literal address that may not be is refused here too. */
export const callableUrl = (text: string, addresses: OutboundAddresses): URL | undefined => {
  const url = URL.parse(text);
  if (!url || url.username || url.password) return undefined;
  if (url.protocol !== 'https:' && !(addresses === 'any' && url.protocol === 'http:')) return undefined;
  return url;
};

/** Whether a URL names a machine by an address that is not public, which is told at once and not at the first call. */
export const namesPrivateAddress = ({ hostname }: URL): boolean => {
  const host = hostOf(hostname);
  return isIP(host) !== 0 && !isPublicAddress(host);
};

/** Without the brackets of an IPv6 address. */
const hostOf = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

const resolveBySystem = (hostname: string) => lookup(hostname, { all: true });

const readUpTo = async (
  stream: Dispatcher.ResponseData['body'],
  limit: number,
): Promise<{ body: Buffer; isCut: boolean }> => {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
      // Leaving the loop ends the connection: nobody sends us a gigabyte.
      if (size > limit) break;
    }
  } catch {
    // The status has come, and it is what counts.
    return { body: Buffer.concat(chunks).subarray(0, limit), isCut: true };
  }
  return { body: Buffer.concat(chunks).subarray(0, limit), isCut: size > limit };
};

const TIMEOUTS = ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'];
const UNREACHABLE = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'];

const faultOf = (error: unknown): HttpFault => {
  if (!(error instanceof Error)) return 'connectionBroken';
  if (error instanceof AddressRefused) return 'addressRefused';
  const code = 'code' in error ? String(error.code) : '';
  if (error.name === 'TimeoutError' || TIMEOUTS.includes(code)) return 'timedOut';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'notResolved';
  if (UNREACHABLE.includes(code)) return 'notConnected';
  if (/CERT|SSL|TLS|SIGNATURE/.test(code)) return 'certificateInvalid';
  return 'connectionBroken';
};
