import { z } from 'zod';
import { CaseId, CaseType, Origin, OwnerId, Priority, Severity, Slug } from '../../domain/cases/case.ts';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import { CaseStatus } from '../../domain/cases/status-reasons.ts';
import { mergesOf } from '../../domain/merge/merges.ts';
import { mergedInto } from '../../domain/merge/survivor-of.ts';
import { invalid } from '../../domain/refusal.ts';
import { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { pageQuery } from '../api/route.ts';
import type { Services } from '../services.ts';
import {
  accountCases,
  caseIdAt,
  caseIdOf,
  customerCases,
  externalCases,
  freeItems,
  ownerCases,
  queueItems,
  statusShards,
  workedItems,
} from '../table/keys.ts';
import { mergedPage } from '../table/merged.ts';
import type { Page, Range } from '../table/table.ts';
import { isVisible } from './access.ts';
import { viewCase } from './case-view.ts';
import { casesAtRisk, isDueAt, type Listed } from './cases-at-risk.ts';

/** One filter leads: it chooses the index; the others filter within. Without a leading one the status leads. */
export const CaseFilter = z.strictObject({
  ...pageQuery,
  queueId: Slug.optional().describe('Leads: the most urgent first, then the longest waiting'),
  view: z
    .enum(['available', 'mine'])
    .optional()
    .describe('Of a queue’s cases those that nobody works on, or those that the caller works on; needs `queueId`'),
  ownerId: OwnerId.optional().describe('Leads: the newest first'),
  customerId: z.string().max(128).optional().describe('Leads: the newest first; an account includes its contacts'),
  parentId: CaseId.optional().describe('Leads: children of a case'),
  externalId: z.string().max(200).optional().describe('Leads'),
  mergedInto: CaseId.optional().describe('Leads: the cases merged into a case, the oldest first'),
  slaAtRisk: z
    .literal('true')
    .optional()
    .describe('Leads: a clock has warned, or is due within the hour; the next to be missed first'),
  status: CaseStatus.optional().describe('Leads when nothing else does: the last modified first; default active'),
  statusReason: z.string().max(64).optional(),
  subjectId: Slug.optional().describe('The subject or anything below it'),
  origin: Origin.optional(),
  priority: Priority.optional(),
  severity: Severity.optional(),
  caseType: CaseType.optional(),
  product: z.string().max(200).optional(),
  label: z.string().max(60).optional(),
  modifiedSince: Instant.optional(),
});
export type CaseFilter = z.infer<typeof CaseFilter>;

export type ListServices = Pick<Services, 'table' | 'cases' | 'settings' | 'customers' | 'now'>;

/**
 * A page of cases. The index is read for `limit` keys and each case once, so that a page costs the same however many
 * cases there are; what the other filters drop makes it shorter.
 */
export const listCases = async (
  services: ListServices,
  request: Request<unknown, CaseFilter, unknown>,
): Promise<Outcome> => {
  const { cursor, limit, ...filter } = request.query;
  const list = `cases ${JSON.stringify(filter)}`;
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  if (filter.view && !filter.queueId) return invalid('query.view', 'needs a queueId');
  const { userId } = request.caller;
  const { items, next } = await listed(services, filter, userId, { limit, after: position.value });

  const head = await services.settings.head();
  const statusModel = await services.settings.statusModel(head);
  const now = services.now();
  const files = await Promise.all(items.map(({ caseId }) => services.cases.load(caseId, { eventually: true })));
  const shown: unknown[] = [];
  for (const [n, file] of files.entries()) {
    if (!file || !matches(file, filter, userId) || !isDueAt(file, items[n]?.dueAt, now)) continue;
    if (!(await isVisible(services, file, request.caller, head))) continue;
    shown.push(viewCase(file, { statusModel }));
  }
  return { accepted: true, body: { items: shown, ...(next && { nextCursor: encodeCursor(list, next) }) } };
};

type Filter = Omit<CaseFilter, 'limit' | 'cursor'>;
type Paging = { limit: number; after?: string };

const listed = async (
  services: ListServices,
  filter: Filter,
  userId: string,
  paging: Paging,
): Promise<Page<Listed>> => {
  if (filter.slaAtRisk) return casesAtRisk(services, paging);
  const { items, next } = await idsOf(services, filter, userId, paging);
  return { items: items.map((caseId) => ({ caseId })), ...(next && { next }) };
};

const idsOf = async (services: ListServices, filter: Filter, userId: string, paging: Paging): Promise<Page<string>> => {
  const { table, cases } = services;
  const newest = { descending: true };
  if (filter.queueId) return keysOf(table, viewOf(filter.queueId, filter.view, userId), paging);
  if (filter.ownerId) {
    return keysOf(
      table,
      { index: 2, partition: ownerCases(filter.ownerId, filter.status ?? 'active'), ...newest },
      paging,
    );
  }
  if (filter.customerId) {
    const customer = await services.customers.find(filter.customerId);
    const range =
      customer?.kind === 'account'
        ? { index: 5, partition: accountCases(filter.customerId) }
        : { index: 1, partition: customerCases(filter.customerId) };
    return keysOf(table, { ...range, ...newest }, paging);
  }
  if (filter.parentId) {
    const { items, next } = await cases.children(filter.parentId, paging);
    return { items: items.map(({ childId }) => childId), ...(next && { next }) };
  }
  if (filter.externalId)
    return keysOf(table, { index: 4, partition: externalCases(filter.externalId), ...newest }, paging);
  if (filter.mergedInto) return mergedCasesOf(services, filter.mergedInto, paging);
  return lastModified(services, filter.status ?? 'active', paging);
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

const keysOf = async (table: Services['table'], range: Range, paging: Paging): Promise<Page<string>> => {
  const { items, next } = await table.page({ ...range, ...paging });
  return { items: items.map(({ PK }) => caseIdOf(String(PK))), ...(next && { next }) };
};

/** In the order in which the cases were opened, which their ids have: what is unmerged meanwhile moves no other. */
const mergedCasesOf = async (
  { cases }: ListServices,
  survivorId: string,
  { limit, after = '' }: Paging,
): Promise<Page<string>> => {
  const survivor = await cases.load(survivorId);
  const received = survivor ? mergesOf(survivor).received.map(({ caseId }) => caseId) : [];
  const left = received.filter((caseId) => caseId > after).sort();
  const items = left.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(left.length > limit && last && { next: last }) };
};

/** One list out of the shards of a status. */
const lastModified = async (
  { table }: ListServices,
  status: string,
  { limit, after }: Paging,
): Promise<Page<string>> => {
  const shards = statusShards(status).map((partition) => ({ index: 3, partition }));
  const { items, horizon } = await mergedPage(table, shards, { limit, after });
  const taken = items.slice(0, limit);
  const next = items.length > limit ? taken.at(-1)?.position : horizon;
  return { items: taken.map(({ position }) => caseIdAt(position)), ...(next && { next }) };
};

/** The index may lag behind the case, so the leading filter is tested as well. */
const matches = ({ case: subject, placement }: CaseFile, filter: Filter, userId: string): boolean => {
  const queueId = placement?.state === 'queued' ? placement.queueId : undefined;
  const { customerId, subjectId, label, modifiedSince } = filter;
  const equal = [
    'ownerId',
    'parentId',
    'externalId',
    'statusReason',
    'origin',
    'priority',
    'severity',
    'caseType',
    'product',
  ] as const;
  const status = filter.status ?? (isLed(filter) ? undefined : 'active');
  return (
    equal.every((field) => filter[field] === undefined || filter[field] === subject[field]) &&
    (!status || subject.status === status) &&
    (!filter.queueId || filter.queueId === queueId) &&
    (filter.view !== 'available' || !placement?.workedBy) &&
    (filter.view !== 'mine' || placement?.workedBy === userId) &&
    (!filter.mergedInto || filter.mergedInto === mergedInto(subject)) &&
    (!customerId || customerId === subject.customerId || customerId === subject.accountId) &&
    (!subjectId || subject.subjectPath?.includes(subjectId) === true) &&
    (!label || subject.labels?.includes(label) === true) &&
    (!modifiedSince || subject.modifiedOn >= modifiedSince)
  );
};

const isLed = ({ queueId, customerId, parentId, externalId, mergedInto: survivorId }: Filter): boolean =>
  [queueId, customerId, parentId, externalId, survivorId].some((filter) => filter !== undefined);
