import { z } from 'zod';
import { CaseId } from '../cases/case.ts';
import type { CaseChange, CaseFile } from '../cases/case-file.ts';
import { isMoving } from '../merge/merges.ts';
import { resummarised } from '../merge/open-activities.ts';
import { mergedInto } from '../merge/survivor-of.ts';
import { accept, type Decision, invalid, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { type Activity, MAX_OPEN_ACTIVITIES } from './activity.ts';

/** The body of a move. */
export const MoveActivity = z
  .strictObject({ caseId: CaseId.describe('Where the activity belongs') })
  .meta({ id: 'MoveActivity' });
export type MoveActivity = z.infer<typeof MoveActivity>;

/** What becomes of both cases, and the activity where it then is. */
export interface ActivityMove {
  from: CaseChange;
  to: CaseChange;
  activity: Activity;
}

/**
 * Decides that an activity which landed on the wrong case goes to another one, with its time and author. Clocks do not
 * turn back: a first response that was given by it stays given, and it gives none where it comes to.
 */
export const moveActivity = (
  from: CaseFile,
  to: CaseFile,
  before: Activity,
  now: Instant,
): Decision<
  ActivityMove,
  'VALIDATION_FAILED' | 'MERGED_ELSEWHERE' | 'CASE_NOT_ACTIVE' | 'TOO_MANY_OPEN_ACTIVITIES' | 'TRY_AGAIN'
> => {
  const [fromId, toId] = [from.case.caseId, to.case.caseId];
  if (fromId === toId) return invalid('caseId', 'is where the activity is already');
  const into = mergedInto(to.case);
  if (into) return refuse('MERGED_ELSEWHERE', `${to.case.caseNumber} has been merged`, { mergedInto: into });
  if (isMoving(from) || isMoving(to)) return refuse('TRY_AGAIN', 'A merge still moves activities of these cases');
  const { activityId, durationMinutes = 0, state } = before;
  if (state === 'open' && to.activities.accepts !== 'anything') {
    return refuse('CASE_NOT_ACTIVE', `${to.case.caseNumber} is ${to.case.status}: nothing open can come to it`);
  }
  if (state === 'open' && to.activities.open.length >= MAX_OPEN_ACTIVITIES) {
    return refuse('TOO_MANY_OPEN_ACTIVITIES', `A case has at most ${MAX_OPEN_ACTIVITIES} open activities`);
  }
  const { mergedFrom: _from, mergePath: _path, ...same } = before;
  const facts = [{ type: 'activity.moved' as const, occurredAt: now, activityId, fromCaseId: fromId, toCaseId: toId }];
  const listed = from.activities.open.filter((one) => one.activityId === activityId);
  const [left, come] = [from.activities, to.activities];
  return accept({
    activity: { ...same, caseId: toId, movedFrom: fromId },
    from: {
      before: from,
      after: {
        ...from,
        activities: resummarised(left, {
          open: left.open.filter((one) => one.activityId !== activityId),
          totalMinutes: left.totalMinutes - durationMinutes,
        }),
      },
      facts,
      fences: [{ type: 'isNotMerged' }],
    },
    to: {
      before: to,
      after: {
        ...to,
        activities: resummarised(come, {
          open: [...come.open, ...listed.map(({ mergePath: _gone, ...one }) => one)],
          totalMinutes: come.totalMinutes + durationMinutes,
        }),
      },
      facts,
      fences: [{ type: 'isNotMerged' }],
    },
  });
};
