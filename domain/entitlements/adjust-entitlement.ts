import { z } from 'zod';
import { Origin } from '../cases/case.ts';
import { accept, type Decision } from '../refusal.ts';
import type { LocalDate } from '../time-zone.ts';
import type { Entitlement, Moving } from './entitlement.ts';
import { whyNotPermitted } from './lifecycle.ts';

/** The body of an adjustment. */
export const AdjustEntitlement = z
  .strictObject({
    amount: z
      .int()
      .min(-100_000_000)
      .max(100_000_000)
      .refine((amount) => amount !== 0, 'is not 0')
      .describe('What remains changes by this'),
    note: z.string().trim().min(1).max(2_000).describe('Why'),
    origin: Origin.optional().describe('The channel whose allotment moves with it'),
  })
  .meta({ id: 'AdjustEntitlement' });
export type AdjustEntitlement = z.infer<typeof AdjustEntitlement>;

/** Decides an adjustment by hand. It may leave less than nothing: whoever adjusts knows why, and says so. */
export const adjustEntitlement = (
  entitlement: Entitlement,
  { amount, note, origin }: AdjustEntitlement,
  today: LocalDate,
): Decision<Moving> =>
  whyNotPermitted(entitlement, 'adjust', today) ??
  accept({ kind: 'adjusted', amount, note, ...(origin && { origin }) });
