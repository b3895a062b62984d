import type { CaseChange } from '../../domain/cases/case-file.ts';
import {
  activityItem,
  activitySummaryItem,
  caseItem,
  holdItem,
  kpiItem,
  mergesItem,
  placementItem,
  resolutionItem,
} from './case-items.ts';
import type { CommitOptions } from './case-store.ts';
import { writeDraws } from './entitlement-items.ts';
import type { WriteCondition } from './expression.ts';
import { eventIn, type Recorded, record, revisionIs } from './fact-writes.ts';
import { writeBroadcast, writeCascade } from './family-writes.ts';
import { writeFence } from './fence-writes.ts';
import { ANSWER_ENTITY } from './idempotency.ts';
import type { Ids } from './ids.ts';
import { INTAKE_ENTITY } from './intake-store.ts';
import { holdKey, mergesKey, SENDING_ATTRIBUTES, timelineKey } from './keys.ts';
import { writeLink } from './link-writes.ts';
import { countInReasons } from './reason-store.ts';
import { type Item, Transaction } from './transaction.ts';

/** What repeats things of a case elsewhere for some time: what callers were answered, and what channels took in. */
const ECHOES = [ANSWER_ENTITY, INTAKE_ENTITY];

/** Changes of cases as one transaction: of each thing of a case what differs, under the conditions that it is as it was read. */
export const transactionOf = (changes: readonly CaseChange[], options: CommitOptions, ids: Ids): Transaction => {
  const transaction = new Transaction();
  options.also?.(transaction);
  const echoes = transaction.keysOf(ECHOES);
  const recorded = { ...options, ...(echoes.length > 0 && { echoes }) };
  for (const change of changes) write(transaction, change, recorded, ids);
  writeDraws(
    transaction,
    changes.flatMap(({ draws = [] }) => draws),
    options,
    ids,
  );
  return transaction;
};

const write = (transaction: Transaction, change: CaseChange, options: Recorded, ids: Ids): void => {
  const { before, after } = change;
  const { now } = options;
  const { caseId } = after.case;

  if (!before) transaction.create(caseItem(after.case));
  else if (before.case !== after.case) {
    transaction.replace(caseItem(before.case), caseItem(after.case), [
      { attribute: 'version', is: 'equal', value: before.case.version },
    ]);
  }
  countInReasons(transaction, before?.case, after.case);
  const closed = after.case.status === 'resolved' && before?.case.status !== 'resolved' && after.case;
  // Where a reopening is taken back, the resolution before it stands there already.
  const isNew = closed && closed.reopenCount >= (before?.case.reopenCount ?? 0);
  if (isNew) transaction.create(resolutionItem(caseId, closed.reopenCount + 1, closed.resolution));

  if (after.placement && after.placement !== before?.placement) {
    replaceOrCreate(
      transaction,
      before?.placement && placementItem(before.placement),
      placementItem(after.placement),
      before?.placement?.revision,
    );
  }
  writeSummary(transaction, change);
  writeCascade(transaction, change);
  writeBroadcast(transaction, change);
  writeMerges(transaction, change);
  writeHold(transaction, change);
  for (const instance of after.kpis) {
    const { kpi, generation } = instance;
    const old = before?.kpis.find((one) => one.kpi === kpi && one.generation === generation);
    if (old === instance) continue;
    replaceOrCreate(transaction, old && kpiItem(old, now), kpiItem(instance, now), old?.revision);
  }
  for (const activity of change.activities ?? []) {
    if (activity.revision === 1) transaction.create(activityItem(activity));
    else {
      const set = Object.fromEntries(
        Object.entries(activityItem(activity)).filter(([name]) => name !== 'PK' && name !== 'SK'),
      );
      const remove = activity.delivery && activity.delivery !== 'queued' ? SENDING_ATTRIBUTES : [];
      transaction.update(activityItem(activity), { set, remove, conditions: [revisionIs(activity.revision - 1)] });
    }
  }
  for (const { activityId, caseId: at } of change.cancelledActivities ?? []) {
    const open: WriteCondition = { attribute: 'state', is: 'equal', value: 'open' };
    transaction.update(timelineKey(at, activityId), {
      set: { state: 'cancelled' },
      add: { revision: 1 },
      conditions: [open],
    });
  }
  for (const fence of change.fences ?? []) writeFence(transaction, caseId, fence, options, ids);
  for (const link of change.links ?? []) writeLink(transaction, link, options, ids);
  for (const fact of change.facts) {
    record(transaction, eventIn(after, fact, options, ids), options);
  }
};

const replaceOrCreate = (
  transaction: Transaction,
  before: Item | undefined,
  after: Item,
  revision: number | undefined,
): void => {
  if (before && revision !== undefined) transaction.replace(before, after, [revisionIs(revision)]);
  else transaction.create(after);
};

/** A case without activities has no summary item yet: revision 0 means that it must still not exist. */
const writeSummary = (transaction: Transaction, { before, after }: CaseChange): void => {
  if (after.activities === before?.activities) return;
  const old = before?.activities.revision ?? 0;
  const isBlank = !before && after.activities.revision === 0 && !after.activities.firstRespondedOn;
  if (isBlank) return;
  if (old === 0)
    transaction.create(activitySummaryItem({ ...after.activities, revision: Math.max(1, after.activities.revision) }));
  else if (before)
    transaction.replace(activitySummaryItem(before.activities), activitySummaryItem(after.activities), [
      revisionIs(old),
    ]);
};

/**
 * All but the count of moves. What a case has received changes under the case's own version; how far a move has come,
 * only from where it was.
 */
const writeMerges = (transaction: Transaction, { before, after }: CaseChange): void => {
  const old = before?.merges;
  const { merges } = after;
  if (!merges || merges === old) return;
  const conditions: WriteCondition[] = old?.away
    ? [
        { attribute: 'away.moveId', is: 'equal', value: old.away.moveId },
        { attribute: 'away.position', is: 'equal', value: old.away.position },
      ]
    : [{ attribute: 'away', is: 'absent' }];
  transaction.replace(old ? mergesItem(old) : { ...mergesKey(merges.caseId) }, mergesItem(merges), conditions);
};

const writeHold = (transaction: Transaction, { before, after: { hold } }: CaseChange): void => {
  const old = before?.hold;
  if (hold === old) return;
  const isOld: WriteCondition[] = old ? [{ attribute: 'epoch', is: 'equal', value: old.epoch }] : [];
  if (hold && old) transaction.replace(holdItem(old), holdItem(hold), isOld);
  else if (hold) transaction.create(holdItem(hold));
  else if (old) transaction.remove(holdKey(old.caseId), ...isOld);
};
