import type { HttpResult } from '../../http/guarded-http.ts';
import type { Sent } from './adapter.ts';

/** Passing by themselves: too early, too much, too long. Everything else below 500 is about what we sent. */
const PASSING = [408, 425, 429];

/** Addresses that may not be called stay so. */
const FINAL_FAULTS = ['urlRefused', 'addressRefused'];

/** Why a request did not deliver a message, and whether another attempt may; nothing when it did (any 2xx). */
export const unlessSent = (result: HttpResult): (Sent & { sent: false }) | undefined => {
  if (!result.answered) return { sent: false, reason: result.fault, isFinal: FINAL_FAULTS.includes(result.fault) };
  const { status, headers } = result;
  if (status >= 200 && status < 300) return undefined;
  const wait = Number(headers['retry-after']);
  return {
    sent: false,
    reason: `the receiver answered ${status}`,
    isFinal: status < 500 && !PASSING.includes(status),
    ...(wait > 0 && { retryAfterSeconds: wait }),
  };
};
