import { z } from 'zod';
import { CustomerId } from '../customers/customer.ts';
import { accept, type Decision, invalid } from '../refusal.ts';
import type { LocalDate } from '../time-zone.ts';
import { type Made, whyNotSound } from './create-entitlement.ts';
import { type Entitlement, EntitlementTerms } from './entitlement.ts';
import { whyNotPermitted } from './lifecycle.ts';

const fixed = {
  customerId: CustomerId.optional().describe('Never another one than it has'),
  isDefault: z.boolean().optional().describe('May change whatever the status, but cancelled'),
};

/** The body that replaces the terms of a draft. */
export const ReplaceEntitlement = EntitlementTerms.extend(fixed).meta({ id: 'ReplaceEntitlement' });
export type ReplaceEntitlement = z.infer<typeof ReplaceEntitlement>;

const { restrictByTerms, slaId, products, contacts, channels, ...required } = EntitlementTerms.shape;

/** The body that edits the terms of a draft: what is left out stays, `null` clears. */
export const PatchEntitlement = z
  .strictObject({
    ...required,
    ...fixed,
    restrictByTerms: restrictByTerms.unwrap(),
    slaId: slaId.nullable(),
    products: products.nullable(),
    contacts: contacts.nullable(),
    channels: channels.nullable(),
  })
  .partial()
  .meta({ id: 'PatchEntitlement' });
export type PatchEntitlement = z.infer<typeof PatchEntitlement>;

/** The terms that an entitlement has, without what else is known of it. */
export const termsOf = (entitlement: Entitlement): EntitlementTerms => EntitlementTerms.strip().parse(entitlement);

/** The terms after an edit. */
export const patchedTerms = (entitlement: Entitlement, patch: PatchEntitlement): EntitlementTerms => {
  const merged = Object.entries({ ...entitlement, ...patch }).filter(([, value]) => value !== null);
  return EntitlementTerms.strip().parse(Object.fromEntries(merged));
};

/**
 * Decides new terms of a draft. What was taken stays taken: a higher total leaves more, and what a channel has lost
 * before it was named counts against it. The same terms again answer the entitlement as it is.
 */
export const editEntitlement = (
  entitlement: Entitlement,
  terms: EntitlementTerms,
  today: LocalDate,
  { by, now }: Made,
): Decision<Entitlement> => {
  const present = termsOf(entitlement);
  if (JSON.stringify(present) === JSON.stringify(EntitlementTerms.parse(terms))) return accept(entitlement);
  const refusal = whyNotPermitted(entitlement, 'edit', today) ?? whyNotSound(terms);
  if (refusal) return refusal;
  if (entitlement.used !== 0 && terms.allotment !== entitlement.allotment) {
    return invalid('allotment', `${entitlement.used} ${entitlement.allotment} are taken already`);
  }
  const { slaId: _sla, products: _products, contacts: _contacts, channels: _channels, ...kept } = entitlement;
  return accept({ ...kept, ...terms, modifiedOn: now, modifiedBy: by, version: entitlement.version + 1 });
};
