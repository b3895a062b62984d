import { type Instant, MINUTE, toInstant, toMs } from '../time.ts';
import { type Attempt, type Delivery, logged } from './delivery.ts';

const SECOND = 1_000;
const HOUR = 60 * MINUTE;

/** The time between two attempts: the schedule of Standard Webhooks, ten attempts in a little more than three days. */
export const RETRY_GAPS_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** Receivers that went down together are not called back together: up to a tenth is added. */
const JITTER = 0.1;

/** A receiver may ask for this much patience at most. */
const LONGEST_WAIT_MS = 24 * HOUR;

/** A receiver that fails for so long without a break is given up. */
const GIVE_UP_AFTER_MS = 72 * HOUR;

/** By these a receiver says that it has too much to do. */
const OVERLOADED: readonly number[] = [429, 502, 503, 504];

/** What a receiver did. */
export interface Reply {
  status?: number;
  /** Why there was none. */
  error?: string;
  durationMs: number;
  answer?: string;
  /** How long it asks to be left alone. */
  retryAfterMs?: number;
}

/** What follows from an attempt, for the delivery and for its subscription. */
export interface Verdict {
  delivery: Delivery;
  succeeded: boolean;
  /** It wants to hear no more. */
  gone: boolean;
  /** The receiver is best left alone for so long, or at least for a while. */
  overloadedForMs?: number;
}

/** Judges what a receiver did with a delivery at `at`; `random` is between 0 and 1. */
export const judgeAttempt = (delivery: Delivery, reply: Reply, at: Instant, random: number): Verdict => {
  const { status = 0, error, durationMs, answer, retryAfterMs = 0 } = reply;
  const succeeded = status >= 200 && status < 300;
  const attempt: Attempt = {
    at,
    outcome: succeeded ? 'succeeded' : 'failed',
    ...(status > 0 && { status }),
    ...(error && { error }),
    durationMs,
    ...(answer && { answer }),
  };
  const after = logged(delivery, attempt);
  if (succeeded) {
    return { delivery: { ...after, status: 'succeeded', dueAt: undefined }, succeeded, gone: false };
  }
  const misses = delivery.misses + 1;
  const gap = RETRY_GAPS_MS[misses - 1];
  const asked = Math.min(retryAfterMs, LONGEST_WAIT_MS);
  const wait = gap === undefined ? undefined : Math.max(gap * (1 + JITTER * random), asked);
  return {
    delivery: {
      ...after,
      misses,
      status: wait === undefined ? 'failed' : 'pending',
      dueAt: wait === undefined ? undefined : toInstant(toMs(at) + Math.round(wait)),
    },
    succeeded,
    gone: status === 410,
    ...(OVERLOADED.includes(status) && { overloadedForMs: asked }),
  };
};

/** Whether a receiver has failed for so long that it is sent nothing more. */
export const isGivenUp = (failingSince: Instant, now: Instant): boolean =>
  toMs(now) - toMs(failingSince) >= GIVE_UP_AFTER_MS;

/** How long a `Retry-After` asks for: seconds, or a date (RFC 9110, 10.2.3). */
export const retryAfterMs = (header: string | undefined, now: Instant): number | undefined => {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * SECOND : Date.parse(header) - toMs(now);
  return ms > 0 ? ms : undefined;
};
