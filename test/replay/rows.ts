import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { type Instant, toInstant } from '../../domain/time.ts';

/** What stops a run before it begins: one sentence for whoever started it. */
export class ReplayProblem extends Error {
  override name = 'ReplayProblem';
}

const moment = z
  .string()
  .regex(/^\d\d-\d\d-\d{4} \d\d:\d\d$/, 'expected dd-mm-yyyy hh:mm')
  .transform((text): Instant => {
    const [day = 0, month = 0, year = 0, hour = 0, minute = 0] = text.split(/[- :]/).map(Number);
    // The log names no time zone; read as UTC no instant is doubtful.
    return toInstant(Date.UTC(year, month - 1, day, hour, minute));
  });
/** `?` is the log's word for unknown. */
const word = z.string().transform((text) => (text.trim() === '' || text.trim() === '?' ? undefined : text.trim()));

export const STATES = [
  'New',
  'Active',
  'Awaiting User Info',
  'Awaiting Problem',
  'Awaiting Vendor',
  'Awaiting Evidence',
  'Resolved',
  'Closed',
] as const;

const LogRow = z
  .object({
    number: z.string().min(1),
    incident_state: z.enum(STATES),
    sys_mod_count: z.coerce.number().int(),
    made_sla: z.string().transform((text) => text.toUpperCase() === 'TRUE'),
    caller_id: word,
    opened_at: moment,
    sys_updated_at: moment,
    sys_updated_by: word,
    contact_type: word,
    location: word,
    category: word,
    subcategory: word,
    u_symptom: word,
    impact: z.enum(['1 - High', '2 - Medium', '3 - Low']),
    priority: z.enum(['1 - Critical', '2 - High', '3 - Moderate', '4 - Low']),
    assignment_group: word,
    assigned_to: word,
    problem_id: word,
    closed_code: word,
    resolved_by: word,
  })
  .transform((log) => ({
    number: log.number,
    state: log.incident_state,
    change: log.sys_mod_count,
    madeSla: log.made_sla,
    caller: log.caller_id,
    openedAt: log.opened_at,
    at: log.sys_updated_at,
    updatedBy: log.sys_updated_by,
    contactType: log.contact_type,
    location: log.location,
    category: log.category,
    subcategory: log.subcategory,
    symptom: log.u_symptom,
    impact: log.impact,
    priority: log.priority,
    group: log.assignment_group,
    assignee: log.assigned_to,
    problem: log.problem_id,
    closedCode: log.closed_code,
    resolver: log.resolved_by,
  }));

/** One row of the log: an incident as it was after one update. */
export type Row = z.infer<typeof LogRow> & { line: number };

export interface Rows {
  rows: Row[];
  /** Rows that are none, with what is wrong; reported like refused ones. */
  unreadable: { line: number; problem: string }[];
}

/** Reads the first `limit` rows of a log, in the file's order. */
export const readRows = (file: string, limit = Number.POSITIVE_INFINITY): Rows => {
  let read: Rows;
  try {
    read = parseRows(readFileSync(file, 'utf8'), limit);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ReplayProblem(
      why.startsWith('ENOENT') ? `There is no incident log at ${file}.` : `${file} cannot be read: ${why}.`,
    );
  }
  if (read.rows.length > 0) return read;
  throw new ReplayProblem(
    `${file} holds no incident row${read.unreadable[0] ? `: ${read.unreadable[0].problem}` : ''}.`,
  );
};

/**
 * Whole incidents of some `limit` rows in all, in the file's order: by turns one of each priority that an incident ever
 * had, so that the rare and urgent ones are among a few, too.
 */
export const spread = ({ rows, unreadable }: Rows, limit: number): Rows => {
  const incidents = [...Map.groupBy(rows, ({ number }) => number).values()];
  const urgency = (those: readonly Row[]): string => those.map(({ priority }) => priority).sort()[0] ?? '';
  const lists = [...Map.groupBy(incidents, urgency).values()];
  const chosen = new Set<string>();
  let count = 0;
  for (let turn = 0; count < limit && turn < incidents.length; turn += 1) {
    for (const those of lists.flatMap((list) => [list[turn] ?? []])) {
      if (count + those.length > limit) continue;
      count += those.length;
      for (const { number } of those) chosen.add(number);
    }
  }
  return { rows: rows.filter(({ number }) => chosen.has(number)), unreadable };
};

/** Parses the text of a log. */
export const parseRows = (text: string, limit = Number.POSITIVE_INFINITY): Rows => {
  const read: Rows = { rows: [], unreadable: [] };
  const records: unknown[] = parse(text, {
    columns: true,
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
  });
  for (const [index, record] of records.slice(0, limit).entries()) {
    const line = index + 2;
    const parsed = LogRow.safeParse(record);
    if (parsed.success) read.rows.push({ ...parsed.data, line });
    else {
      const problem = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
      read.unreadable.push({ line, problem });
    }
  }
  return read;
};
