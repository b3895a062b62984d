import { describe, expect, it } from 'vitest';
import type { Activity } from '../../../domain/activities/activity.ts';
import { noActivities } from '../../../domain/activities/activity.ts';
import {
  inNewHome,
  resummarised,
  takenBack,
  takenOver,
  withArrived,
  withoutLeft,
} from '../../../domain/merge/open-activities.ts';
import { EARLIER } from '../../support/case-builders.ts';

const [A, B, D, TASK] = [1, 2, 3, 9].map((n) => `0196b3a0-0000-7000-8000-00000000000${n}`) as [
  string,
  string,
  string,
  string,
];

const task = (fields: Partial<Activity> = {}): Activity => ({
  activityId: TASK,
  caseId: B,
  type: 'task',
  visibility: 'public',
  body: 'Call back',
  occurredAt: EARLIER,
  state: 'open',
  createdBy: 'anna',
  createdOn: EARLIER,
  revision: 3,
  ...fields,
});
const entry = { activityId: TASK, type: 'task' as const };

describe('an activity that moves', () => {
  it('keeps what it is, and tells where it was recorded however far it has come', () => {
    const once = inNewHome(task(), B, A);
    expect(once).toEqual({ ...task(), caseId: A, mergedFrom: B, mergePath: [B] });
    const twice = inNewHome(once, A, D);
    expect(twice).toEqual({ ...task(), caseId: D, mergedFrom: B, mergePath: [B, A] });
    expect(inNewHome(twice, D, A)).toEqual(once);
    expect(inNewHome(once, A, B)).toEqual(task());
  });
});

describe('the list of open activities', () => {
  it('of a survivor has those of the merged case at once, and says where they still are', () => {
    expect(takenOver([entry], B)).toEqual([{ ...entry, at: B, mergePath: [B] }]);
  });

  it('no longer says so once they have arrived, and drops those that were completed on the way', () => {
    const [listed] = takenOver([entry], B);
    expect(withArrived([listed!], [inNewHome(task(), B, A)])).toEqual([{ ...entry, mergePath: [B] }]);
    expect(withArrived([listed!], [inNewHome(task({ state: 'completed' }), B, A)])).toEqual([]);
    expect(withoutLeft([listed!], [task()])).toEqual([]);
  });

  it('of an unmerged case has those that came from it: with the survivor, or where they never left', () => {
    const [onTheWay] = takenOver([entry], B);
    const arrived = { ...entry, mergePath: [B] };
    const another = { ...entry, mergePath: [D] };
    expect(takenBack([onTheWay!, another], B, A)).toEqual([entry]);
    expect(takenBack([arrived, { ...entry, mergePath: [D, B] }], B, A)).toEqual([
      { ...entry, at: A },
      { ...entry, at: A, mergePath: [D] },
    ]);
  });
});

describe('a summary', () => {
  it('that nothing changes is the same one, so that nobody waits for its write', () => {
    const summary = { ...noActivities(A), open: [entry] };
    expect(resummarised(summary, { open: [{ ...entry }] })).toBe(summary);
    expect(resummarised(summary, { totalMinutes: 5 })).toEqual({ ...summary, totalMinutes: 5, revision: 1 });
  });
});
