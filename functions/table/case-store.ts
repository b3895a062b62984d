import { Activity, ActivitySummary, noActivities } from '../../domain/activities/activity.ts';
import { Case, Resolution } from '../../domain/cases/case.ts';
import type { CaseChange, CaseFile } from '../../domain/cases/case-file.ts';
import { Hold } from '../../domain/cases/hold.ts';
import { type Authorship, CaseEvent } from '../../domain/facts/fact.ts';
import { ChildLink, Family, noChildren } from '../../domain/hierarchy/family.ts';
import { CaseLink } from '../../domain/links/link.ts';
import { Merges } from '../../domain/merge/merges.ts';
import { Placement } from '../../domain/queues/queue.ts';
import type { FollowedChange } from '../../domain/sla/followed-change.ts';
import { KpiInstance } from '../../domain/sla/kpi-instance.ts';
import type { Instant } from '../../domain/time.ts';
import { transactionOf } from './case-writes.ts';
import { entitlementOf } from './entitlement-items.ts';
import { revisionIs } from './fact-writes.ts';
import type { Ids } from './ids.ts';
import {
  CASE_HEAD_PREFIX,
  CHILD_PREFIX,
  caseCollection,
  entitlementKey,
  FAR_ALARM_ATTRIBUTES,
  kpiKey,
  LINK_PREFIX,
  linksBetween,
  RESOLUTION_PREFIX,
  resolutionKey,
  TIMELINE_PREFIX,
  timelineKey,
} from './keys.ts';
import type { Page, StoredItem, Table } from './table.ts';
import { Transaction } from './transaction.ts';

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
