import { z } from 'zod';
import type { CaseChange, CaseFile } from '../cases/case-file.ts';
import { type Tally, tallied } from '../pages/tally.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import { Instant } from '../time.ts';

/** The body of a broadcast. */
export const StartBroadcast = z
  .strictObject({
    text: z.string().trim().min(1).max(32_000),
    visibility: z
      .enum(['internal', 'public'])
      .describe('A note on each child, or a message to each child’s customer on the channel that they wrote by last'),
  })
  .meta({ id: 'StartBroadcast' });
export type StartBroadcast = z.infer<typeof StartBroadcast>;

/** How far a broadcast has come. */
export const BroadcastProgress = z.object({
  id: z.uuid(),
  state: z.enum(['running', 'completed', 'partial']),
  /** Children that were active when it started. */
  total: z.number().int(),
  delivered: z.number().int(),
  /** Of these, those that have been closed since. */
  skipped: z.number().int(),
  failed: z.number().int(),
});
export type BroadcastProgress = z.infer<typeof BroadcastProgress>;

/** Something that is told to all active children of a case. */
export const Broadcast = BroadcastProgress.extend({
  caseId: z.uuid(),
  ...StartBroadcast.shape,
  /** The user who started it. */
  by: z.string(),
  startedOn: Instant,
  /** The last child that has been dealt with; absent before the first page. */
  cursor: z.string().optional(),
  progressAt: Instant,
});
export type Broadcast = z.infer<typeof Broadcast>;

/** What became of it on one child. */
export const BroadcastOutcome = z.object({
  id: z.uuid(),
  outcome: z.enum(['delivered', 'skipped', 'failed']),
  reason: z.string().optional(),
});
export type BroadcastOutcome = z.infer<typeof BroadcastOutcome>;

/** Decides that something is told to all active children of an active case; they follow by the stream, page by page. */
export const startBroadcast = (
  parent: CaseFile,
  command: StartBroadcast,
  { id, by, now }: { id: string; by: string; now: Instant },
): Decision<{ change: CaseChange; broadcast: Broadcast }> => {
  const { case: subject, family } = parent;
  if (subject.status !== 'active') return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is ${subject.status}`);
  const broadcast: Broadcast = {
    id,
    caseId: subject.caseId,
    ...command,
    state: 'running',
    total: family.activeChildren,
    delivered: 0,
    skipped: 0,
    failed: 0,
    by,
    startedOn: now,
    progressAt: now,
  };
  const { visibility } = command;
  return accept({
    broadcast,
    change: {
      before: parent,
      after: { ...parent, family: { ...family, broadcast: BroadcastProgress.parse(broadcast) } },
      facts: [{ type: 'case.broadcastStarted', occurredAt: now, broadcastId: id, visibility, total: broadcast.total }],
      fences: [{ type: 'isActive' }],
    },
  });
};

/** The broadcast and its case with another page done. The case shows the newest one of its broadcasts. */
export const withBroadcastPage = (
  parent: CaseFile,
  before: Broadcast,
  page: { tally: Tally; last?: string; isEnd: boolean },
  now: Instant,
): { change: CaseChange; broadcast: Broadcast } => {
  const { delivered: done, skipped, failed } = before;
  const { done: delivered, state, ...rest } = tallied({ done, skipped, failed }, page.tally, page.isEnd);
  const totals = { delivered, ...rest };
  // A child that is opened or reactivated in the very moment of the start may be told as well.
  const total = Math.max(before.total, totals.delivered + totals.skipped + totals.failed);
  const cursor = page.last ?? before.cursor;
  const broadcast: Broadcast = { ...before, ...totals, total, state, progressAt: now, ...(cursor && { cursor }) };
  const { family } = parent;
  const isShown = family.broadcast?.id === before.id;
  const about = { occurredAt: now, broadcastId: before.id };
  return {
    broadcast,
    change: {
      before: parent,
      after: isShown ? { ...parent, family: { ...family, broadcast: BroadcastProgress.parse(broadcast) } } : parent,
      facts: [
        state === 'running'
          ? { type: 'case.broadcastAdvanced', ...about, delivered: totals.delivered, cursor: cursor ?? '' }
          : { type: 'case.broadcastCompleted', ...about, state, total, ...totals },
      ],
    },
  };
};
