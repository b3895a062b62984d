import { describe, expect, it } from 'vitest';
import type { Activity } from '../../../domain/activities/activity.ts';
import { afterAttempt, attempted, maySend } from '../../../domain/replies/after-attempt.ts';
import { type Instant, toInstant, toMs } from '../../../domain/time.ts';

const NOW = '2026-03-02T09:00:00.000Z';
const later = (minutes: number, from: Instant = NOW): Instant => toInstant(toMs(from) + minutes * 60_000);
const message: Activity = {
  activityId: '019cd000-0000-7000-8000-000000000001',
  caseId: '019cd000-0000-7000-8000-000000000002',
  type: 'chat',
  visibility: 'public',
  direction: 'outbound',
  body: 'Hello',
  to: ['ada'],
  channelId: 'shop',
  delivery: 'queued',
  sending: { attempts: 0, nextAttemptAt: later(1) },
  occurredAt: NOW,
  state: 'completed',
  createdBy: 'anna',
  createdOn: NOW,
  revision: 1,
};
const busy = { sent: false, reason: 'timedOut', isFinal: false } as const;

describe('a message that is to leave', () => {
  it('is tried at once, and by nobody else while an attempt runs', () => {
    expect(maySend(message, NOW)).toBe(true);
    const begun = attempted(message, NOW);
    expect(maySend(begun, later(4))).toBe(false);
    expect(maySend(begun, later(5))).toBe(true);
  });

  it('has left once an attempt succeeds, and forgets what went wrong before', () => {
    const failed = afterAttempt(attempted(message, NOW), busy, NOW).activity;
    const { activity, facts } = afterAttempt(attempted(failed, later(1)), { sent: true, externalId: 'm1' }, later(1));
    expect(activity).toMatchObject({ delivery: 'sent', sending: { attempts: 2, sentOn: later(1), externalId: 'm1' } });
    expect(activity.sending).not.toHaveProperty('error');
    expect(activity.sending).not.toHaveProperty('nextAttemptAt');
    expect(facts.map(({ type }) => type)).toEqual(['activity.sent']);
    expect(maySend(activity, later(99))).toBe(false);
  });

  it('is tried eight times over about a day, ever more rarely, and then has failed', () => {
    let [one, at, attempts] = [message, NOW, 0];
    while (one.delivery === 'queued') {
      attempts += 1;
      const { activity, facts } = afterAttempt(attempted(one, at), busy, at);
      expect(facts.map(({ type }) => type)).toEqual(activity.delivery === 'failed' ? ['activity.failed'] : []);
      at = activity.sending?.nextAttemptAt ?? at;
      one = activity;
    }
    expect(attempts).toBe(8);
    expect((toMs(at) - toMs(NOW)) / 3_600_000).toBeCloseTo(22.35, 1);
    expect(one.sending).toEqual({ attempts: 8, error: 'timedOut' });
  });

  it('fails at once when nothing will help, and waits as long as the receiver asks, but a day at most', () => {
    const gone = afterAttempt(attempted(message, NOW), { ...busy, isFinal: true }, NOW);
    expect(gone.activity.delivery).toBe('failed');
    const asked = afterAttempt(attempted(message, NOW), { ...busy, retryAfterSeconds: 600 }, NOW);
    expect(asked.activity.sending?.nextAttemptAt).toBe(later(10));
    const rude = afterAttempt(attempted(message, NOW), { ...busy, retryAfterSeconds: 1e9 }, NOW);
    expect(rude.activity.sending?.nextAttemptAt).toBe(later(24 * 60));
  });
});
