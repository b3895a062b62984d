import { describe, expect, it } from 'vitest';
import type { Activity } from '../../../domain/activities/activity.ts';
import { afterAttempt, attempted, maySend } from '../../../domain/replies/after-attempt.ts';
import { afterFeedback } from '../../../domain/replies/after-feedback.ts';

const NOW = '2026-03-02T09:00:00.000Z';
const queued: Activity = {
  activityId: '019cd000-0000-7000-8000-000000000001',
  caseId: '019cd000-0000-7000-8000-000000000002',
  type: 'email',
  visibility: 'public',
  direction: 'outbound',
  body: 'Hello',
  to: ['ada@example.com'],
  channelId: 'shop',
  delivery: 'queued',
  sending: { attempts: 0, nextAttemptAt: NOW },
  occurredAt: NOW,
  state: 'completed',
  createdBy: 'anna',
  createdOn: NOW,
  revision: 1,
};
const bounce = { delivery: 'bounced', reason: 'it came back' } as const;

describe('a mail that came back', () => {
  it('is told of once, and never sent again', () => {
    const { activity: sent } = afterAttempt(attempted(queued, NOW), { sent: true, externalId: 'm1' }, NOW);
    const told = afterFeedback(sent, bounce, NOW);
    expect(told?.activity).toMatchObject({ delivery: 'bounced', sending: { error: 'it came back', externalId: 'm1' } });
    expect(told?.facts).toMatchObject([{ type: 'activity.failed', reason: 'it came back', attempts: 1 }]);
    expect(afterFeedback(told!.activity, bounce, NOW)).toBeUndefined();
    expect(maySend(told!.activity, '2027-01-01T00:00:00.000Z')).toBe(false);
  });

  it('before the attempt was over stays one that came back', () => {
    const told = afterFeedback(attempted(queued, NOW), bounce, NOW);
    const { activity, facts } = afterAttempt(told!.activity, { sent: true, externalId: 'm1' }, NOW);
    expect(activity).toMatchObject({ delivery: 'bounced', sending: { error: 'it came back', externalId: 'm1' } });
    expect(facts).toEqual([]);
    expect(afterAttempt(told!.activity, { sent: false, reason: 'timedOut', isFinal: false }, NOW)).toMatchObject({
      activity: { delivery: 'bounced' },
      facts: [],
    });
  });

  it('was one of ours', () => {
    expect(afterFeedback({ ...queued, delivery: undefined, direction: 'inbound' }, bounce, NOW)).toBeUndefined();
  });
});

describe('a text that goes in parts', () => {
  it('has left with its last part, and goes on after the last one that did', () => {
    let one = attempted(queued, NOW);
    const parts = [true, true, false].map((isMore) => {
      const { activity, facts } = afterAttempt(one, { sent: true, isMore }, NOW);
      one = activity;
      return { delivery: activity.delivery, parts: activity.sending?.partsSent, facts: facts.length };
    });
    expect(parts).toEqual([
      { delivery: 'queued', parts: 1, facts: 0 },
      { delivery: 'queued', parts: 2, facts: 0 },
      { delivery: 'sent', parts: 3, facts: 1 },
    ]);
    const halfway = afterAttempt(attempted(queued, NOW), { sent: true, isMore: true }, NOW).activity;
    const failed = afterAttempt(halfway, { sent: false, reason: 'timedOut', isFinal: false }, NOW).activity;
    expect(failed).toMatchObject({ delivery: 'queued', sending: { partsSent: 1, error: 'timedOut' } });
  });
});
