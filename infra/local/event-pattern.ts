import { z } from 'zod';
import { HostProblem } from './host-problem.ts';

/** Says whether an event or stream record is of interest. */
export type Matcher = (value: unknown) => boolean;

const Literal = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const Operator = z.union([
  z.strictObject({ prefix: z.string() }),
  z.strictObject({ suffix: z.string() }),
  z.strictObject({ exists: z.boolean() }),
  z.strictObject({ 'anything-but': z.union([Literal, z.array(Literal)]) }),
]);
const Fields = z.record(z.string(), z.unknown());

/**
 * An EventBridge pattern, which is also the language of stream filters: objects go down into the event, an array lists
 * what a field may be. Operators beyond those above are refused rather than taken to match.
 */
export function compilePattern(pattern: unknown, where: string): Matcher {
  const fields = Fields.safeParse(pattern);
  if (!fields.success || Array.isArray(pattern)) throw new HostProblem(`${where}: a pattern must be an object.`);
  const parts = Object.entries(fields.data).map(([name, inner]) => {
    if (name.startsWith('$')) throw new HostProblem(`${where}: the local host does not know the pattern word ${name}.`);
    const matches = Array.isArray(inner)
      ? compileLeaf(inner, `${where}.${name}`)
      : compilePattern(inner, `${where}.${name}`);
    return (value: unknown) => matches(Fields.safeParse(value).data?.[name]);
  });
  return (value) => parts.every((matches) => matches(value));
}

function compileLeaf(allowed: readonly unknown[], where: string): Matcher {
  const tests = allowed.map((one) => compileOne(one, where));
  // A field that holds a list matches when one of its members does.
  return (value) => tests.some((test) => (Array.isArray(value) && value.length > 0 ? value.some(test) : test(value)));
}

function compileOne(one: unknown, where: string): Matcher {
  const literal = Literal.safeParse(one);
  if (literal.success) return (value) => value === literal.data;
  const operator = Operator.safeParse(one);
  if (!operator.success) throw new HostProblem(`${where}: the local host cannot match ${JSON.stringify(one)}.`);
  const rule = operator.data;
  if ('prefix' in rule) return (value) => typeof value === 'string' && value.startsWith(rule.prefix);
  if ('suffix' in rule) return (value) => typeof value === 'string' && value.endsWith(rule.suffix);
  if ('exists' in rule) return (value) => (value !== undefined) === rule.exists;
  const refused: readonly unknown[] = [rule['anything-but']].flat();
  return (value) => value !== undefined && !refused.includes(value);
}
