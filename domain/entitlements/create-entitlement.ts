import { z } from 'zod';
import { CustomerId } from '../customers/customer.ts';
import { accept, type Decision, invalid, type Refusal } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { type Entitlement, EntitlementTerms } from './entitlement.ts';

/** The body that creates an entitlement. */
export const CreateEntitlement = EntitlementTerms.extend({
  customerId: CustomerId,
  isDefault: z.boolean().default(false).describe('In place of the default that the customer has'),
}).meta({ id: 'CreateEntitlement' });
export type CreateEntitlement = z.infer<typeof CreateEntitlement>;

/** Who makes or changes an entitlement, and when. */
export interface Made {
  by: string;
  now: Instant;
}

/** Why terms contradict themselves, or nothing when they do not. */
export const whyNotSound = ({
  allotment,
  decrementOn,
  startsOn,
  endsOn,
  channels = [],
}: EntitlementTerms): Refusal<'VALIDATION_FAILED'> | undefined => {
  if (endsOn < startsOn) return invalid('endsOn', 'lies before startsOn');
  if (allotment === 'hours' && decrementOn === 'onCreate') {
    return invalid('decrementOn', 'hours are known when a case is resolved: use onResolve');
  }
  if (new Set(channels.map(({ origin }) => origin)).size < channels.length) {
    return invalid('channels', 'two of them have the same origin');
  }
  return undefined;
};

/** Decides a creation: an entitlement is born as a draft with its whole allotment. */
export const createEntitlement = (
  { isDefault: _kept, ...terms }: CreateEntitlement,
  entitlementId: string,
  { by, now }: Made,
): Decision<Entitlement, 'VALIDATION_FAILED'> =>
  whyNotSound(terms) ??
  accept({
    entitlementId,
    ...terms,
    state: 'draft',
    used: 0,
    usedBy: {},
    createdOn: now,
    createdBy: by,
    modifiedOn: now,
    modifiedBy: by,
    version: 1,
  });
