import { CaseStatus } from '../../domain/cases/status-reasons.ts';
import { mergesOf } from '../../domain/merge/merges.ts';
import { accept, type Decision, invalid } from '../../domain/refusal.ts';
import type { Services } from '../services.ts';
import {
  accountCases,
  caseIdAt,
  caseIdOf,
  childPosition,
  customerCases,
  externalCases,
  familyShards,
  freeItems,
  ownerCases,
  queueItems,
  statusShards,
  workedItems,
} from '../table/keys.ts';
import { mergedPage, sortKeyOf } from '../table/merged.ts';
import type { Page, Range } from '../table/table.ts';
import type { CaseFilter, Filter } from './case-filter.ts';
import { casesAtRisk, type Listed } from './cases-at-risk.ts';

export type LeadServices = Pick<Services, 'table' | 'cases' | 'customers' | 'now'>;

/** A case in a list, and the position behind which the list goes on. */
export interface Place extends Listed {
  position: string;
}

type Paging = { limit: number; after?: string };

/** The list that a filter leads to, read page by page from an index; it costs the same however many cases there are. */
export interface Lead {
  page(paging: Paging): Promise<Page<Place>>;
}

/** A list before it is decided which way round it is read. */
interface Ordered {
  by: 'priority' | 'createdOn' | 'modifiedOn' | 'dueAt';
  /** Which way round it is read unless told otherwise. */
  descending: boolean;
  page(paging: Paging & { descending: boolean }): Promise<Page<Place>>;
}

/** The list that leads, in the order that is asked for; each list has one order, and that turned round. */
export const leadOf = async (
  services: LeadServices,
  filter: Filter,
  userId: string,
  { sort, hierarchy }: Pick<CaseFilter, 'sort' | 'hierarchy'>,
): Promise<Decision<Lead, 'VALIDATION_FAILED'>> => {
  if (filter.view && !filter.queueId) return invalid('query.view', 'needs a queueId');
  const list =
    (await listLedBy(services, filter, userId)) ?? (hierarchy ? families(services) : byStatus(services, filter));
  if (sort && sort.replace('-', '') !== list.by) {
    const orders = list.by === 'dueAt' ? list.by : `${list.by} or -${list.by}`;
    return invalid('query.sort', `this list can be sorted by ${orders}`);
  }
  const descending = sort ? sort.startsWith('-') : list.descending;
  return accept({ page: (paging) => list.page({ ...paging, descending }) });
};

const hasLead = ({ slaAtRisk, queueId, ownerId, customerId, parentId, externalId, mergedInto }: Filter): boolean =>
  [slaAtRisk, queueId, ownerId, customerId, parentId, externalId, mergedInto].some((filter) => filter !== undefined);

/**
 * The same of cases of all statuses where `leadOf` would ask for one, always the oldest first: a case that changes while
 * the list is read comes later in it, or stays where it is, and is not missed.
 */
export const leadOfAll = async (
  services: LeadServices,
  filter: Filter,
  userId: string,
): Promise<Decision<Lead, 'VALIDATION_FAILED'>> => {
  const { slaAtRisk, queueId, ownerId, status } = filter;
  const isOwners = ownerId !== undefined && !slaAtRisk && !queueId;
  if (status || (hasLead(filter) && !isOwners)) {
    return leadOf(services, filter, userId, hasLead(filter) ? {} : { sort: 'modifiedOn' });
  }
  const ranges = CaseStatus.options.flatMap((one) =>
    ownerId
      ? [{ index: 2, partition: ownerCases(ownerId, one) }]
      : statusShards(one).map((partition) => ({ index: 3, partition })),
  );
  return accept({ page: (paging) => ofRanges(services, ranges, caseIdAt, { ...paging, descending: false }) });
};

