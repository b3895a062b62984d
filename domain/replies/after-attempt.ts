import type { Activity } from '../activities/activity.ts';
import type { Fact } from '../facts/fact.ts';
import { type Instant, MINUTE, toInstant, toMs } from '../time.ts';

/** How long to wait after each attempt, in minutes; after the last one it has failed. In all about a day. */
const WAITS = [1, 5, 15, 60, 180, 360, 720];

/** Longer than an attempt takes: whoever comes meanwhile leaves it alone, and a crash is made up for after it. */
const LEASE_MINUTES = 5;

const inMinutes = (minutes: number, now: Instant): Instant => toInstant(toMs(now) + minutes * MINUTE);

/** Whether an attempt to send may begin: nobody is at it, and it is time. The first one need not wait. */
export const maySend = ({ delivery, sending }: Activity, now: Instant): boolean =>
  delivery === 'queued' && sending !== undefined && (sending.attempts === 0 || (sending.nextAttemptAt ?? now) <= now);

/** Somebody begins an attempt; nobody else does for as long as it may take. */
export const attempted = (activity: Activity, now: Instant): Activity => ({
  ...activity,
  sending: {
    ...activity.sending,
    attempts: (activity.sending?.attempts ?? 0) + 1,
    nextAttemptAt: inMinutes(LEASE_MINUTES, now),
  },
  revision: activity.revision + 1,
});

/** What came of an attempt. `isMore`: a part has left, and others follow. */
export type Attempt =
  | { sent: true; externalId?: string; isMore?: boolean }
  | { sent: false; reason: string; isFinal: boolean; retryAfterSeconds?: number };

/** Decides what an attempt means: it has left, it has failed for good, or it is tried again later, ever more rarely. */
export const afterAttempt = (
  activity: Activity,
  attempt: Attempt,
  now: Instant,
): { activity: Activity; facts: Fact[] } => {
  const { activityId, channelId, sending } = activity;
  const { nextAttemptAt: _lease, ...told } = sending ?? { attempts: 1 };
  const next = { ...activity, revision: activity.revision + 1 };
  // A bounce may be told before the attempt itself is over.
  const isOver = activity.delivery !== 'queued';
  if (attempt.sent) {
    const { externalId, isMore = false } = attempt;
    const { error: _past, ...rest } = told;
    const partsSent = (told.partsSent ?? 0) + 1;
    if (isMore) {
      return {
        activity: { ...next, sending: { ...rest, partsSent, nextAttemptAt: inMinutes(LEASE_MINUTES, now) } },
        facts: [],
      };
    }
    const left = { sentOn: now, ...(externalId && { externalId }), ...(partsSent > 1 && { partsSent }) };
    if (isOver) return { activity: { ...next, sending: { ...told, ...left } }, facts: [] };
    return {
      activity: { ...next, delivery: 'sent', sending: { ...rest, ...left } },
      facts: [{ type: 'activity.sent', occurredAt: now, activityId, channelId }],
    };
  }
  if (isOver) return { activity: next, facts: [] };
  const { reason, isFinal, retryAfterSeconds = 0 } = attempt;
  const wait = WAITS[told.attempts - 1];
  if (isFinal || wait === undefined) {
    return {
      activity: { ...next, delivery: 'failed', sending: { ...told, error: reason } },
      facts: [{ type: 'activity.failed', occurredAt: now, activityId, channelId, reason, attempts: told.attempts }],
    };
  }
  const nextAttemptAt = inMinutes(Math.max(wait, Math.min(retryAfterSeconds / 60, 24 * 60)), now);
  return { activity: { ...next, sending: { ...told, error: reason, nextAttemptAt } }, facts: [] };
};
