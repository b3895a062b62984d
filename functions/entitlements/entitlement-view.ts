import { z } from 'zod';
import type { Customer } from '../../domain/customers/customer.ts';
import { type Entitlement, EntitlementTerms, remaining, remainingOf } from '../../domain/entitlements/entitlement.ts';
import { EntitlementId } from '../../domain/entitlements/entitlement-id.ts';
import { EntitlementStatus, statusOn } from '../../domain/entitlements/lifecycle.ts';
import { Instant } from '../../domain/time.ts';
import type { LocalDate } from '../../domain/time-zone.ts';

const { channels, ...terms } = EntitlementTerms.shape;

/** An entitlement as the API shows it. */
export const EntitlementView = z
  .object({
    id: EntitlementId.describe('As in its route'),
    entitlementId: EntitlementId.describe('The same, as cases name it'),
    customerId: z.string(),
    ...terms,
    restrictByTerms: z.boolean(),
    channels: z
      .array(channels.unwrap().element.extend({ remaining: z.int() }))
      .optional()
      .describe('Those with an allotment of their own'),
    status: EntitlementStatus,
    remaining: z.int().describe('What is left in all; below zero where the terms do not restrict'),
    isDefault: z.boolean(),
    renewedFrom: EntitlementId.optional(),
    createdOn: Instant,
    createdBy: z.string(),
    modifiedOn: Instant,
    modifiedBy: z.string(),
    version: z.int(),
  })
  .meta({ id: 'Entitlement' });

/** The view of an entitlement on a day. */
export const viewEntitlement = (
  entitlement: Entitlement,
  customer: Pick<Customer, 'defaultEntitlement'> | undefined,
  today: LocalDate,
): z.infer<typeof EntitlementView> =>
  EntitlementView.parse({
    ...entitlement,
    id: entitlement.entitlementId,
    status: statusOn(entitlement, today),
    remaining: remaining(entitlement),
    channels: entitlement.channels?.map((channel) => ({
      ...channel,
      remaining: remainingOf(entitlement, channel.origin),
    })),
    isDefault: customer?.defaultEntitlement?.entitlementId === entitlement.entitlementId,
  });
