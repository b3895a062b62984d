import { CANARY_ID } from '../../domain/canary/canary.ts';
import { type Instant, MINUTE, toInstant, toMs } from '../../domain/time.ts';
import type { Services } from '../services.ts';
import { customerCases } from '../table/keys.ts';
import { MAX_TRANSACTION_WRITES, Transaction } from '../table/transaction.ts';

const DAY = 24 * 60 * MINUTE;

/** How many old cases a run takes away: more than a run makes. */
const AT_ONCE = 3;

/**
 * Takes away the service's own cases of the day before, whole: they are of use to nobody, and one each quarter of an hour
 * for years would be what the table holds most of. Nothing of other partitions speaks of them.
 */
export const clearOldCases = async ({ table }: Pick<Services, 'table'>, now: Instant): Promise<void> => {
  const upTo = toInstant(toMs(now) - DAY);
  const { items } = await table.page({ index: 1, partition: customerCases(CANARY_ID), upTo, limit: AT_ONCE });
  for (const { PK } of items) {
    const keys = await table.all({ partition: String(PK) });
    for (let from = 0; from < keys.length; from += MAX_TRANSACTION_WRITES) {
      const transaction = new Transaction();
      for (const key of keys.slice(from, from + MAX_TRANSACTION_WRITES))
        transaction.forget({ PK: String(key.PK), SK: String(key.SK) });
      await table.transact(transaction);
    }
  }
};
