import { z } from 'zod';
import { StoredNumber } from '../stored-number.ts';
import { compare } from './compare.ts';

const Scalar = z.union([z.string(), StoredNumber, z.boolean()], { error: 'expected a text, a number, true or false' });
export type Scalar = z.infer<typeof Scalar>;

/** A case field, or `customer.<field>`, `customFields.<name>`, `message.<field>`. */
const field = z.string().regex(/^[a-z][A-Za-z0-9]{0,63}(\.[A-Za-z][A-Za-z0-9_-]{0,63})?$/, 'not the name of a field');

/** A test of one field. `under` is for subjects only: they alone form a tree. */
export const FieldTest = z.discriminatedUnion('op', [
  z.strictObject({ field, op: z.enum(['eq', 'ne']), value: Scalar }),
  z.strictObject({ field, op: z.literal('in'), value: z.array(Scalar).min(1).max(100) }),
  z.strictObject({ field: z.literal('subjectId'), op: z.literal('under'), value: z.string() }),
  z.strictObject({ field, op: z.enum(['exists', 'absent']) }),
  z.strictObject({ field, op: z.enum(['gte', 'lte']), value: z.union([z.string(), StoredNumber]) }),
]);
export type FieldTest = z.infer<typeof FieldTest>;

export type Condition = { all: Condition[] } | { any: Condition[] } | { not: Condition } | FieldTest;

/** A condition over a case, as rules and definitions carry it. `{all: []}` holds for every case. */
export const Condition: z.ZodType<Condition> = z
  .lazy(() =>
    z.union(
      [
        z.strictObject({ all: z.array(Condition).max(50) }),
        z.strictObject({ any: z.array(Condition).min(1).max(50) }),
        z.strictObject({ not: Condition }),
        FieldTest,
      ],
      { error: (issue) => (issue.code === 'invalid_union' ? firstProblem(issue.input, issue.errors) : undefined) },
    ),
  )
  .meta({ id: 'Condition' });

const FORMS = ['all', 'any', 'not'];

/** A union fails as a whole; the form that was meant, by its key, knows where and why. */
function firstProblem(input: unknown, errors: z.core.$ZodIssue[][]): string {
  const meant = FORMS.findIndex((form) => typeof input === 'object' && input !== null && form in input);
  const problem = errors.at(meant)?.[0];
  const where = problem?.path.join('.');
  return where ? `${where}: ${problem?.message}` : 'expected {all}, {any}, {not} or {field, op, value}';
}

/** Whether a condition holds, and a plain sentence that says what decided it. */
export type Verdict = { matched: boolean; because: string };

/** How a condition sees its subject: the value of a field by name, `subjectPath` for the branch a subject lies on. */
export type Lookup = (field: string) => unknown;

/**
 * Tests a condition. An absent field matches only `absent`, `ne` and what `not` turns round; a field with several
 * values, such as labels, matches when one of them does (and `ne` when none does).
 */
export const evaluate = (condition: Condition, lookup: Lookup): Verdict => {
  if ('not' in condition) {
    const { matched, because } = evaluate(condition.not, lookup);
    return { matched: !matched, because };
  }
  if ('all' in condition) {
    const verdicts = condition.all.map((part) => evaluate(part, lookup));
    return verdicts.find(({ matched }) => !matched) ?? { matched: true, because: joined(verdicts, ' and ') };
  }
  if ('any' in condition) {
    const verdicts = condition.any.map((part) => evaluate(part, lookup));
    return verdicts.find(({ matched }) => matched) ?? { matched: false, because: joined(verdicts, '; ') };
  }
  return evaluateField(condition, lookup);
};

const joined = (verdicts: Verdict[], separator: string): string =>
  verdicts.map(({ because }) => because).join(separator) || 'it holds for every case';

const evaluateField = (test: FieldTest, lookup: Lookup): Verdict => {
  const { field, op } = test;
  const value = lookup(field);
  const values = (Array.isArray(value) ? value : [value]).filter((one) => one !== undefined && one !== null);
  const fact = values.length > 0 ? `${field} is ${values.map(quoted).join(', ')}` : `${field} is absent`;
  const verdict = (matched: boolean, what: string): Verdict => ({
    matched,
    because: values.length > 0 ? `${fact}, ${matched ? what : `not ${what}`}` : fact,
  });

  switch (op) {
    case 'exists':
      return { matched: values.length > 0, because: fact };
    case 'absent':
      return { matched: values.length === 0, because: fact };
    case 'eq':
    case 'ne': {
      const equal = values.includes(test.value);
      return { matched: equal === (op === 'eq'), because: equal ? fact : verdict(false, quoted(test.value)).because };
    }
    case 'in':
      return verdict(
        values.some((one) => test.value.includes(one)),
        `one of ${test.value.join(', ')}`,
      );
    case 'under': {
      const path = lookup('subjectPath');
      return verdict(Array.isArray(path) && path.includes(test.value), `under ${quoted(test.value)}`);
    }
    case 'gte':
      return verdict(
        values.some((one) => (compare(field, one, test.value) ?? -1) >= 0),
        `at least ${quoted(test.value)}`,
      );
    case 'lte':
      return verdict(
        values.some((one) => (compare(field, one, test.value) ?? 1) <= 0),
        `at most ${quoted(test.value)}`,
      );
  }
};

const quoted = (value: unknown): string => JSON.stringify(value);
