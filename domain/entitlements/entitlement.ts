import { z } from 'zod';
import { Origin, Slug } from '../cases/case.ts';
import { CustomerId } from '../customers/customer.ts';
import { Instant } from '../time.ts';
import { LocalDate } from '../time-zone.ts';
import { EntitlementId } from './entitlement-id.ts';

const Amount = z.int().min(0).max(100_000_000);

/** What a customer is entitled to. Amounts are cases, or minutes where hours are allotted. */
export const EntitlementTerms = z.strictObject({
  name: z.string().trim().min(1).max(200),
  allotment: z.enum(['cases', 'hours']).describe('Hours are counted in minutes'),
  total: Amount,
  startsOn: LocalDate.describe('The first day, in the time zone of the case settings'),
  endsOn: LocalDate.describe('The last day, included'),
  decrementOn: z.enum(['onCreate', 'onResolve']).describe('When a case takes from it; hours are taken on resolve'),
  restrictByTerms: z.boolean().default(false).describe('Refuse what would take more than is left'),
  slaId: Slug.optional().describe('Before the default SLA, behind one that was chosen by hand'),
  products: z.array(z.string().trim().min(1).max(200)).max(100).optional().describe('Absent or empty: all'),
  contacts: z.array(CustomerId).max(100).optional().describe('Absent or empty: all of the customer'),
  channels: z
    .array(z.strictObject({ origin: Origin, total: Amount }))
    .max(30)
    .optional()
    .describe('Absent or empty: all, without an allotment of their own'),
});
export type EntitlementTerms = z.infer<typeof EntitlementTerms>;

/** An entitlement: its terms, where a person has taken it, and how much cases have taken of it. */
export const Entitlement = z.object({
  entitlementId: EntitlementId,
  customerId: CustomerId,
  ...EntitlementTerms.shape,
  /** Waiting, active and expired are not here: they follow from the dates. */
  state: z.enum(['draft', 'activated', 'cancelled']),
  /** What is taken, less what was given back; adjustments count as given back. It changes by addition only. */
  used: z.int(),
  /** The same by the origin of the cases, whether or not the terms name the channel: they may later. */
  usedBy: z.record(z.string(), z.int()),
  renewedFrom: EntitlementId.optional(),
  createdOn: Instant,
  createdBy: z.string(),
  modifiedOn: Instant,
  modifiedBy: z.string(),
  /** Counts changes of terms and state, not of the balance. */
  version: z.int(),
});
export type Entitlement = z.infer<typeof Entitlement>;

/** What is left in all; below zero where the terms do not restrict. */
export const remaining = ({ total, used }: Pick<Entitlement, 'total' | 'used'>): number => total - used;

/** What is left of a channel, or nothing when the terms do not allot it anything of its own. */
export const remainingOf = (
  { channels = [], usedBy }: Pick<Entitlement, 'channels' | 'usedBy'>,
  origin: string,
): number | undefined => {
  const channel = channels.find((one) => one.origin === origin);
  return channel && channel.total - (usedBy[origin] ?? 0);
};

/** Why a balance moved. */
export const MovementKind = z.enum([
  'granted',
  'created',
  'associated',
  'dissociated',
  'resolved',
  'cancelled',
  'merged',
  'reactivated',
  'changed',
  'adjusted',
]);
export type MovementKind = z.infer<typeof MovementKind>;

/** One movement of a balance. All of an entitlement's add up to what remains. */
export const Movement = z
  .object({
    movementId: z.uuid(),
    entitlementId: EntitlementId,
    at: Instant,
    kind: MovementKind,
    amount: z.int().describe('What remains changes by this: below zero when something was taken'),
    origin: Origin.optional().describe('The channel whose allotment moves with it'),
    caseId: z.uuid().optional(),
    caseNumber: z.string().optional(),
    note: z.string().optional(),
    actor: z.string(),
    cause: z.string(),
  })
  .meta({ id: 'EntitlementMovement' });
export type Movement = z.infer<typeof Movement>;

/** A movement before it is recorded. */
export type Moving = Pick<Movement, 'kind' | 'amount' | 'origin' | 'caseId' | 'caseNumber' | 'note'>;

/** The entitlement once its balance has moved. */
export const moved = (
  entitlement: Entitlement,
  { amount, origin }: Pick<Moving, 'amount' | 'origin'>,
): Entitlement => ({
  ...entitlement,
  used: entitlement.used - amount,
  ...(origin && {
    usedBy: { ...entitlement.usedBy, [origin]: (entitlement.usedBy[origin] ?? 0) - amount },
  }),
});
