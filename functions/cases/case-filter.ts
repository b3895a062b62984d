import { z } from 'zod';
import { CaseId, CaseType, Origin, OwnerId, Priority, Severity, Slug } from '../../domain/cases/case.ts';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import { CaseStatus } from '../../domain/cases/status-reasons.ts';
import { heldIn } from '../../domain/custom-fields/values.ts';
import { mergedInto } from '../../domain/merge/survivor-of.ts';
import { StageId } from '../../domain/process/process-flow.ts';
import { Instant } from '../../domain/time.ts';
import { pageQuery } from '../api/route.ts';

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
  stage: StageId.optional().describe('Of the process flow'),
  label: z.string().max(60).optional(),
  customField: z
    .string()
    .regex(/^[a-z][A-Za-z0-9_-]{0,62}:./, 'a custom field and a value, as serial:X-204')
    .max(300)
    .optional()
    .describe('`<name>:<value>`; of several options one'),
  modifiedSince: Instant.optional(),
  hierarchy: z
    .literal('parentsAndChildren')
    .optional()
    .describe('Only linked cases: each parent, followed by its children'),
  sort: z
    .enum(['priority', '-priority', 'createdOn', '-createdOn', 'modifiedOn', '-modifiedOn', 'dueAt'])
    .optional()
    .describe('The order that the leading filter’s list has, or with a dash the other way round'),
});
export type CaseFilter = z.infer<typeof CaseFilter>;

/** What is asked of each case of a list. */
export type Filter = Omit<CaseFilter, 'limit' | 'cursor' | 'sort' | 'hierarchy'>;

/** Whether a case is what a list asks for. The index may lag behind the case, so the leading filter is tested as well. */
export const matches = ({ case: subject, placement }: CaseFile, filter: Filter, userId: string): boolean => {
  const queueId = placement?.state === 'queued' ? placement.queueId : undefined;
  const { customerId, subjectId, label, customField, modifiedSince } = filter;
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
    'stage',
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
    (!customField || holds(subject, customField)) &&
    (!modifiedSince || subject.modifiedOn >= modifiedSince)
  );
};

const holds = ({ customFields }: CaseFile['case'], filter: string): boolean => {
  const colon = filter.indexOf(':');
  const values = [heldIn(customFields, filter.slice(0, colon))].flat();
  return values.some((value) => value !== undefined && String(value) === filter.slice(colon + 1));
};

const isLed = ({ queueId, customerId, parentId, externalId, mergedInto: survivorId }: Filter): boolean =>
  [queueId, customerId, parentId, externalId, survivorId].some((filter) => filter !== undefined);
