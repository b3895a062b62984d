import { z } from 'zod';
import type { Caller } from '../cases/case-file.ts';

/** What a machine client is held to. One that is not set up may open and read cases of every customer. */
export const Integration = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    customers: z
      .array(z.string().min(1).max(128))
      .max(1000)
      .overwrite((ids) => [...new Set(ids)])
      .describe('The customers whose cases it may open and know of; an account stands for its contacts too'),
  })
  .meta({ id: 'Integration' });
export type Integration = z.infer<typeof Integration>;

/** Whether a caller may have to do with a customer, or with a contact of theirs: everybody may but machines that are bound to others. */
export const isOwnCustomer = ({ customerIds }: Caller, customerId: string, accountId?: string): boolean =>
  customerIds === undefined ||
  customerIds.includes(customerId) ||
  (accountId !== undefined && customerIds.includes(accountId));
