import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Instant, toMs } from '../../domain/time.ts';
import { idempotencyKey, type Key } from './keys.ts';
import type { Table } from './table.ts';
import type { Item } from './transaction.ts';

/** A request that its caller may repeat: the key, and a hash of what it asked. */
export interface IdempotentRequest {
  key: Key;
  bodyHash: string;
}

/** What a request was answered with. */
export const StoredAnswer = z.object({ bodyHash: z.string(), status: z.int(), body: z.unknown() });
export type StoredAnswer = z.infer<typeof StoredAnswer>;

/** What their records are marked by. */
export const ANSWER_ENTITY = 'idempotency';

/** Answers are repeated for this long. */
const KEPT_SECONDS = 7 * 24 * 60 * 60;

/** The request of a caller who sent an `Idempotency-Key`: the same key on another route is another request. */
export const idempotentRequest = (caller: string, route: string, key: string, body: unknown): IdempotentRequest => ({
  key: idempotencyKey(caller, route, key),
  bodyHash: createHash('sha256')
    .update(JSON.stringify(body ?? null))
    .digest('hex'),
});

/** The answer that this request has had, if it has been carried out already. */
export const findAnswer = async (table: Table, { key }: IdempotentRequest): Promise<StoredAnswer | undefined> => {
  const item = await table.get(key);
  return item && StoredAnswer.parse(item);
};

/** The record that the command's own transaction writes, so that command and answer exist together or not at all. */
export const answerItem = (request: IdempotentRequest, status: number, body: unknown, now: Instant): Item => ({
  ...request.key,
  entity: ANSWER_ENTITY,
  bodyHash: request.bodyHash,
  status,
  body,
  expiresAt: Math.floor(toMs(now) / 1000) + KEPT_SECONDS,
});
