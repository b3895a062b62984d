import { describe, expect, it } from 'vitest';
import { feedbackOf } from '../../../functions/mail/ses-feedback.ts';

const caseId = '0199f1e0-0000-7000-8000-000000000002';
const activityId = '0199f1e0-0000-7000-8000-000000000001';
const tags = { 'ses:configuration-set': ['docket-prod'], caseId: [caseId], activityId: [activityId] };
const event = (eventType: string, told: object = {}) => ({
  source: 'aws.ses',
  detail: { eventType, mail: { messageId: '0102-x', destination: ['ada@example.com'], tags }, ...told },
});
const bounce = (bounceType: string, bounceSubType: string) =>
  event('Bounce', {
    bounce: {
      bounceType,
      bounceSubType,
      bouncedRecipients: [
        { emailAddress: 'ada@example.com', action: 'failed', status: '5.1.1', diagnosticCode: 'smtp; 550 ada unknown' },
      ],
    },
  });
const complaint = event('Complaint', {
  complaint: { complaintSubType: null, complaintFeedbackType: 'abuse', complainedRecipients: [] },
});

describe('what SES tells of a mail', () => {
  it.each([
    [
      'a mail that came back for good',
      bounce('Permanent', 'General'),
      'bounced',
      'it came back from 1 of its receivers: Permanent, General, 5.1.1',
    ],
    [
      'an address that SES does not write to',
      bounce('Permanent', 'OnAccountSuppressionList'),
      'bounced',
      /OnAccountSuppressionList/,
    ],
    ['a full mailbox', bounce('Transient', 'MailboxFull'), 'bounced', /MailboxFull/],
    ['a receiver who wants no more', complaint, 'failed', 'a receiver has complained of it as unwanted: abuse'],
    [
      'a complaint without a word',
      event('Complaint', { complaint: {} }),
      'failed',
      'a receiver has complained of it as unwanted',
    ],
    ['a virus', event('Reject', { reject: { reason: 'Bad content' } }), 'failed', /virus/],
  ])('is recorded: %s', (_, told, delivery, reason) => {
    const { named, feedback } = feedbackOf(told) ?? {};
    expect(named).toEqual({ caseId, activityId });
    expect(feedback).toEqual({ delivery, reason: typeof reason === 'string' ? reason : expect.stringMatching(reason) });
    expect(feedback?.reason).not.toContain('ada');
  });

  it.each([
    ['an answer of an absent person, which some servers call a bounce', bounce('Transient', 'General')],
    ['what nobody understands', bounce('Undetermined', 'Undetermined')],
    ['that it has arrived', event('Delivery')],
    ['that it takes long', event('DeliveryDelay')],
  ])('changes nothing: %s', (_, told) => {
    expect(feedbackOf(told)).toBeUndefined();
  });

  it('is not taken without the name of the message', () => {
    expect(() => feedbackOf({ detail: { eventType: 'Bounce', mail: { tags: {} } } })).toThrow();
  });
});
