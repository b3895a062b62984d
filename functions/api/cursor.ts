import { createHash } from 'node:crypto';
import { z } from 'zod';
import { accept, type Decision, invalid } from '../../domain/refusal.ts';

/**
 * Where a list goes on. A cursor holds sort positions only, never a partition: what may be read comes from the request
 * each time, so a cursor opens nothing. Its checksum ties it to the list it came from, and shows tampering.
 */
const Cursor = z.object({ at: z.json(), sum: z.string() });

const checksum = (list: string, at: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([list, at]))
    .digest('base64url')
    .slice(0, 16);

/** A cursor for the list that `list` describes (its path and filters). */
export const encodeCursor = (list: string, at: z.infer<ReturnType<typeof z.json>>): string =>
  Buffer.from(JSON.stringify({ at, sum: checksum(list, at) })).toString('base64url');

/** What a cursor holds, or a refusal when it was not made for this list. */
export const decodeCursor = <Schema extends z.ZodType>(
  list: string,
  cursor: string | undefined,
  schema: Schema,
): Decision<z.infer<Schema> | undefined, 'VALIDATION_FAILED'> => {
  if (cursor === undefined) return accept(undefined);
  const refusal = invalid('query.cursor', 'is not a cursor of this list');
  try {
    const { at, sum } = Cursor.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    const parsed = schema.safeParse(at);
    return parsed.success && sum === checksum(list, at) ? accept(parsed.data) : refusal;
  } catch {
    return refusal;
  }
};
