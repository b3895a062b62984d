import { timingSafeEqual } from 'node:crypto';
import type { z } from 'zod';
import { accept, type Decision, invalid } from '../../../domain/refusal.ts';
import type { HttpResult } from '../../http/guarded-http.ts';

/** Whether somebody shows what is expected, in a time that does not tell how much of it is right. Nothing is never it. */
export const isSame = (shown: string | undefined, expected: string | undefined): boolean => {
  if (!shown || !expected) return false;
  const [a, b] = [Buffer.from(shown), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** What a body in JSON says. */
export const readJson = <Schema extends z.ZodType>(
  body: Buffer,
  schema: Schema,
): Decision<z.output<Schema>, 'VALIDATION_FAILED'> => {
  try {
    return readAs(JSON.parse(body.toString('utf8')), schema);
  } catch {
    return invalid('', 'is not JSON');
  }
};

/** What somebody sent, if it has the form that we know. */
export const readAs = <Schema extends z.ZodType>(
  value: unknown,
  schema: Schema,
): Decision<z.output<Schema>, 'VALIDATION_FAILED'> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return accept(parsed.data);
  const [issue] = parsed.error.issues;
  return invalid(issue?.path.join('.') ?? '', issue?.message ?? 'is not understood');
};

/** What a provider answered in JSON; nothing when it did not, or otherwise than we know. */
export const answerAs = <Schema extends z.ZodType>(
  result: HttpResult,
  schema: Schema,
): z.output<Schema> | undefined => {
  const read = result.answered ? readJson(result.body, schema) : undefined;
  return read?.accepted ? read.value : undefined;
};

/** The headers of a request in JSON on behalf of whom a token belongs to. */
export const jsonAs = (token: string | undefined): Record<string, string> => ({
  'content-type': 'application/json',
  authorization: `Bearer ${token ?? ''}`,
});
