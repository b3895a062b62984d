import type { CaseChange, CaseFile } from '../cases/case-file.ts';
import { type Instant, MINUTE, toInstant, toMs } from '../time.ts';
import type { QueueAt } from './pick-case.ts';
import type { Queue } from './queue.ts';
import { released } from './release-case.ts';

/** When a case is released that is left alone from `touchedAt` on; never, in a queue that does not ask for it. */
export const releaseTime = (
  { autoReleaseMinutes }: Pick<Queue, 'autoReleaseMinutes'>,
  touchedAt: Instant,
): Instant | undefined =>
  autoReleaseMinutes === undefined ? undefined : toInstant(toMs(touchedAt) + autoReleaseMinutes * MINUTE);

/** What is known of a case whose release is due. */
export interface AutoReleaseContext {
  at: QueueAt;
  /** The last thing that whoever works on it did to it, or since when they have worked on it. */
  touchedAt: Instant;
  /** A case that waits for somebody else is not left alone. */
  onHold: boolean;
  now: Instant;
}

/**
 * Decides about a picked case whose time has come: it is released if nobody touched it, else its time is put off. The
 * queue's setting counts as it is now. Nothing when the case is not due.
 */
export const autoRelease = (file: CaseFile, context: AutoReleaseContext): CaseChange | undefined => {
  const { placement } = file;
  const { at, touchedAt, onHold, now } = context;
  if (placement?.state !== 'queued' || !placement.workedBy || !placement.releaseAt || placement.releaseAt > now) {
    return undefined;
  }
  const releaseAt = releaseTime(at.queue, onHold ? now : touchedAt);
  if (releaseAt && releaseAt <= now) return released(file, placement, at, now);
  const later = { ...placement, releaseAt, revision: placement.revision + 1 };
  return { before: file, after: { ...file, placement: later }, facts: [] };
};
