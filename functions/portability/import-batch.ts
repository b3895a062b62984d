import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { FieldError, Refusal } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { retryingLostRaces } from '../lost-races.ts';
import type { Services } from '../services.ts';
import { importedKey } from '../table/keys.ts';
import type { Transaction } from '../table/transaction.ts';
import { Row } from './import-row.ts';

/** Some rows of a file, one behind the other. */
export const ImportBatch = z
  .strictObject({
    importId: z
      .string()
      .regex(/^[\w-]{8,128}$/)
      .describe('The same for all rows of a file and whenever they are sent again, such as a hash of the file'),
    firstRow: z.int().min(1).describe('The number of the first of these rows in the file'),
    rows: z.array(Row).min(1).max(100),
  })
  .meta({ id: 'ImportBatch' });
export type ImportBatch = z.infer<typeof ImportBatch>;

/** How a batch is taken. */
export const ImportQuery = z.strictObject({
  dryRun: z.enum(['true', 'false']).default('false').describe('Only tell what would become of each row'),
});

/** What has become of a row; in a dry run, `valid` instead of what would be written. */
export const RowOutcome = z.object({
  row: z.int(),
  outcome: z.enum(['created', 'updated', 'skipped', 'valid', 'refused']),
  id: z.string().optional().describe('Of the case or customer'),
  code: z.string().optional(),
  message: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type RowOutcome = z.infer<typeof RowOutcome>;

export const BatchOutcome = z.object({ rows: z.array(RowOutcome) }).meta({ id: 'ImportOutcome' });

/** What becomes of one row. */
export type Fate = Omit<RowOutcome, 'row'>;

/** A row that is being imported. */
export interface Importing {
  importId: string;
  row: number;
  isDryRun: boolean;
}

export type BatchRequest<Query = z.infer<typeof ImportQuery>> = Request<unknown, Query, ImportBatch>;

/** Rows that can go on at once. */
const AT_ONCE = 8;

/**
 * Takes the rows of a batch, each on its own: one that is refused keeps no other. Rows that do not lean on another come
 * first, several at once, so that what the others lean on may stand anywhere in the batch.
 */
export const takeBatch = async (
  services: Pick<Services, 'backOff'>,
  { query: { dryRun }, body: { importId, firstRow, rows } }: BatchRequest,
  { leans, take }: { leans: (row: Row) => boolean; take: (row: Row, importing: Importing) => Promise<Fate | Refusal> },
): Promise<Outcome> => {
  const outcomes: RowOutcome[] = [];
  const takeOne = async (n: number): Promise<void> => {
    const importing = { importId, row: firstRow + n, isDryRun: dryRun === 'true' };
    const fate = await retryingLostRaces(services, () => take(rows[n] ?? {}, importing));
    outcomes[n] = { row: importing.row, ...('accepted' in fate ? refused(fate) : fate) };
  };
  const others = [...rows.keys()].filter((n) => !leans(rows[n] ?? {}));
  const leaning = [...rows.keys()].filter((n) => !others.includes(n));
  const work = async (): Promise<void> => {
    for (let n = others.shift(); n !== undefined; n = others.shift()) await takeOne(n);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  for (const n of leaning) await takeOne(n);
  return { accepted: true, body: { rows: outcomes } };
};

const refused = ({ code, detail, errors }: Refusal): Fate => ({
  outcome: 'refused',
  code,
  ...(detail && { message: detail }),
  ...(errors && { errors }),
});

/** A row that its schema refuses. */
export const malformed = ({ issues }: z.ZodError): Refusal => {
  const errors: FieldError[] = issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const detail = errors.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
  return { accepted: false, code: 'VALIDATION_FAILED', detail, errors };
};

/** What a row was imported as. It is kept for ever: the file may be sent again years later. */
const Imported = z.object({ id: z.string(), importId: z.string(), row: z.int() });

/**
 * What stands for a row whenever it comes again: what other systems call the thing, or else its place in its file. The
 * transaction that imports the row creates a mark under it, so that of two that arrive at once one finds the other's.
 */
export interface Mark {
  kind: 'case' | 'customer';
  externalId?: string;
}

/** What a row was imported as before, by this very import or an earlier one. */
export const importedBefore = async (
  { table }: Pick<Services, 'table'>,
  mark: Mark,
  importing: Importing,
): Promise<Fate | undefined> => {
  const item = await table.get(importedKey(nameOf(mark, importing)));
  if (!item) return undefined;
  const { id, importId, row } = Imported.parse(item);
  // The answer may have been lost: the same row of the same file is told what it was told then.
  const isOwn = importId === importing.importId && row === importing.row;
  return { outcome: isOwn && !importing.isDryRun ? 'created' : 'skipped', id };
};

/** Adds to a transaction that a row is imported as `id`. */
export const markImported = (transaction: Transaction, mark: Mark, importing: Importing, id: string): void => {
  const { importId, row } = importing;
  transaction.create({ ...importedKey(nameOf(mark, importing)), entity: 'imported', id, importId, row });
};

/** Hashed, because what others call a thing may be any text, and may be about a person. */
const nameOf = ({ kind, externalId }: Mark, { importId, row }: Importing): string =>
  createHash('sha256')
    .update(JSON.stringify(externalId === undefined ? [kind, importId, row] : [kind, externalId]))
    .digest('hex');
