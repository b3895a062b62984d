import { z } from 'zod';
import { Instant } from '../time.ts';

export const CustomerId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,127}$/, 'letters, digits, dot, dash, underscore, @')
  .meta({ id: 'CustomerId' });

/** What callers say of a customer. A contact may belong to an account. */
export const CustomerFields = z.strictObject({
  name: z.string().trim().min(1).max(200),
  kind: z.enum(['account', 'contact']),
  parentId: CustomerId.optional(),
  email: z.email().max(320).optional(),
  phone: z.string().min(3).max(40).optional(),
  contactPoints: z
    .array(z.strictObject({ channel: z.string().min(1).max(63), address: z.string().min(1).max(320) }))
    .max(20)
    .optional(),
  tier: z.string().min(1).max(40).optional(),
  country: z.string().length(2).optional(),
  language: z.string().min(2).max(35).optional(),
  labels: z.array(z.string().min(1).max(60)).max(50).optional(),
});

/** An account or a contact: whom a case is for. */
export const Customer = z
  .object({
    customerId: CustomerId,
    ...CustomerFields.shape,
    /** The entitlement that new cases come under; `untilThen` is in force while it has not begun. */
    defaultEntitlement: z.object({ entitlementId: z.string(), untilThen: z.string().optional() }).optional(),
    /** Somebody who is to be forgotten: no case is opened for them any more. */
    erasure: z
      .object({
        state: z.enum(['running', 'done']),
        startedOn: Instant,
        doneOn: Instant.optional(),
        cases: z.int().optional().describe('Cases that texts were taken from'),
        toReview: z
          .array(z.object({ kind: z.enum(['article', 'template']), id: z.string() }))
          .optional()
          .describe(
            'What was made from their cases and belongs to the organisation, and files whose bytes are to be deleted',
          ),
      })
      .optional(),
    createdOn: Instant,
    createdBy: z.string(),
    modifiedOn: Instant,
    /** Counts edits; the `ETag`. */
    version: z.int(),
  })
  .meta({ id: 'Customer' });
export type Customer = z.infer<typeof Customer>;
