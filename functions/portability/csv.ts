import { stringify } from 'csv-stringify/sync';

/**
 * What a spreadsheet would take for a formula, and a text that only looks as if it had been guarded against that. The
 * full-width signs are those that a spreadsheet in Chinese or Japanese takes for the others.
 */
const NEEDS_GUARD = /^'*[=+\-@\t\r＝＋－＠]/;

/** A text that a spreadsheet takes for a text; whoever reads the file takes the first quote off again. */
const guarded = (text: string): string => (NEEDS_GUARD.test(text) ? `'${text}` : text);

const written = (value: unknown): unknown => {
  if (typeof value === 'string') return guarded(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
};

/** Rows of a CSV file (RFC 4180), with the line of column names above them if it is asked for. */
export const csvOf = (rows: readonly object[], columns: readonly string[], { header }: { header: boolean }): string =>
  stringify(
    rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, written(value)]))),
    {
      columns,
      header,
      record_delimiter: 'windows',
      quoted_string: true,
      quoted_empty: false,
      cast: { boolean: String },
    },
  );
