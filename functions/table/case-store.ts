import { Activity, ActivitySummary, noActivities } from '../../domain/activities/activity.ts';
import { Case, Resolution } from '../../domain/cases/case.ts';
import type { CaseChange, CaseFile, Fence } from '../../domain/cases/case-file.ts';
import { Hold } from '../../domain/cases/hold.ts';
import { type Authorship, CaseEvent, type Fact } from '../../domain/facts/fact.ts';
import { ChildLink, Family, noChildren } from '../../domain/hierarchy/family.ts';
import { CaseLink, fromOtherSide, type LinkChange } from '../../domain/links/link.ts';
import { Merges } from '../../domain/merge/merges.ts';
import { teamIdOf } from '../../domain/people/owner.ts';
import { Placement } from '../../domain/queues/queue.ts';
import type { FollowedChange } from '../../domain/sla/followed-change.ts';
import { KpiInstance } from '../../domain/sla/kpi-instance.ts';
import type { Instant } from '../../domain/time.ts';
import {
  activityItem,
  activitySummaryItem,
  caseItem,
  childLinkItem,
  eventItem,
  familyItem,
  holdItem,
  kpiItem,
  linkItem,
  mergesItem,
  placementItem,
  resolutionItem,
} from './case-items.ts';
import { entitlementOf, writeDraws } from './entitlement-items.ts';
import type { WriteCondition } from './expression.ts';
import { ANSWER_ENTITY } from './idempotency.ts';
import type { Ids } from './ids.ts';
import { INTAKE_ENTITY } from './intake-store.ts';
import {
  CASE_HEAD_PREFIX,
  CHILD_PREFIX,
  caseCollection,
  caseKey,
  childLinkKey,
  entitlementKey,
  FAR_ALARM_ATTRIBUTES,
  familyKey,
  familyListIndexes,
  holdKey,
  type Key,
  kpiKey,
  LINK_PREFIX,
  linkKey,
  linksBetween,
  mergesKey,
  RESOLUTION_PREFIX,
  resolutionKey,
  SENDING_ATTRIBUTES,
  TIMELINE_PREFIX,
  timelineKey,
  userKey,
} from './keys.ts';
import { countInReasons } from './reason-store.ts';
import type { Page, StoredItem, Table } from './table.ts';
import { type Item, Transaction } from './transaction.ts';

/** Who commits, when, and what else goes into the same transaction. */
export interface CommitOptions extends Authorship {
  now: Instant;
  /** Adds what must be true or written together with the change. */
  also?: (transaction: Transaction) => void;
}

/** Cases as files: read whole, changed by decisions, written as differences. */
export interface CaseStore {
  /** The case as it is now, or nothing when there is none. Lists may read `eventually`, at half the cost. */
  load(caseId: string, options?: { eventually?: boolean }): Promise<CaseFile | undefined>;
  activity(caseId: string, activityId: string): Promise<Activity | undefined>;
  event(caseId: string, eventId: string): Promise<CaseEvent | undefined>;
  kpi(caseId: string, kpi: string, generation: number): Promise<KpiInstance | undefined>;
  /** Takes a clock off the list of far alarms, unless it has changed meanwhile and put itself there anew. */
  armed(instance: KpiInstance): Promise<void>;
  resolutions(caseId: string): Promise<Resolution[]>;
  /** The case's resolution before its n-th reopening, unless it was cancelled then. */
  resolution(caseId: string, n: number): Promise<Resolution | undefined>;
  /** A parent's children in a fixed order, with consistent reads: a child attached a moment ago is among them. */
  children(
    parentId: string,
    options: { limit: number; after?: string; descending?: boolean },
  ): Promise<Page<ChildLink>>;
  /** The links of a case, or those between it and one other. */
  links(caseId: string, options: { limit: number; after?: string; otherId?: string }): Promise<Page<CaseLink>>;
  timeline(caseId: string, options: { limit: number; after?: string; descending?: boolean }): Promise<Page<StoredItem>>;
  /**
   * One transaction: what changed of each item, the links, the activities and one event a fact. Throws `LostRace` when
   * something that a decision rested on is no longer so.
   */
  commit(changes: readonly FollowedChange[], options: CommitOptions): Promise<void>;
  /** How many writes a commit of these changes is. */
  sizeOf(changes: readonly CaseChange[], options: CommitOptions): number;
}

