import type { Activity } from '../activities/activity.ts';
import type { Fact } from '../facts/fact.ts';
import type { Instant } from '../time.ts';

/** What is told of a message after it has left: it came back, or whoever got it will have no more of it. */
export interface Feedback {
  delivery: 'bounced' | 'failed';
  /** Names no addresses: facts are kept for ever. */
  reason: string;
}

/** Decides what it means that a message has not arrived after all. It means nothing the second time. */
export const afterFeedback = (
  activity: Activity,
  { delivery, reason }: Feedback,
  now: Instant,
): { activity: Activity; facts: Fact[] } | undefined => {
  const { activityId, channelId, sending } = activity;
  if (activity.delivery !== 'sent' && activity.delivery !== 'queued') return undefined;
  const { nextAttemptAt: _never, ...told } = sending ?? { attempts: 1 };
  return {
    activity: { ...activity, delivery, sending: { ...told, error: reason }, revision: activity.revision + 1 },
    facts: [{ type: 'activity.failed', occurredAt: now, activityId, channelId, reason, attempts: told.attempts }],
  };
};
