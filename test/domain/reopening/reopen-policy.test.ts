import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ReopenPolicy, reactToMessage } from '../../../domain/reopening/reopen-policy.ts';
import { toInstant, toMs } from '../../../domain/time.ts';
import { activeCase, cancelledCase, EARLIER, resolvedCase } from '../../support/case-builders.ts';

const DAY_MS = 24 * 60 * 60_000;
const after = (ms: number): string => toInstant(toMs(EARLIER) + ms);
const message = (occurredAt: string, isAutomatic = false) => ({ occurredAt, isAutomatic });
const withinAWeek: ReopenPolicy = { reopenWithinDays: 7 };

describe('a customer’s message on a case that was resolved Monday at nine', () => {
  it.each([
    ['on Friday', after(4 * DAY_MS), withinAWeek, 'reopen'],
    ['exactly seven times 24 hours later', after(7 * DAY_MS), withinAWeek, 'reopen'],
    ['a second after that', after(7 * DAY_MS + 1000), withinAWeek, 'newLinked'],
    ['a millisecond after that', after(7 * DAY_MS + 1), withinAWeek, 'newLinked'],
    ['written before it was resolved', after(-1000), withinAWeek, 'reopen'],
    ['a year later, where every message reopens', after(365 * DAY_MS), 'reopen', 'reopen'],
    ['at once, where none does', after(1), 'newLinked', 'newLinked'],
    ['where messages are turned down', after(1), 'reject', 'reject'],
  ] as const)('%s', (_, occurredAt, policy, reaction) => {
    expect(reactToMessage(resolvedCase(), policy, message(occurredAt))).toBe(reaction);
    expect(reactToMessage(cancelledCase(), policy, message(occurredAt))).toBe(reaction);
  });

  it('does nothing more than be recorded, whatever the policy, when a machine wrote it or the case is active', () => {
    const policies = fc.oneof(
      fc.constantFrom<ReopenPolicy>('reopen', 'newLinked', 'reject'),
      fc.record({ reopenWithinDays: fc.integer({ min: 1, max: 3650 }) }),
    );
    fc.assert(
      fc.property(policies, fc.integer({ min: 0, max: 400 * DAY_MS }), fc.boolean(), (policy, ms, isAutomatic) => {
        expect(reactToMessage(resolvedCase(), policy, message(after(ms), true))).toBe('append');
        expect(reactToMessage(activeCase(), policy, message(after(ms), isAutomatic))).toBe('append');
      }),
    );
  });
});
