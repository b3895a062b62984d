import { z } from 'zod';
import { declareRoute } from '../api/route.ts';
import { CaseRow } from './case-row.ts';
import { ExportCases, MEDIA } from './export-cases.ts';
import { BatchOutcome, ImportBatch, ImportQuery } from './import-batch.ts';
import { ImportCustomersQuery } from './import-customers.ts';

/** The routes by which cases and customers come and go by the file. */
export const portabilityRoutes = {
  exportCases: declareRoute({
    method: 'GET',
    path: '/v1/exports/cases',
    tag: 'Import and export',
    summary: 'A page of a file of cases',
    description:
      'The pages, one behind the other, are the file; `Link` names the next one. A case that changes meanwhile may come twice: the higher `version` is the newer.',
    roles: ['supervisor'],
    query: ExportCases,
    answer: z
      .string()
      .describe(`Rows of CSV, or lines of JSON, with the fields ${Object.keys(CaseRow.shape).join(', ')}`),
    media: Object.values(MEDIA).map((type) => type.replace(/;.*/, '')),
  }),
  importCases: declareRoute({
    method: 'POST',
    path: '/v1/imports/cases',
    tag: 'Import and export',
    summary: 'Import rows of a file of cases',
    description:
      'Each row on its own, never twice: a case that is known by its external id is skipped. Without an SLA, without routing and without taking from entitlements unless a row says otherwise.',
    roles: ['admin'],
    query: ImportQuery,
    body: ImportBatch,
    answer: BatchOutcome,
  }),
  importCustomers: declareRoute({
    method: 'POST',
    path: '/v1/imports/customers',
    tag: 'Import and export',
    summary: 'Import rows of a file of customers',
    roles: ['admin'],
    query: ImportCustomersQuery,
    body: ImportBatch,
    answer: BatchOutcome,
  }),
};
