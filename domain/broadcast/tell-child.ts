import { addActivity } from '../activities/add-activity.ts';
import type { CaseChange, CaseFile, Rules } from '../cases/case-file.ts';
import type { Outcome } from '../pages/tally.ts';
import type { Instant } from '../time.ts';
import type { Broadcast } from './broadcast.ts';

/** What a broadcast does with one child. */
export type Told = Outcome<CaseChange>;

/** Why a child is left out of a broadcast, or nothing when it is to be told. */
export const whyLeftOut = (
  { case: subject }: CaseFile,
  broadcast: Broadcast,
): Extract<Told, { outcome: 'skipped' }> | undefined => {
  if (subject.parentId !== broadcast.caseId) return { outcome: 'skipped', reason: 'detached', isCounted: true };
  if (subject.status === 'active') return undefined;
  const closedOn = subject.status === 'resolved' ? subject.resolvedOn : subject.cancelledOn;
  return { outcome: 'skipped', reason: subject.status, isCounted: closedOn > broadcast.startedOn };
};

/** Decides the note that an internal broadcast leaves on an active child, by whoever started it. */
export const noteOnChild = (
  child: CaseFile,
  { text, by }: Broadcast,
  { activityId, rules, now }: { activityId: string; rules: Rules; now: Instant },
): Told => {
  const note = addActivity(
    child,
    { type: 'note', body: text },
    { activityId, rules, caller: { userId: by, roles: ['agent'] }, now },
  );
  if (!note.accepted) return { outcome: 'failed', reason: note.detail ?? note.code };
  return { outcome: 'done', change: { ...note.value, fences: [{ type: 'isActive' }] } };
};
