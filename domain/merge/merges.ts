import { z } from 'zod';
import { CaseId } from '../cases/case.ts';
import type { CaseFile } from '../cases/case-file.ts';
import { Instant } from '../time.ts';

/** A case that was merged into another, as the survivor knows it. */
export const Received = z.object({
  caseId: CaseId,
  /** Who takes part in the survivor because of it; absent when that is nobody but the survivor's own customer. */
  participants: z.array(z.string()).optional(),
});
export type Received = z.infer<typeof Received>;

/** Clocks first, because they no longer count; then the children, which closing the survivor may wait for. */
export const MoveStep = z.enum(['clocks', 'children', 'articles', 'activities']);
export type MoveStep = z.infer<typeof MoveStep>;

/**
 * How a case was merged away, and how far what belongs to it has come: to the survivor while it is `moving`, back from
 * there while it is `returning`. It is kept after an unmerge, so that a late fact is known to be late.
 */
export const Away = z.object({
  /** UUIDv7 of the merge, or of the unmerge that followed it: of two, the smaller one is the earlier. */
  moveId: z.uuid(),
  survivorId: CaseId,
  mergedOn: Instant,
  /** The user who merged or unmerged. */
  by: z.string(),
  state: z.enum(['moving', 'done', 'returning', 'returned']),
  step: MoveStep,
  /** Counts the pages: a page is committed only where the move still stands at the one before. */
  position: z.int(),
  /** The sort key behind which the step goes on. */
  after: z.string().optional(),
  /** Children that the receiving case has been charged with, so that its cap holds before they arrive. */
  reserved: z.int(),
  movedChildren: z.int(),
  movedActivities: z.int(),
  /** Minutes of the activities that have gone to the survivor. */
  movedMinutes: z.int(),
  /** What an unmerge restores. */
  before: z.object({
    statusReason: z.string(),
    queued: z.boolean(),
    customerReplied: z.boolean(),
    totalMinutes: z.int(),
  }),
  progressAt: Instant,
});
export type Away = z.infer<typeof Away>;

/** What merging has made of a case: an item of its own, so that a move's progress makes no agent's version stale. */
export const Merges = z.object({
  caseId: CaseId,
  /** Moves under way to or from the case; changed by addition only. */
  moves: z.int().default(0),
  /** In the order in which they were merged. */
  received: z.array(Received).default([]),
  /** The longest chain of merges that ends here. */
  depth: z.int().default(0),
  away: Away.optional(),
});
export type Merges = z.infer<typeof Merges>;

/** Ten cases are merged at once at most, the survivor included. */
export const MAX_MERGED_AT_ONCE = 9;

/** So many cases in all may be merged into one: they are listed on it, and an item has 400 KB. */
export const MAX_RECEIVED = 1_000;

/** What was merged into a case that was merged in turn is found over so many cases. */
export const MAX_HOPS = 10;

/** The merges of a case that has had none. */
export const mergesOf = ({ case: { caseId }, merges }: Pick<CaseFile, 'case' | 'merges'>): Merges =>
  merges ?? { caseId, moves: 0, received: [], depth: 0 };

/** Whether something is on its way to the case or from it. */
export const isMoving = (file: CaseFile): boolean => mergesOf(file).moves > 0;

/** Whether a move has not come to its end. */
export const isUnderWay = ({ state }: Away): boolean => state === 'moving' || state === 'returning';

/** Everybody who takes part in a case besides its addressees: set by hand, or brought along by cases merged into it. */
export const participantsOf = (file: Pick<CaseFile, 'case' | 'merges'>): string[] => {
  const { customerId, participants = [] } = file.case;
  const brought = mergesOf(file).received.flatMap((one) => one.participants ?? []);
  return [...new Set([...participants, ...(brought.length > 0 ? [customerId, ...brought] : [])])];
};
