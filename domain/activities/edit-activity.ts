import { z } from 'zod';
import type { CaseChange, CaseFile } from '../cases/case-file.ts';
import { changesOf } from '../facts/fact.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Activity } from './activity.ts';
import { ActivityState, MAX_OPEN_ACTIVITIES } from './activity.ts';
import { AddActivity, type AddActivityContext, withEffects } from './add-activity.ts';

const { subject, body, dueAt, durationMinutes } = AddActivity.shape;

/** The body that edits an activity; completing an outbound call is the response that it stands for. */
export const EditActivity = z
  .strictObject({ subject, body, dueAt, durationMinutes, state: ActivityState })
  .partial()
  .meta({ id: 'EditActivity' });
export type EditActivity = z.infer<typeof EditActivity>;

/** Decides an edit of an activity on an active case; notes may be edited on a closed one too. */
export const editActivity = (
  file: CaseFile,
  before: Activity,
  patch: EditActivity,
  context: Omit<AddActivityContext, 'activityId'>,
): Decision<CaseChange> => {
  const { now } = context;
  if (file.activities.accepts !== 'anything' && before.type !== 'note') {
    return refuse('CASE_NOT_ACTIVE', `${file.case.caseNumber} is ${file.case.status}: only notes can change`);
  }
  const edited: Activity = { ...before, ...patch, revision: before.revision + 1 };
  const reopens = edited.state === 'open' && before.state !== 'open';
  if (reopens && file.activities.open.length >= MAX_OPEN_ACTIVITIES) {
    return refuse('TOO_MANY_OPEN_ACTIVITIES', `A case has at most ${MAX_OPEN_ACTIVITIES} open activities`);
  }
  const changes = changesOf(before, edited, ['subject', 'body', 'dueAt', 'durationMinutes', 'state']);
  if (changes.length === 0) return accept({ before: file, after: file, facts: [] });

  const fact = { type: 'activity.updated' as const, occurredAt: now, activityId: before.activityId, changes };
  // What completing it now means counts from now on, whenever it had been planned; its minutes replace the earlier ones.
  const counted = { ...edited, durationMinutes: (edited.durationMinutes ?? 0) - (before.durationMinutes ?? 0) };
  const completes = edited.state === 'completed' && before.state === 'open';
  const change = withEffects(
    file,
    completes ? { ...counted, occurredAt: now } : { ...counted, visibility: 'internal' },
    [fact],
    context,
  );
  return accept({ ...change, activities: [edited] });
};
