import { describe, expect, it } from 'vitest';
import { toInstant, toMs } from '../../domain/time.ts';
import type { SecretHead, SecretOwner } from '../../functions/table/secret-store.ts';
import { LostRace } from '../../functions/table/table.ts';
import { Transaction } from '../../functions/table/transaction.ts';
import { withLocalTable } from '../support/local-table.ts';

const DAY = 24 * 60 * 60_000;
const local = withLocalTable();
const later = (ms: number) => toInstant(toMs(local.clock.now) + ms);

const issue = async (owner: SecretOwner, secret: string, before: SecretHead | undefined, overlapMs = DAY) => {
  const transaction = new Transaction();
  const head = local.services.secrets.issue(transaction, owner, secret, { before, overlapMs, now: local.clock.now });
  await local.table.transact(transaction);
  expect(await local.services.secrets.head(owner)).toEqual(head);
  return head;
};
const valid = (owner: SecretOwner, now = local.clock.now) => local.services.secrets.valid(owner, now);

describe('the secrets of an owner', () => {
  it('overlap when they are replaced, and then the old one no longer holds', async () => {
    const owner = { kind: 'webhook' as const, id: 'erp' };
    const first = await issue(owner, 'whsec_a', undefined);
    const second = await issue(owner, 'whsec_b', first);
    expect(await valid(owner)).toEqual(['whsec_b', 'whsec_a']);
    expect(await valid(owner, later(DAY))).toEqual(['whsec_b']);

    // A leak: the second replacement leaves nothing of those before.
    await issue(owner, 'whsec_c', second, 0);
    expect(await valid(owner)).toEqual(['whsec_c']);
  });

  it('are another owner’s only if kind and id are', async () => {
    await issue({ kind: 'channel', id: 'erp' }, 'of the channel', undefined);
    expect(await valid({ kind: 'channel', id: 'erp' })).toEqual(['of the channel']);
    expect(await valid({ kind: 'channel', id: 'er' })).toEqual([]);
  });

  it('are issued by one of two who try at once', async () => {
    const owner = { kind: 'webhook' as const, id: 'race' };
    const both = await Promise.allSettled([issue(owner, 'x', undefined), issue(owner, 'y', undefined)]);
    expect(both.filter(({ status }) => status === 'rejected')).toEqual([
      { status: 'rejected', reason: expect.any(LostRace) },
    ]);
    expect(await valid(owner)).toHaveLength(1);
  });

  it('are gone with their owner, and one who comes again by the same name has none of them', async () => {
    const owner = { kind: 'webhook' as const, id: 'again' };
    const head = await issue(owner, 'two', await issue(owner, 'one', undefined));
    const transaction = new Transaction();
    local.services.secrets.revoke(transaction, owner, head);
    await local.table.transact(transaction);
    expect(await valid(owner)).toEqual([]);
    await issue(owner, 'three', await local.services.secrets.head(owner));
    expect(await valid(owner)).toEqual(['three']);
  });

  it('are of 256 bits that nobody guesses, in the form of Standard Webhooks', () => {
    const [one, other] = [local.services.ids.secret(), local.services.ids.secret()];
    expect(one).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(one).not.toBe(other);
  });
});
