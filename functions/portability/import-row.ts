import { z } from 'zod';
import { CustomerFields, CustomerId } from '../../domain/customers/customer.ts';
import { ImportCase } from '../../domain/portability/import-case.ts';
import { Instant } from '../../domain/time.ts';
import { CASE_COLUMNS } from './case-row.ts';

/**
 * A row as a file has it: values of JSON, or texts of CSV. An empty value is one that is not there. A list is an array,
 * or a text of JSON, or words between semicolons.
 */
export const Row = z.record(z.string(), z.unknown());
export type Row = z.infer<typeof Row>;

/** What a row of JSON or CSV is as an object of `schema`, whose own types say how texts are read. */
const rowOf = <Schema extends z.ZodType>(
  schema: Schema,
  fields: Record<string, z.ZodType>,
  ignored: readonly string[],
) =>
  z.preprocess((row) => {
    const parsed = Row.safeParse(row);
    if (!parsed.success) return row;
    const values = Object.entries(parsed.data)
      .filter(([name, value]) => !ignored.includes(name) && value !== '' && value !== null && value !== undefined)
      .map(([name, value]) => [name, typeof value === 'string' ? readAs(fields[name], value) : value]);
    return Object.fromEntries(values);
  }, schema);

const readAs = (field: z.ZodType | undefined, text: string): unknown => {
  const type = innermost(field);
  if (type instanceof z.ZodArray) return text.trim().startsWith('[') ? fromJson(text) : wordsIn(text);
  if (type instanceof z.ZodRecord) return fromJson(text);
  if (type instanceof z.ZodBoolean) return text === 'true' ? true : text === 'false' ? false : text;
  if (type instanceof z.ZodNumber) return text.trim() !== '' && !Number.isNaN(Number(text)) ? Number(text) : text;
  return text;
};

/** The type of a field without what says that it may be left out. */
const innermost = (field: unknown): unknown => {
  if (field instanceof z.ZodOptional || field instanceof z.ZodDefault) return innermost(field.unwrap());
  return field;
};

const wordsIn = (text: string): string[] =>
  text
    .split(';')
    .map((word) => word.trim())
    .filter(Boolean);

const fromJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** What exports tell of a case and no import sets: Docket makes it itself. */
const MADE_HERE = CASE_COLUMNS.filter((column) => !Object.hasOwn(ImportCase.shape, column));

export const CaseRowIn = rowOf(ImportCase, ImportCase.shape, MADE_HERE);

/** A customer of another system. */
export const ImportCustomer = CustomerFields.extend({
  id: CustomerId.optional(),
  createdOn: Instant.optional().describe('When they became known'),
}).meta({ id: 'ImportCustomer' });
export type ImportCustomer = z.infer<typeof ImportCustomer>;

export const CustomerRowIn = rowOf(ImportCustomer, ImportCustomer.shape, []);
