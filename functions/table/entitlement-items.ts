import { balancesOf, type Draw } from '../../domain/entitlements/draw.ts';
import { Entitlement, type Movement, type Moving } from '../../domain/entitlements/entitlement.ts';
import type { Authorship } from '../../domain/facts/fact.ts';
import type { Instant } from '../../domain/time.ts';
import type { WriteCondition } from './expression.ts';
import type { Ids } from './ids.ts';
import { entitlementIndexes, entitlementKey, movementKey } from './keys.ts';
import type { StoredItem } from './table.ts';
import type { Item, Transaction } from './transaction.ts';

/** Each channel's counter is an attribute of its own: DynamoDB adds to top-level attributes only. */
const USED = 'used';
const usedOf = (origin: string): string => `${USED}:${origin}`;

/** Without its counters: they change by addition only, never to what somebody has read. */
export const entitlementItem = ({ used: _used, usedBy: _usedBy, ...entitlement }: Entitlement): Item => ({
  ...entitlementKey(entitlement.entitlementId),
  entity: 'entitlement',
  ...entitlement,
  ...entitlementIndexes({ ...entitlement, used: 0, usedBy: {} }),
});

/** An entitlement as it is first stored. */
export const newEntitlementItem = (entitlement: Entitlement): Item => ({ ...entitlementItem(entitlement), [USED]: 0 });

/** Parses a stored entitlement. */
export const entitlementOf = (item: StoredItem): Entitlement => {
  const channels = Object.entries(item).filter(([name]) => name.startsWith(usedOf('')));
  const usedBy = Object.fromEntries(channels.map(([name, used]) => [name.slice(usedOf('').length), used]));
  return Entitlement.parse({ ...item, usedBy });
};

/** Who moves a balance, and when. */
export interface MovedBy extends Pick<Authorship, 'actor' | 'cause'> {
  now: Instant;
}

/** Adds to a transaction that a balance moves whatever is left, and the record of it. */
export const writeMovement = (
  transaction: Transaction,
  { entitlementId, version }: Entitlement,
  movement: Moving,
  by: MovedBy,
  ids: Ids,
): void => {
  const { amount, origin } = movement;
  transaction.update(entitlementKey(entitlementId), {
    add: { [USED]: -amount, ...(origin && { [usedOf(origin)]: -amount }) },
    conditions: [versionIs(version)],
  });
  recordMovement(transaction, entitlementId, movement, by, ids);
};

/** Adds the record of a movement, for what has moved the balance in another way. */
export const recordMovement = (
  transaction: Transaction,
  entitlementId: string,
  movement: Moving,
  { actor, cause, now }: MovedBy,
  ids: Ids,
): void => {
  const movementId = ids.at(now);
  const recorded: Movement = { ...movement, movementId, entitlementId, at: now, actor, cause };
  transaction.create({ ...movementKey(entitlementId, movementId), entity: 'movement', ...recorded });
};

/**
 * Adds to a transaction what its cases take and give back: a record each, one addition to each counter, and conditions
 * on the balances as they were decided on. They hold while a balance stays on the same side of nothing, so that cases
 * of one customer do not wait for each other, and yet one alone finds that it took the last.
 */
export const writeDraws = (transaction: Transaction, draws: readonly Draw[], by: MovedBy, ids: Ids): void => {
  for (const { before, after } of balancesOf(draws)) {
    const counters = [
      { attribute: USED, total: before.total, had: before.used, has: after.used },
      ...Object.entries(after.usedBy).map(([origin, has]) => ({
        attribute: usedOf(origin),
        total: before.channels?.find((channel) => channel.origin === origin)?.total,
        had: before.usedBy[origin] ?? 0,
        has,
      })),
    ].filter(({ had, has }) => had !== has);
    transaction.update(entitlementKey(before.entitlementId), {
      add: Object.fromEntries(counters.map(({ attribute, had, has }) => [attribute, has - had])),
      conditions: [versionIs(before.version), ...counters.flatMap((one) => conditionsOf(one, before.restrictByTerms))],
    });
  }
  for (const { entitlement, movement } of draws) {
    recordMovement(transaction, entitlement.entitlementId, movement, by, ids);
  }
};

const versionIs = (version: number): WriteCondition => ({ attribute: 'version', is: 'equal', value: version });

const conditionsOf = (
  { attribute, total, had, has }: { attribute: string; total: number | undefined; had: number; has: number },
  isRestricted: boolean,
): WriteCondition[] => {
  const taken = has - had;
  if (total === undefined || taken <= 0) return [];
  const below = (bound: number): WriteCondition => ({
    attribute,
    // A counter that was never moved is not there, and counts as 0.
    is: bound > 0 ? 'belowOrAbsent' : 'below',
    value: bound,
  });
  const atLeast = (bound: number): WriteCondition[] => (bound > 0 ? [{ attribute, is: 'atLeast', value: bound }] : []);
  if (has < total) return [below(total - taken)];
  if (had >= total) return atLeast(total);
  return [...atLeast(total - taken), below(isRestricted ? total - taken + 1 : total)];
};
