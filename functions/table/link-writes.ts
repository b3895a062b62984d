import type { Fact } from '../../domain/facts/fact.ts';
import { fromOtherSide, type LinkChange } from '../../domain/links/link.ts';
import { linkItem } from './case-items.ts';
import type { WriteCondition } from './expression.ts';
import { eventOf, type Recorded, record } from './fact-writes.ts';
import type { Ids } from './ids.ts';
import { linkKey } from './keys.ts';
import type { Transaction } from './transaction.ts';

/** Both sides, and the fact that the other case tells; its own case's is among the change's facts. */
export const writeLink = (
  transaction: Transaction,
  { before, after, otherVersion }: LinkChange,
  options: Recorded,
  ids: Ids,
): void => {
  const link = after ?? before;
  if (!link) return;
  const there = fromOtherSide(link);
  for (const side of [link, there]) {
    const key = linkKey(side.caseId, side.otherId, side.kind);
    const stands: WriteCondition = { attribute: 'kind', is: 'present' };
    if (!after) transaction.remove(key);
    else if (before) transaction.update(key, { set: { ...side }, conditions: [stands] });
    else transaction.create(linkItem(side));
  }
  const { caseId, otherId, kind, direction } = there;
  const type = after ? ('case.linked' as const) : ('case.unlinked' as const);
  const told: Fact = { type, occurredAt: options.now, otherId, linkKind: kind, direction };
  record(transaction, eventOf(caseId, otherVersion, told, options, ids), options);
};
