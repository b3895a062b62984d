import type { Activity } from '../../domain/activities/activity.ts';
import { caseIdOf, timelineKey } from '../table/keys.ts';
import type { StoredItem } from '../table/table.ts';
import type { Transaction } from '../table/transaction.ts';

/**
 * Adds to a transaction that a stored activity is where `activity` says. What is stored moves as it is, with whatever
 * it carries besides; an edit that comes between makes the transaction fail.
 */
export const moveActivity = (transaction: Transaction, stored: StoredItem, activity: Activity): void => {
  const { mergedFrom: _origin, mergePath: _path, ...same } = stored;
  const { activityId, caseId, mergedFrom, mergePath, movedFrom } = activity;
  transaction.remove(timelineKey(caseIdOf(String(stored.PK)), activityId), {
    attribute: 'revision',
    is: 'equal',
    value: activity.revision,
  });
  transaction.create({ ...same, ...timelineKey(caseId, activityId), caseId, mergedFrom, mergePath, movedFrom });
};
