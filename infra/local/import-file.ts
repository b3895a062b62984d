import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { checkpointIn } from './checkpoint.ts';
import { type FileRow, rowsOf } from './file-rows.ts';
import { growingFile } from './growing-file.ts';
import type { Remote } from './remote.ts';

const Outcome = z.looseObject({ row: z.int(), outcome: z.string() });
type Outcome = z.infer<typeof Outcome>;
const Answer = z.object({ rows: z.array(Outcome) });

/** How many rows have come to each outcome. */
export type Counts = Record<string, number>;

const State = z.object({
  importId: z.string(),
  dryRun: z.boolean(),
  row: z.int(),
  counts: z.record(z.string(), z.int()),
  reportBytes: z.int(),
});

export interface ImportOptions {
  kind: 'cases' | 'customers';
  file: string;
  format: 'csv' | 'jsonl';
  dryRun: boolean;
  /** Where refused rows are reported, a line of JSON each. */
  report: string;
  /** Columns under the names of the fields that they are; a column whose field is empty is left out. */
  map: Record<string, string>;
  /** Fields that every row has unless the file says otherwise. */
  set: Record<string, string>;
  onExisting?: string;
  /** Rows sent at once at most. */
  batch: number;
  onProgress?: (bytes: number, counts: Counts) => void;
}

/** A body holds a mebibyte; what goes around the rows has room in the rest. */
const BATCH_BYTES = 900_000;

/**
 * Sends the rows of a file, batch by batch, and reports those that are refused. What is done is kept in
 * `<report>.checkpoint`; a batch that was sent and not noted there is sent again, and changes nothing the second time,
 * because the service knows each row by a hash of the file and its number.
 */
export const importFile = async (remote: Remote, options: ImportOptions): Promise<Counts> => {
  const { kind, file, format, dryRun, onExisting, onProgress } = options;
  const importId = await hashOf(file);
  const checkpoint = checkpointIn(`${options.report}.checkpoint`, State);
  const before = checkpoint.read();
  const isSame = before?.importId === importId && before.dryRun === dryRun;
  const state = isSame ? before : { importId, dryRun, row: 0, counts: {}, reportBytes: 0 };
  const report = growingFile(options.report, state.reportBytes);
  const query = new URLSearchParams({ dryRun: String(dryRun), ...(onExisting && { onExisting }) });

  const send = async (rows: readonly FileRow[]): Promise<void> => {
    const body = { importId, firstRow: rows[0]?.row, rows: rows.map(({ values }) => values) };
    const response = await remote.send(`/v1/imports/${kind}?${query}`, { method: 'POST', body });
    const answer = Answer.parse(await response.json());
    note(
      answer.rows.map((outcome, n) => ({ ...outcome, values: rows[n]?.values })),
      rows.at(-1),
    );
  };
  const note = (outcomes: readonly Outcome[], last: FileRow | undefined): void => {
    for (const { outcome } of outcomes) state.counts[outcome] = (state.counts[outcome] ?? 0) + 1;
    const refused = outcomes.filter(({ outcome }) => outcome === 'refused');
    state.reportBytes = report.add(refused.map((outcome) => `${JSON.stringify(outcome)}\n`).join(''));
    state.row = last?.row ?? state.row;
    checkpoint.write(state);
    onProgress?.(last?.bytes ?? 0, state.counts);
  };

  try {
    let [pending, size]: [FileRow[], number] = [[], 0];
    const flush = async (): Promise<void> => {
      if (pending.length > 0) await send(pending);
      [pending, size] = [[], 0];
    };
    for await (const read of rowsOf(file, format)) {
      if (read.row <= state.row) continue;
      const row = { ...read, values: named(read.values, options) };
      const bytes = Buffer.byteLength(JSON.stringify(row.values));
      if (row.problem !== undefined || size + bytes > BATCH_BYTES) await flush();
      if (row.problem !== undefined) {
        const { problem: message, values } = row;
        note([{ row: row.row, outcome: 'refused', code: 'VALIDATION_FAILED', message, values }], row);
        continue;
      }
      pending.push(row);
      size += bytes;
      if (pending.length === options.batch) await flush();
    }
    await flush();
    checkpoint.clear();
    return state.counts;
  } finally {
    report.close();
  }
};

const named = (values: FileRow['values'], { map, set }: ImportOptions): FileRow['values'] => {
  const fields = Object.entries(values).map(([column, value]) => [map[column] ?? column, value] as const);
  const given = fields.filter(([field, value]) => field !== '' && value !== '');
  return { ...set, ...Object.fromEntries(given) };
};

const hashOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('base64url');
};
