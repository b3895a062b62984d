import { describe, expect, it } from 'vitest';
import { Channel } from '../../../domain/channels/channel.ts';
import { decideIntake } from '../../../domain/intake/decide-intake.ts';
import type { InboundMessage } from '../../../domain/intake/message.ts';

const NOW = '2026-03-02T09:00:00.000Z';
const message: InboundMessage = {
  type: 'chat',
  from: { id: 'ada@example.com' },
  subject: 'Refund',
  text: 'I want my money back',
  conversation: [],
  becomes: [],
  isAutomatic: false,
};
const customer = {
  customerId: 'ada',
  name: 'Ada',
  kind: 'contact' as const,
  tier: 'gold',
  createdOn: NOW,
  createdBy: 'x',
  modifiedOn: NOW,
  version: 1,
};
const outcome = (fields: object, said: Partial<InboundMessage> = {}, known = true) => {
  const channel = Channel.parse({ kind: 'webhook', ...fields });
  const plan = decideIntake(channel, { ...message, ...said }, known ? { customer } : {}, NOW);
  return plan.action === 'skip' ? `${plan.outcome}: ${plan.reason}` : plan.action;
};
const rule = (field: string, value: unknown, then: string) => ({
  rules: [{ id: 'one', when: { field, op: 'eq', value }, then }],
});

describe('a message that belongs to no case', () => {
  it.each([
    ['opens one', {}, {}, true, 'create'],
    ['of a stranger opens one', {}, {}, false, 'create'],
    ['of a stranger is turned away', { unknownSender: 'reject' }, {}, false, 'ignored: unknownSender'],
    ['of a stranger waits', { unknownSender: 'queue' }, {}, false, 'queued: unknownSenderQueued'],
    [
      'of a stranger opens one for whom all are',
      { unknownSender: 'reject', defaults: { customerId: 'all' } },
      {},
      false,
      'create',
    ],
    ['of a machine opens none', {}, { isAutomatic: true }, true, 'ignored: automatic'],
    [
      'of a machine opens one by a rule',
      rule('message.isAutomatic', true, 'create'),
      { isAutomatic: true },
      true,
      'create',
    ],
    ['is ignored by a word', rule('message.words', 'money', 'ignore'), {}, true, 'ignored: rule'],
    ['is spam by its domain', rule('message.fromDomain', 'example.com', 'spam'), {}, true, 'ignored: spam'],
    [
      'finds nothing to be attached to',
      rule('customer.tier', 'gold', 'attach'),
      {},
      true,
      'ignored: nothingToAttachTo',
    ],
    ['passes a rule for replies', rule('isReply', true, 'ignore'), {}, true, 'create'],
  ])('%s', (_, fields, said, known, expected) => {
    expect(outcome(fields, said, known)).toBe(expected);
  });
});
