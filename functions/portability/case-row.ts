import { z } from 'zod';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import { CaseView, viewCase } from '../cases/case-view.ts';

const view = CaseView.shape;

/**
 * A case as exports tell it, one column a field: what an import takes comes under the name that it has there, so that
 * what one Docket exports another one imports.
 */
export const CaseRow = z
  .object({
    externalId: view.externalId,
    caseNumber: view.caseNumber,
    title: view.title,
    customerId: view.customerId,
    contactId: view.contactId,
    status: view.status,
    statusReason: view.statusReason,
    origin: view.origin,
    priority: view.priority,
    severity: view.severity,
    caseType: view.caseType,
    subjectId: view.subjectId,
    product: view.product,
    description: view.description,
    labels: view.labels,
    participants: view.participants,
    customFields: view.customFields,
    ownerId: view.ownerId,
    queueId: view.queueId,
    createdOn: view.createdOn,
    resolvedOn: view.resolvedOn,
    cancelledOn: z.string().optional(),
    resolution: z.string().optional(),
    resolvedBy: z.string().optional(),
    billableMinutes: z.int().optional(),
    totalMinutes: z.int().optional(),
    articleId: z.string().optional(),
    parentExternalId: z.string().optional(),
    parentId: view.parentId,
    previousCaseId: view.previousCaseId,
    mergedInto: view.mergedInto,
    entitlementId: view.entitlementId,
    slaId: view.slaId,
    firstRespondedOn: view.firstRespondedOn,
    reopenCount: view.reopenCount,
    caseId: view.caseId,
    referenceKey: view.referenceKey,
    createdBy: view.createdBy,
    modifiedOn: view.modifiedOn,
    version: view.version,
  })
  .meta({ id: 'CaseRow' });
export type CaseRow = z.infer<typeof CaseRow>;

/** The columns of a CSV file, in order. */
export const CASE_COLUMNS: readonly string[] = Object.keys(CaseRow.shape);

/** The row of a case. Empty texts are left out: CSV cannot tell them from fields that are not there. */
export const rowOf = (
  file: CaseFile,
  parent: CaseFile | undefined,
  statusModel: Parameters<typeof viewCase>[1],
): CaseRow => {
  const { resolution, ...shown } = viewCase(file, statusModel);
  const { case: subject } = file;
  const { description, ...fields } = CaseRow.parse({
    ...shown,
    resolution: resolution?.resolution,
    resolvedBy: resolution?.resolvedBy,
    billableMinutes: resolution?.billableMinutes,
    totalMinutes: resolution?.totalMinutes,
    articleId: resolution?.articleId,
    cancelledOn: subject.status === 'cancelled' ? subject.cancelledOn : undefined,
    parentExternalId: parent?.case.externalId,
  });
  return { ...fields, ...(description && { description }) };
};
