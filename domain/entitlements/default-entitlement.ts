import type { Customer } from '../customers/customer.ts';
import type { LocalDate } from '../time-zone.ts';
import type { Entitlement } from './entitlement.ts';
import { statusOn } from './lifecycle.ts';

type Default = NonNullable<Customer['defaultEntitlement']>;

/**
 * The customer's default once `entitlement` is it. There is one at a time, but the customer is not left without while
 * it has not begun: until then the one before it, or the one before that, is still what cases get.
 */
export const asDefault = (
  entitlement: Entitlement,
  present: { set: Default; entitlement: Entitlement } | undefined,
  today: LocalDate,
): Default => {
  const { entitlementId } = entitlement;
  if (!present || present.set.entitlementId === entitlementId) return present?.set ?? { entitlementId };
  const untilThen = hasBegun(present.entitlement, today) ? present.set.entitlementId : present.set.untilThen;
  return { entitlementId, ...(untilThen && untilThen !== entitlementId && { untilThen }) };
};

/** Whether a default has come into force, so that the one before it no longer is. */
export const hasBegun = (entitlement: Entitlement, today: LocalDate): boolean =>
  !['draft', 'waiting'].includes(statusOn(entitlement, today));