/** The store on a table. */
export const caseStore = (table: Table, ids: Ids): CaseStore => ({
  async load(caseId, { eventually = false } = {}) {
    const items = await table.all({
      partition: caseCollection(caseId),
      beginsWith: CASE_HEAD_PREFIX,
      consistent: !eventually,
    });
    const file = fileOf(caseId, items);
    const entitlementId = eventually ? undefined : file?.case.entitlementId;
    const entitlement = entitlementId ? await table.get(entitlementKey(entitlementId)) : undefined;
    return file && { ...file, ...(entitlement && { entitlement: entitlementOf(entitlement) }) };
  },
  async activity(caseId, activityId) {
    const item = await table.get(timelineKey(caseId, activityId));
    return item?.entity === 'activity' ? Activity.parse(item) : undefined;
  },
  async event(caseId, eventId) {
    const item = await table.get(timelineKey(caseId, eventId));
    return item?.entity === 'event' ? CaseEvent.parse(item) : undefined;
  },
  async kpi(caseId, kpi, generation) {
    const item = await table.get(kpiKey(caseId, kpi, generation));
    return item && KpiInstance.parse(item);
  },
  async armed({ caseId, kpi, generation, revision }) {
    const transaction = new Transaction();
    transaction.update(kpiKey(caseId, kpi, generation), {
      remove: FAR_ALARM_ATTRIBUTES,
      conditions: [revisionIs(revision)],
    });
    await table.transact(transaction);
  },
  async resolutions(caseId) {
    const items = await table.all({ partition: caseCollection(caseId), beginsWith: RESOLUTION_PREFIX });
    return items.map((item) => Resolution.parse(item));
  },
  async resolution(caseId, n) {
    const item = await table.get(resolutionKey(caseId, n));
    return item && Resolution.parse(item);
  },
  async children(parentId, options) {
    const range = { partition: caseCollection(parentId), beginsWith: CHILD_PREFIX, consistent: true };
    const { items, next } = await table.page({ ...range, ...options });
    return { items: items.map((item) => ChildLink.parse(item)), ...(next && { next }) };
  },
  async links(caseId, { otherId, ...options }) {
    const beginsWith = otherId ? linksBetween(otherId) : LINK_PREFIX;
    const { items, next } = await table.page({
      partition: caseCollection(caseId),
      beginsWith,
      consistent: true,
      ...options,
    });
    return { items: items.map((item) => CaseLink.parse(item)), ...(next && { next }) };
  },
  timeline: (caseId, options) =>
    table.page({ partition: caseCollection(caseId), beginsWith: TIMELINE_PREFIX, consistent: true, ...options }),
  commit: (changes, options) => table.transact(transactionOf(changes, options, ids)),
  sizeOf: (changes, options) => transactionOf(changes, options, ids).size,
});

const fileOf = (caseId: string, items: StoredItem[]): CaseFile | undefined => {
  const of = (entity: string): StoredItem | undefined => items.find((item) => item.entity === entity);
  const subject = of('case');
  if (!subject) return undefined;
  const [placement, family, activities, merges] = [of('placement'), of('family'), of('activities'), of('merges')];
  const hold = of('hold');
  return {
    case: Case.parse(subject),
    ...(placement && { placement: Placement.parse(placement) }),
    family: family ? Family.parse(family) : noChildren(caseId),
    activities: activities ? ActivitySummary.parse(activities) : noActivities(caseId),
    ...(merges && { merges: Merges.parse(merges) }),
    ...(hold && { hold: Hold.parse(hold) }),
    kpis: items.filter((item) => item.entity === 'kpi').map((item) => KpiInstance.parse(item)),
  };
};

/** What repeats things of a case elsewhere for some time: what callers were answered, and what channels took in. */
const ECHOES = [ANSWER_ENTITY, INTAKE_ENTITY];
type Recorded = CommitOptions & { echoes?: readonly Key[] };

