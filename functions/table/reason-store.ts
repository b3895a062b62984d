import { z } from 'zod';
import type { Case } from '../../domain/cases/case.ts';
import { isBuiltIn } from '../../domain/cases/status-reasons.ts';
import { Instant } from '../../domain/time.ts';
import { REASON_USES, reasonCountKey, reasonCountKeys, reasonCounts, reasonUseKey } from './keys.ts';
import { LostRace, type Table } from './table.ts';
import { Transaction } from './transaction.ts';

/** Where cases stand, as far as the set-up of reasons must know it. */
export interface ReasonStore {
  /** How many cases stand in a reason that is not built in; as many reads however many they are. */
  casesIn(reasonId: string): Promise<number>;
  /** Adds to a transaction that no case stands in the reason and that none can come any more. */
  close(transaction: Transaction, reasonId: string): void;
  /** Adds to a transaction that cases may come to a reason that had been removed. */
  reopen(transaction: Transaction, reasonId: string): void;
  /** Notes that a case moved to the reason; of a day only the first use is kept. */
  used(reasonId: string, at: Instant): Promise<void>;
  /** When each reason was last used, to the day. */
  lastUses(): Promise<ReadonlyMap<string, Instant>>;
}

const Count = z.object({ cases: z.int().default(0) });
const Use = z.object({ reasonId: z.string(), lastUsedOn: Instant });

/** The store on a table, with a memory of what was used today that lasts as long as the process. */
export const reasonStore = (table: Table): ReasonStore => {
  const noted = new Map<string, string>();
  return {
    async casesIn(reasonId) {
      const shards = await Promise.all(
        reasonCounts(reasonId).map((partition) => table.all({ partition, consistent: true })),
      );
      return shards.flat().reduce((sum, item) => sum + Count.parse(item).cases, 0);
    },
    close(transaction, reasonId) {
      for (const key of reasonCountKeys(reasonId)) {
        transaction.update(key, {
          set: { entity: 'reasonCount', closed: true },
          conditions: [{ attribute: 'cases', is: 'equalOrAbsent', value: 0 }],
        });
      }
    },
    reopen(transaction, reasonId) {
      for (const key of reasonCountKeys(reasonId)) transaction.update(key, { remove: ['closed'] });
    },
    async used(reasonId, at) {
      const startOfDay = `${at.slice(0, 10)}T00:00:00.000Z`;
      if ((noted.get(reasonId) ?? '') >= startOfDay) return;
      const transaction = new Transaction();
      transaction.update(reasonUseKey(reasonId), {
        set: { entity: 'reasonUse', reasonId, lastUsedOn: at },
        conditions: [{ attribute: 'lastUsedOn', is: 'belowOrAbsent', value: startOfDay }],
      });
      try {
        await table.transact(transaction);
      } catch (error) {
        // It was used on that day or a later one already.
        if (!(error instanceof LostRace)) throw error;
      }
      noted.set(reasonId, startOfDay);
    },
    async lastUses() {
      const items = await table.all({ partition: REASON_USES, consistent: true });
      return new Map(items.map((item) => Use.parse(item)).map(({ reasonId, lastUsedOn }) => [reasonId, lastUsedOn]));
    },
  };
};

/**
 * Counts a case in and out of the reasons that it moves between, in its own transaction: a reason that is being deleted
 * and a case that moves to it meet in one item. Built-in reasons are never deleted, so that most moves count nothing.
 */
export const countInReasons = (transaction: Transaction, before: Case | undefined, after: Case): void => {
  if (before?.statusReason === after.statusReason) return;
  const { caseId } = after;
  if (before && !isBuiltIn(before.statusReason)) {
    transaction.update(reasonCountKey(before.statusReason, caseId), { add: { cases: -1 } });
  }
  if (isBuiltIn(after.statusReason)) return;
  transaction.update(reasonCountKey(after.statusReason, caseId), {
    set: { entity: 'reasonCount' },
    add: { cases: 1 },
    conditions: [{ attribute: 'closed', is: 'absent' }],
  });
};