const listLedBy = async (services: LeadServices, filter: Filter, userId: string): Promise<Ordered | undefined> => {
  const { slaAtRisk, queueId, ownerId, customerId, parentId, externalId, mergedInto } = filter;
  if (slaAtRisk) return { by: 'dueAt', descending: false, page: (paging) => casesAtRisk(services, paging) };
  if (queueId) return ofRange(services, 'priority', viewOf(queueId, filter.view, userId));
  if (ownerId) {
    return ofRange(services, 'createdOn', { index: 2, partition: ownerCases(ownerId, filter.status ?? 'active') });
  }
  if (customerId) {
    const isAccount = (await services.customers.find(customerId))?.kind === 'account';
    const range = isAccount
      ? { index: 5, partition: accountCases(customerId) }
      : { index: 1, partition: customerCases(customerId) };
    return ofRange(services, 'createdOn', range);
  }
  if (parentId) return childrenOf(services, parentId);
  if (externalId) return ofRange(services, 'createdOn', { index: 4, partition: externalCases(externalId) });
  return mergedInto ? mergedCasesOf(services, mergedInto) : undefined;
};

/** Each view of a queue is a list of its own, so that a few free cases among thousands are found at once. */
const viewOf = (queueId: string, view: Filter['view'], userId: string): Range => {
  switch (view) {
    case 'available':
      return { index: 2, partition: freeItems(queueId) };
    case 'mine':
      return { index: 2, partition: workedItems(queueId, userId) };
    default:
      return { index: 1, partition: queueItems(queueId) };
  }
};

const ofRange = ({ table }: LeadServices, by: 'priority' | 'createdOn', range: Range): Ordered => ({
  by,
  descending: by === 'createdOn',
  async page(paging) {
    const { items, next } = await table.page({ ...range, ...paging });
    const places = items.map((item) => ({
      caseId: caseIdOf(String(item.PK)),
      position: String(item[sortKeyOf(range)]),
    }));
    return { items: places, ...(next && { next }) };
  },
});

const childrenOf = ({ cases }: LeadServices, parentId: string): Ordered => ({
  by: 'createdOn',
  descending: false,
  async page(paging) {
    const { items, next } = await cases.children(parentId, paging);
    const places = items.map(({ childId }) => ({ caseId: childId, position: childPosition(childId) }));
    return { items: places, ...(next && { next }) };
  },
});

/** In the order in which the cases were opened, which their ids have: what is unmerged meanwhile moves no other. */
const mergedCasesOf = ({ cases }: LeadServices, survivorId: string): Ordered => ({
  by: 'createdOn',
  descending: false,
  async page({ limit, after, descending }) {
    const survivor = await cases.load(survivorId);
    const received = (survivor ? mergesOf(survivor).received : []).map(({ caseId }) => caseId).sort();
    const inOrder = descending ? received.toReversed() : received;
    const left = inOrder.filter((caseId) => after === undefined || (descending ? caseId < after : caseId > after));
    const items = left.slice(0, limit).map((caseId) => ({ caseId, position: caseId }));
    const last = items.at(-1);
    return { items, ...(left.length > limit && last && { next: last.position }) };
  },
});

/** One list out of the shards of a status. */
const byStatus = (services: LeadServices, { status = 'active' }: Filter): Ordered => ({
  by: 'modifiedOn',
  descending: true,
  page: (paging) => ofShards(services, statusShards(status), caseIdAt, paging),
});

/** Every case that has had children, in the order in which they were opened, which their ids have. */
const families = (services: LeadServices): Ordered => ({
  by: 'createdOn',
  descending: true,
  page: (paging) => ofShards(services, familyShards(), (position) => position, paging),
});

const ofShards = (
  services: LeadServices,
  partitions: readonly string[],
  idAt: (position: string) => string,
  paging: Paging & { descending: boolean },
): Promise<Page<Place>> =>
  ofRanges(
    services,
    partitions.map((partition) => ({ index: 3, partition })),
    idAt,
    paging,
  );

const ofRanges = async (
  { table }: LeadServices,
  ranges: readonly Range[],
  idAt: (position: string) => string,
  paging: Paging & { descending: boolean },
): Promise<Page<Place>> => {
  const { items, horizon } = await mergedPage(table, ranges, paging);
  const taken = items.slice(0, paging.limit).map(({ position }) => ({ caseId: idAt(position), position }));
  const next = items.length > paging.limit ? taken.at(-1)?.position : horizon;
  return { items: taken, ...(next && { next }) };
};
