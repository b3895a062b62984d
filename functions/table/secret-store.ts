import { z } from 'zod';
import { Instant, toInstant, toMs } from '../../domain/time.ts';
import { SECRET_VERSION_PREFIX, secretHeadKey, secretVersionKey, secretVersions } from './keys.ts';
import type { SecretKind } from './schema.ts';
import type { Table } from './table.ts';
import type { Transaction } from './transaction.ts';

/** Whose a secret is: a webhook subscription's or a channel's. */
export interface SecretOwner {
  kind: SecretKind;
  id: string;
}

/** What may be known of an owner's secrets by everybody: which there are, and not what they are. */
export const SecretHead = z.object({
  /** How many there have been. */
  version: z.int(),
  /** Those that hold, the newest first; the one in use has no end. */
  live: z.array(z.object({ version: z.int(), issuedOn: Instant, validUntil: Instant.optional() })),
});
export type SecretHead = z.infer<typeof SecretHead>;

/**
 * Secrets are items in partitions that only the functions which use them may read, by a condition on their role
 * (`dynamodb:LeadingKeys`); whoever issues one writes it without being able to read it back. They are never in facts,
 * answers' records or logs.
 */
export interface SecretStore {
  head(owner: SecretOwner): Promise<SecretHead | undefined>;
  /**
   * Adds to a transaction that an owner's secret is now `secret`, and answers what is known of it. Those before it hold
   * for another `overlapMs`. Of two that are issued at once one loses its race.
   */
  issue(
    transaction: Transaction,
    owner: SecretOwner,
    secret: string,
    options: { before: SecretHead | undefined; overlapMs: number; now: Instant },
  ): SecretHead;
  /** Adds to a transaction that none of an owner's secrets holds any more. */
  revoke(transaction: Transaction, owner: SecretOwner, before: SecretHead): void;
  /** The secrets that hold, the newest first. Only a function that may read them can call this. */
  valid(owner: SecretOwner, now: Instant): Promise<string[]>;
}

const Stored = z.object({ secret: z.string(), validUntil: Instant.optional() });

/** The store on a table. */
export const secretStore = (table: Table): SecretStore => {
  const unchanged = (before: SecretHead | undefined) =>
    before
      ? ({ attribute: 'version', is: 'equal', value: before.version } as const)
      : ({ attribute: 'PK', is: 'absent' } as const);
  return {
    async head(owner) {
      const item = await table.get(secretHeadKey(owner));
      return item && SecretHead.parse(item);
    },
    issue(transaction, owner, secret, { before, overlapMs, now }) {
      const version = (before?.version ?? 0) + 1;
      const end = toInstant(toMs(now) + overlapMs);
      // One that is to end sooner anyhow does so.
      const older = (before?.live ?? []).map((one) => ({
        ...one,
        validUntil: one.validUntil && one.validUntil < end ? one.validUntil : end,
      }));
      for (const { version: old, validUntil } of older) {
        const key = secretVersionKey(owner, old);
        const expiresAt = Math.ceil(toMs(validUntil) / 1000);
        if (validUntil > now) transaction.update(key, { set: { validUntil, expiresAt } });
        else transaction.forget(key);
      }
      const live = [{ version, issuedOn: now }, ...older.filter(({ validUntil }) => validUntil > now)];
      transaction.create({ ...secretVersionKey(owner, version), entity: 'secret', secret });
      transaction.update(secretHeadKey(owner), {
        set: { entity: 'secretHead', version, live },
        conditions: [unchanged(before)],
      });
      return { version, live };
    },
    revoke(transaction, owner, before) {
      for (const { version } of before.live) transaction.forget(secretVersionKey(owner, version));
      // The count goes on, should the owner come again.
      transaction.update(secretHeadKey(owner), { set: { live: [] }, conditions: [unchanged(before)] });
    },
    async valid(owner, now) {
      const items = await table.all({
        partition: secretVersions(owner),
        beginsWith: SECRET_VERSION_PREFIX,
        descending: true,
        consistent: true,
      });
      return items
        .map((item) => Stored.parse(item))
        .filter(({ validUntil }) => validUntil === undefined || validUntil > now)
        .map(({ secret }) => secret);
    },
  };
};
