import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { HostProblem } from './host-problem.ts';

/** A row of a file, by its number among the rows; one that cannot be read says why. */
export interface FileRow {
  row: number;
  values: Record<string, unknown>;
  problem?: string;
  /** How much of the file has been read with it. */
  bytes: number;
}

const Line = z.record(z.string(), z.unknown());

/** The rows of a CSV file (its first line names the columns) or of JSON Lines, read as they are needed. */
export const rowsOf = (file: string, format: 'csv' | 'jsonl'): AsyncGenerator<FileRow> =>
  format === 'csv' ? rowsOfCsv(file) : rowsOfLines(file);

const Read = z.object({
  record: z.record(z.string(), z.string()),
  info: z.object({ records: z.int(), bytes: z.number(), error: z.instanceof(Error).optional() }),
});

async function* rowsOfCsv(file: string): AsyncGenerator<FileRow> {
  // A row that has too many or too few values says so in its `info`, and the ones behind it are read all the same.
  const options = { columns: true, bom: true, info: true, relax_column_count: true, skip_empty_lines: true };
  const parser = createReadStream(file).pipe(parse(options));
  let row = 0;
  try {
    for await (const read of parser) {
      const { record, info } = Read.parse(read);
      row += 1;
      const values = Object.fromEntries(Object.entries(record).map(([column, text]) => [column, unguarded(text)]));
      yield { row, values, bytes: info.bytes, ...(info.error && { problem: info.error.message }) };
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new HostProblem(`${file}, row ${row + 1}: ${error.message}.`);
    throw error;
  }
}

/** Takes off the quote that keeps a spreadsheet from taking a text for a formula. */
const unguarded = (text: string): string => (/^'+[=+\-@\t\r＝＋－＠]/.test(text) ? text.slice(1) : text);

async function* rowsOfLines(file: string): AsyncGenerator<FileRow> {
  let [row, bytes] = [0, 0];
  for await (const line of linesOf(file)) {
    bytes += Buffer.byteLength(line) + 1;
    if (line.trim() === '') continue;
    row += 1;
    const values = objectIn(line);
    yield { row, values: values ?? {}, bytes, ...(!values && { problem: 'is not an object of JSON' }) };
  }
}

/** Ended by a line feed alone: the texts of JSON may hold what else Node's readline takes for an end, as U+2028. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let begun = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = `${begun}${chunk}`.split('\n');
    begun = lines.pop() ?? '';
    yield* lines;
  }
  if (begun) yield begun;
}

const objectIn = (line: string): Record<string, unknown> | undefined => {
  try {
    return Line.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
};
