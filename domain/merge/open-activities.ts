import type { Activity, ActivitySummary, OpenActivity } from '../activities/activity.ts';
import { changesOf } from '../facts/fact.ts';

/** A summary with some of what it says replaced; the very same one when that changes nothing, so that nothing is written. */
export const resummarised = (
  before: ActivitySummary,
  changed: Partial<Omit<ActivitySummary, 'caseId' | 'revision'>>,
): ActivitySummary => {
  const after = { ...before, ...changed };
  const isSame = changesOf(before, after, ['accepts', 'open', 'totalMinutes', 'customerReplied']).length === 0;
  return isSame ? before : { ...after, revision: before.revision + 1 };
};

/** Open activities of a case as the case that takes them over lists them while they are still where they were. */
export const takenOver = (open: readonly OpenActivity[], from: string): OpenActivity[] =>
  open.map((one) => ({ ...one, at: from, mergePath: [...(one.mergePath ?? []), from] }));

/** Whether what has this path came to its case from `caseId`. */
export const cameFrom = ({ mergePath }: { mergePath?: string[] }, caseId: string): boolean =>
  mergePath?.at(-1) === caseId;

/**
 * Open activities of `survivorId` that came from the case that is unmerged, as that case lists them: those that have
 * been moved are still with the survivor, the others never left.
 */
export const takenBack = (open: readonly OpenActivity[], home: string, survivorId: string): OpenActivity[] =>
  open
    .filter((one) => cameFrom(one, home))
    .map(({ at, mergePath = [], ...one }) => ({
      ...one,
      ...(at !== home && { at: survivorId }),
      ...pathOf(mergePath.slice(0, -1)),
    }));

const pathOf = (mergePath: string[]): { mergePath?: string[] } => (mergePath.length > 0 ? { mergePath } : {});

/** What moves with a case: an activity, or the link of an article. */
export interface Movable {
  caseId: string;
  mergedFrom?: string;
  mergePath?: string[];
}

/** A thing in the case that it is moved to: what it is stays, and where it was is remembered. */
export const inNewHome = <Thing extends Movable>(thing: Thing, from: string, to: string): Thing => {
  const path = thing.mergePath ?? [];
  const mergePath = cameFrom(thing, to) ? path.slice(0, -1) : [...path, from];
  const isHome = mergePath.length === 0;
  return { ...thing, caseId: to, mergedFrom: mergePath[0], mergePath: isHome ? undefined : mergePath };
};

/** What the receiving case lists as open once these activities have arrived: what they really are by now. */
export const withArrived = (open: readonly OpenActivity[], arrived: readonly Activity[]): OpenActivity[] => {
  const states = new Map(arrived.map((activity) => [activity.activityId, activity]));
  const listed = open.flatMap((one) => {
    const activity = states.get(one.activityId);
    return activity ? openEntries(activity) : [one];
  });
  const known = new Set(open.map(({ activityId }) => activityId));
  return [...listed, ...arrived.filter(({ activityId }) => !known.has(activityId)).flatMap(openEntries)];
};

/** What the giving case lists as open once these activities have left. */
export const withoutLeft = (open: readonly OpenActivity[], left: readonly Activity[]): OpenActivity[] => {
  const gone = new Set(left.map(({ activityId }) => activityId));
  return open.filter(({ activityId }) => !gone.has(activityId));
};

const openEntries = ({ state, activityId, type, subject, mergePath }: Activity): OpenActivity[] =>
  state === 'open' ? [{ activityId, type, ...(subject && { subject }), ...(mergePath && { mergePath }) }] : [];
