import { z } from 'zod';
import type { Caller } from '../../domain/cases/case-file.ts';
import { CaseStatus } from '../../domain/cases/status-reasons.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { isVisible } from '../cases/access.ts';
import { CaseFilter, matches } from '../cases/case-filter.ts';
import { isDueAt } from '../cases/cases-at-risk.ts';
import { type Lead, leadOfAll } from '../cases/lead.ts';
import type { ListServices } from '../cases/list-cases.ts';
import { CASE_COLUMNS, type CaseRow, rowOf } from './case-row.ts';
import { csvOf } from './csv.ts';

/** What is exported, and in which form. */
export const ExportCases = CaseFilter.omit({ hierarchy: true, sort: true, status: true }).extend({
  status: CaseStatus.optional().describe('Default: all'),
  limit: z.coerce.number().int().min(1).max(200).default(100).describe('Cases a page at most'),
  format: z.enum(['csv', 'jsonl']).default('jsonl'),
});
type ExportCases = z.infer<typeof ExportCases>;

export const MEDIA = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson' } as const;

/** A function answers 6 MB at most. A row may have a hundred kilobytes, and escapes make it longer. */
const PAGE_BYTES = 2_000_000;

/**
 * A page of an export. All of them, one behind the other, are the file. `Link` (RFC 8288) names the next one: whoever
 * has lost a page asks for it again, whenever. `Docket-Rows` counts its rows, which CSV hides in line breaks.
 */
export const exportCases = async (
  services: ListServices,
  { query, caller }: Request<unknown, ExportCases, unknown>,
): Promise<Outcome> => {
  const { cursor, limit, format, ...filter } = query;
  const list = `export ${JSON.stringify({ ...filter, format })}`;
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  const lead = await leadOfAll(services, filter, caller.userId);
  if (!lead.accepted) return lead;
  const { rows, next } = await rowsOf(services, lead.value, { filter, caller, limit, after: position.value });
  const text =
    format === 'csv'
      ? csvOf(rows, CASE_COLUMNS, { header: cursor === undefined })
      : rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const headers = {
    'docket-rows': String(rows.length),
    ...(next !== undefined && { link: linkTo(query, encodeCursor(list, next)) }),
  };
  return { accepted: true, body: text, as: { contentType: MEDIA[format], headers } };
};

const linkTo = ({ cursor: _present, ...query }: ExportCases, cursor: string): string => {
  const values = Object.entries({ ...query, cursor }).map(([name, value]): [string, string] => [name, String(value)]);
  return `</v1/exports/cases?${new URLSearchParams(values)}>; rel="next"`;
};

interface Asked {
  filter: Omit<ExportCases, 'limit' | 'cursor' | 'format'>;
  caller: Caller;
  limit: number;
  after?: string;
}

const rowsOf = async (
  services: ListServices,
  lead: Lead,
  { filter, caller, limit, after }: Asked,
): Promise<{ rows: CaseRow[]; next?: string }> => {
  const { items, next } = await lead.page({ limit, after });
  const head = await services.settings.head();
  const statusModel = await services.settings.statusModel(head);
  const now = services.now();
  const load = (caseId: string) => services.cases.load(caseId, { eventually: true });
  const files = await Promise.all(items.map(({ caseId }) => load(caseId)));
  const rows: CaseRow[] = [];
  let bytes = 0;
  for (const [n, { dueAt }] of items.entries()) {
    const file = files[n];
    const { status = file?.case.status } = filter;
    if (!file || !isDueAt(file, dueAt, now) || !matches(file, { ...filter, status }, caller.userId)) continue;
    if (!(await isVisible(services, file, caller, head))) continue;
    const { parentId } = file.case;
    const row = rowOf(file, parentId ? await load(parentId) : undefined, { statusModel });
    bytes += Buffer.byteLength(JSON.stringify(row));
    const before = items[n - 1]?.position;
    if (bytes > PAGE_BYTES && before) return { rows, next: before };
    rows.push(row);
  }
  return { rows, next };
};
