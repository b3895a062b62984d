import type { Case } from '../cases/case.ts';
import type { Customer } from '../customers/customer.ts';
import { accept, type Decision, type Refusal, refuse } from '../refusal.ts';
import type { LocalDate } from '../time-zone.ts';
import type { Entitlement } from './entitlement.ts';
import { statusOn } from './lifecycle.ts';

/** What of a case an entitlement looks at. */
export interface Covered extends Pick<Case, 'contactId' | 'product' | 'origin'> {
  customer: Customer;
  /** The day on which the case comes under the entitlement; one that is under it already stays when it expires. */
  on?: LocalDate;
}

type NotValid = Refusal<'ENTITLEMENT_NOT_VALID'>;

/** Why an entitlement does not cover a case, or nothing when it does. */
export const whyNotCovered = (
  entitlement: Entitlement,
  { customer, contactId, product, origin, on }: Covered,
): NotValid | undefined => {
  const { customerId, contacts = [], products = [], channels = [], name, entitlementId } = entitlement;
  const notValid = (because: string, detail: string): NotValid =>
    refuse('ENTITLEMENT_NOT_VALID', `${name} ${detail}`, { because, entitlementId });

  const status = on && statusOn(entitlement, on);
  if (status && status !== 'active') return notValid('status', `is ${status}`);
  if (customerId !== customer.customerId && customerId !== customer.parentId) {
    return notValid('customer', `does not belong to ${customer.customerId}`);
  }
  const contact = contactId ?? (customer.kind === 'contact' ? customer.customerId : undefined);
  if (contacts.length > 0 && !(contact && contacts.includes(contact))) {
    return notValid('contact', `does not list ${contact ?? 'a case without a contact'}`);
  }
  if (products.length > 0 && !(product && products.includes(product))) {
    return notValid('product', `does not list ${product ?? 'a case without a product'}`);
  }
  if (channels.length > 0 && !channels.some((channel) => channel.origin === origin)) {
    return notValid('channel', `does not list ${origin}`);
  }
  return undefined;
};

/** What an entitlement is chosen from. */
export interface Choice {
  /** The one that the caller names. */
  named?: Entitlement;
  /** Those that the customer has by default, in order: its own before its account's. Empty when none is wanted. */
  defaults: readonly Entitlement[];
  covered: Covered;
  isRequired: boolean;
}

/**
 * Decides which entitlement a case comes under: the named one, which must cover it, or the first default that does, or
 * none. A default that is used up is not passed over: where its terms restrict, the case is refused when it takes.
 */
export const chooseEntitlement = ({
  named,
  defaults,
  covered,
  isRequired,
}: Choice): Decision<Entitlement | undefined, 'ENTITLEMENT_NOT_VALID' | 'ENTITLEMENT_REQUIRED'> => {
  if (named) return whyNotCovered(named, covered) ?? accept(named);
  const chosen = defaults.find((one) => !whyNotCovered(one, covered));
  if (!chosen && isRequired) {
    return refuse('ENTITLEMENT_REQUIRED', `Nothing that ${covered.customer.customerId} is entitled to covers the case`);
  }
  return accept(chosen);
};
