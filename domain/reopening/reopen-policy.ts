import { z } from 'zod';
import type { Case } from '../cases/case.ts';
import { type Instant, toMs } from '../time.ts';

/** What a queue lets a customer's message do to its closed cases. Agents may reactivate a case whatever it says. */
export const ReopenPolicy = z
  .union([z.enum(['reopen', 'newLinked', 'reject']), z.strictObject({ reopenWithinDays: z.int().min(1).max(3650) })])
  .meta({ id: 'ReopenPolicy' });
export type ReopenPolicy = z.infer<typeof ReopenPolicy>;

/** What a queue goes by that says nothing else. */
export const DEFAULT_REOPEN_POLICY: ReopenPolicy = { reopenWithinDays: 7 };

/** What is asked of a message before it may reopen anything. */
export interface MessageFacts {
  occurredAt: Instant;
  /** An auto-reply, a bounce or bulk mail: nobody waits for an answer to it. */
  isAutomatic: boolean;
}

/** `append`: recorded as it is, nothing else follows; `reject`: recorded, and its sender is told that it reopens nothing. */
export type Reaction = 'append' | 'reopen' | 'newLinked' | 'reject';

const DAY_MS = 24 * 60 * 60_000;

/** Decides what a message means for the case that it is about. The last instant of the last day still reopens it. */
export const reactToMessage = (subject: Case, policy: ReopenPolicy, message: MessageFacts): Reaction => {
  if (subject.status === 'active' || message.isAutomatic) return 'append';
  if (typeof policy === 'string') return policy;
  const closedOn = subject.status === 'resolved' ? subject.resolvedOn : subject.cancelledOn;
  const sinceMs = toMs(message.occurredAt) - toMs(closedOn);
  return sinceMs <= policy.reopenWithinDays * DAY_MS ? 'reopen' : 'newLinked';
};
