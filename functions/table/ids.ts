import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { type Instant, toMs } from '../../domain/time.ts';

/** Where ids come from; tests give their own. */
export interface Ids {
  /** A UUIDv7 (RFC 9562) of an instant: ids sort by it, then by when they were made. */
  at(instant: Instant): string;
  /** A random UUID. */
  random(): string;
  /** Characters that cannot be guessed, for reference keys. */
  suffix(length: number): string;
  /** A key of 256 bits as Standard Webhooks writes them. */
  secret(): string;
}

/** Without letters and digits that people mistake for each other (Crockford's alphabet). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * Ids from the system's randomness. The bits behind the millisecond are a finer clock (RFC 9562, 6.2, method 3), because
 * one function often records what follows from another's fact in the same millisecond, and timelines show it behind it.
 */
export const systemIds = (): Ids => {
  let sequence = 0;
  return {
    at: (instant) => {
      const microseconds = Math.floor((performance.timeOrigin + performance.now()) * 1000) % SEQUENCES;
      // Facts of one transaction keep the order in which they were decided.
      sequence = Math.max(sequence + 1, microseconds) % SEQUENCES;
      return v7({ msecs: toMs(instant), seq: sequence });
    },
    random: () => randomUUID(),
    suffix: (length) => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
    secret: () => `whsec_${randomBytes(32).toString('base64')}`,
  };
};

/** UUIDv7's sequence has 32 bits; counted in microseconds they last 71 minutes, far longer than a millisecond. */
const SEQUENCES = 2 ** 32;
