import type { Refusal } from '../../domain/refusal.ts';
import { saysTryAgain } from '../lost-races.ts';

/**
 * A consistent read did not show what an event says: streams may deliver one item of a transaction before the others
 * can be read. The record fails and comes again.
 */
export class NotYetVisible extends Error {
  override name = 'NotYetVisible';
}

/** The commit lost its race too often in a row; the record fails and comes again. */
export class TooBusy extends Error {
  override name = 'TooBusy';
}

/** Unwraps a result that is a refusal only when too many others were changing the same thing. */
export const unlessBusy = <Result>(result: Result | Refusal<'TRY_AGAIN'>): Result => {
  if (saysTryAgain(result)) throw new TooBusy(result.detail);
  return result;
};

/**
 * Whether trying again may help. What a service answers (throttling, time-outs, outages) passes; what our own code says
 * of an event does not, however often it is asked.
 */
export const isPassing = (error: unknown): boolean =>
  error instanceof NotYetVisible ||
  error instanceof TooBusy ||
  (error instanceof Error && ('$metadata' in error || 'code' in error));