const transactionOf = (changes: readonly CaseChange[], options: CommitOptions, ids: Ids): Transaction => {
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

const revisionIs = (revision: number): WriteCondition => ({ attribute: 'revision', is: 'equal', value: revision });

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

/** Only the cascade of a family is written as it is; its counters change by the fences' additions. */
const writeCascade = (transaction: Transaction, { before, after }: CaseChange): void => {
  const old = before?.family.cascade;
  const { cascade } = after.family;
  if (cascade === old) return;
  const condition: WriteCondition[] = old
    ? [
        { attribute: 'cascade.id', is: 'equal', value: old.id },
        old.cursor
          ? { attribute: 'cascade.cursor', is: 'equal', value: old.cursor }
          : { attribute: 'cascade.cursor', is: 'absent' },
        { attribute: 'cascade.round', is: 'equal', value: old.round },
        { attribute: 'cascade.state', is: 'equal', value: old.state },
      ]
    : [{ attribute: 'cascade', is: 'absent' }];
  const { caseId } = after.case;
  transaction.replace(familyItem({ caseId, cascade: old }), familyItem({ caseId, cascade }), condition);
};

/** The newest broadcast takes the place of the one before; how far it has come is kept with the broadcast itself. */
const writeBroadcast = (transaction: Transaction, { before, after }: CaseChange): void => {
  const old = before?.family.broadcast;
  const { broadcast } = after.family;
  if (!broadcast || broadcast === old) return;
  const { caseId } = after.case;
  transaction.update(familyKey(caseId), {
    set: { entity: 'family', caseId, broadcast },
    conditions: [
      old ? { attribute: 'broadcast.id', is: 'equal', value: old.id } : { attribute: 'broadcast', is: 'absent' },
    ],
  });
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

/** Both sides, and the fact that the other case tells; its own case's is among the change's facts. */
const writeLink = (
  transaction: Transaction,
  { before, after, otherVersion }: LinkChange,
  options: Recorded,
  ids: Ids,
): void => {
  const link = after ?? before;
  if (!link) return;
  const there = fromOtherSide(link);
  for (const side of [link, there]) {
    const key = linkKey(side.caseId, side.otherId, side.kind);
    const stands: WriteCondition = { attribute: 'kind', is: 'present' };
    if (!after) transaction.remove(key);
    else if (before) transaction.update(key, { set: { ...side }, conditions: [stands] });
    else transaction.create(linkItem(side));
  }
  const { caseId, otherId, kind, direction } = there;
  const type = after ? ('case.linked' as const) : ('case.unlinked' as const);
  const told: Fact = { type, occurredAt: options.now, otherId, linkKind: kind, direction };
  record(transaction, eventOf(caseId, otherVersion, told, options, ids), options);
};

const writeFence = (transaction: Transaction, caseId: string, fence: Fence, options: Recorded, ids: Ids): void => {
  const family = familyKey('parentId' in fence ? fence.parentId : caseId);
  switch (fence.type) {
    case 'isActive':
      transaction.check(caseKey(caseId), { attribute: 'status', is: 'equal', value: 'active' });
      break;
    case 'isClosed':
      transaction.check(caseKey(caseId), { attribute: 'status', is: 'notEqual', value: 'active' });
      break;
    case 'isFollowedUp':
      transaction.update(caseKey(fence.previousId), {
        set: { followUpId: caseId },
        conditions: [
          { attribute: 'status', is: 'notEqual', value: 'active' },
          fence.instead
            ? { attribute: 'followUpId', is: 'equal', value: fence.instead }
            : { attribute: 'followUpId', is: 'absent' },
        ],
      });
      break;
    case 'isNotMerged':
      transaction.check(caseKey(caseId), { attribute: 'mergedInto', is: 'absent' });
      break;
    case 'noActiveChildren':
      transaction.check(family, { attribute: 'activeChildren', is: 'equalOrAbsent', value: 0 });
      break;
    case 'activeChildrenAre':
      transaction.check(family, {
        attribute: 'activeChildren',
        is: fence.count === 0 ? 'equalOrAbsent' : 'equal',
        value: fence.count,
      });
      break;
    case 'isNoParent':
      transaction.check(family, { attribute: 'childCount', is: 'equalOrAbsent', value: 0 });
      break;
    case 'hasNoFamily':
      transaction.check(caseKey(caseId), { attribute: 'hasFamily', is: 'absent' });
      break;
    case 'ownerIsThere':
      // Teams are not checked: a rule may give one team a thousand cases a second, and transactions that check the same
      // item make each other wait. A team is removed only when nothing names it, and hardly in that very moment.
      if (teamIdOf(fence.ownerId) === undefined) {
        transaction.check(userKey(fence.ownerId), { attribute: 'active', is: 'equal', value: true });
      }
      break;
    case 'mayWork':
      transaction.check(userKey(fence.userId), { attribute: 'active', is: 'equalOrAbsent', value: true });
      break;
    case 'childrenAre':
      transaction.check(family, {
        attribute: 'childCount',
        is: fence.count === 0 ? 'equalOrAbsent' : 'equal',
        value: fence.count,
      });
      break;
    case 'childrenReserved': {
      const { count, maxChildren } = fence;
      const room: WriteCondition[] =
        maxChildren === undefined
          ? []
          : [{ attribute: 'childCount', is: 'belowOrAbsent', value: maxChildren - count + 1 }];
      transaction.update(family, {
        set: { entity: 'family', caseId, ...familyListIndexes(caseId) },
        add: { childCount: count },
        conditions: room,
      });
      break;
    }
    case 'childrenReleased':
      transaction.update(family, { add: { childCount: -fence.count } });
      break;
    case 'movesUnderWay':
      transaction.update(mergesKey(caseId), { set: { entity: 'merges', caseId }, add: { moves: fence.by } });
      break;
    case 'childMoves': {
      const { from, to, childIsActive } = fence;
      const active = childIsActive ? 1 : 0;
      transaction.remove(childLinkKey(from.parentId, caseId));
      transaction.create(childLinkItem(to));
      transaction.update(familyKey(from.parentId), { add: { childCount: -1, activeChildren: -active } });
      transaction.update(familyKey(to.parentId), {
        set: { entity: 'family', caseId: to.parentId, ...familyListIndexes(to.parentId) },
        add: { activeChildren: active },
      });
      break;
    }
    case 'childCloses': {
      const { closed } = fence;
      transaction.update(family, {
        set: {
          ...(closed && { lastClosed: { childId: caseId, version: closed.version } }),
          ...(closed?.isResolved && { lastResolvedChildId: caseId }),
        },
        add: { activeChildren: -1 },
      });
      break;
    }
    case 'childLeaves': {
      transaction.update(family, { add: { childCount: -1, activeChildren: -1 } });
      transaction.remove(childLinkKey(fence.parentId, caseId));
      const left: Fact = { type: 'case.childDetached', occurredAt: options.now, childId: caseId };
      record(transaction, eventOf(fence.parentId, fence.parentVersion, left, options, ids), options);
      break;
    }
    case 'childOpens': {
      const { parentId, link, parentMustBeActive } = fence;
      const active: WriteCondition = { attribute: 'status', is: 'equal', value: 'active' };
      transaction.update(caseKey(parentId), {
        // Whoever makes the parent a child meanwhile asks for this mark, without a write for the parent's family.
        set: link && { hasFamily: true },
        conditions: [
          { attribute: 'caseId', is: 'present' },
          { attribute: 'parentId', is: 'absent' },
          { attribute: 'mergedInto', is: 'absent' },
          ...(parentMustBeActive ? [active] : []),
        ],
      });
      const room = link && link.maxChildren - (link.together ?? 1) + 1;
      transaction.update(family, {
        set: { entity: 'family', caseId: parentId, ...familyListIndexes(parentId) },
        add: { activeChildren: fence.childIsActive === false ? 0 : 1, childCount: link ? 1 : 0 },
        conditions: room === undefined ? [] : [{ attribute: 'childCount', is: 'belowOrAbsent', value: room }],
      });
      if (!link) break;
      transaction.create(childLinkItem({ parentId, childId: caseId, attachedOn: link.attachedOn }));
      if (link.together) break;
      const joined: Fact = { type: 'case.childAttached', occurredAt: options.now, childId: caseId };
      record(transaction, eventOf(parentId, fence.parentVersion, joined, options, ids), options);
      break;
    }
  }
};

/** The item knows the echoes of its transaction, so that what must go from the case can be found there as well. */
const record = (transaction: Transaction, event: CaseEvent, { echoes }: Recorded): void =>
  transaction.create({ ...eventItem(event), echoes });

/** A fact of the case itself, with where it stood. */
const eventIn = ({ case: subject, placement }: CaseFile, fact: Fact, options: CommitOptions, ids: Ids): CaseEvent => ({
  ...eventOf(subject.caseId, subject.version, fact, options, ids),
  ownerId: subject.ownerId,
  queueId: placement?.queueId,
});

const eventOf = (
  caseId: string,
  caseVersion: number,
  fact: Fact,
  { now, actor, cause, correlationId }: CommitOptions,
  ids: Ids,
): CaseEvent => ({
  eventId: ids.at(fact.occurredAt),
  caseId,
  caseVersion,
  at: now,
  actor,
  cause,
  correlationId,
  fact,
});
