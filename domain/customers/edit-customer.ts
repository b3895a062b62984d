import { z } from 'zod';
import { accept, type Decision, invalid } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { Customer, CustomerFields } from './customer.ts';

const { name, parentId, email, phone, contactPoints, tier, country, language, labels } = CustomerFields.shape;

/** The body of an edit: what is left out stays, `null` clears. An account never becomes a contact, nor the reverse. */
export const PatchCustomer = z
  .strictObject({
    name,
    parentId: parentId.nullable(),
    email: email.nullable(),
    phone: phone.nullable(),
    contactPoints: contactPoints.nullable(),
    tier: tier.nullable(),
    country: country.nullable(),
    language: language.nullable(),
    labels: labels.nullable(),
  })
  .partial()
  .meta({ id: 'PatchCustomer' });
export type PatchCustomer = z.infer<typeof PatchCustomer>;

/**
 * Decides an edit. `above` is the account that the patch names as parent and every account above that one. An edit that
 * changes nothing answers the customer as it is.
 */
export const editCustomer = (
  customer: Customer,
  patch: PatchCustomer,
  above: readonly Customer[],
  now: Instant,
): Decision<Customer, 'VALIDATION_FAILED'> => {
  if (above.some(({ customerId }) => customerId === customer.customerId)) {
    return invalid('parentId', `${customer.customerId} would stand below itself`);
  }
  const edited = Customer.parse(
    Object.fromEntries(Object.entries({ ...customer, ...patch }).filter(([, value]) => value !== null)),
  );
  if (JSON.stringify(edited) === JSON.stringify(customer)) return accept(customer);
  return accept({ ...edited, modifiedOn: now, version: customer.version + 1 });
};
