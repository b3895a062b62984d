import { accept, type Decision } from '../refusal.ts';
import { asLongAfter, type LocalDate } from '../time-zone.ts';
import type { Made } from './create-entitlement.ts';
import { termsOf } from './edit-entitlement.ts';
import type { Entitlement } from './entitlement.ts';
import { whyNotPermitted } from './lifecycle.ts';

/** Decides a renewal: a new draft with the same terms and its whole allotment, from today and for as many days. */
export const renewEntitlement = (
  old: Entitlement,
  entitlementId: string,
  today: LocalDate,
  { by, now }: Made,
): Decision<Entitlement> =>
  whyNotPermitted(old, 'renew', today) ??
  accept({
    entitlementId,
    customerId: old.customerId,
    ...termsOf(old),
    startsOn: today,
    endsOn: asLongAfter(today, { since: old.startsOn, to: old.endsOn }),
    state: 'draft',
    used: 0,
    usedBy: {},
    renewedFrom: old.entitlementId,
    createdOn: now,
    createdBy: by,
    modifiedOn: now,
    modifiedBy: by,
    version: 1,
  });
