import type { Customer } from '../../domain/customers/customer.ts';
import type { Entitlement } from '../../domain/entitlements/entitlement.ts';
import { ada } from './case-builders.ts';
import { MONDAY } from './service.ts';

/** Ten cases in 2026 for the account `acme`, activated and untouched. */
export const entitlement = (changed: Partial<Entitlement> = {}): Entitlement => ({
  entitlementId: 'gold-2026',
  customerId: 'acme',
  name: 'Gold 2026',
  allotment: 'cases',
  total: 10,
  startsOn: '2026-01-01',
  endsOn: '2026-12-31',
  decrementOn: 'onCreate',
  restrictByTerms: true,
  state: 'activated',
  used: 0,
  usedBy: {},
  createdOn: MONDAY,
  createdBy: 'sue',
  modifiedOn: MONDAY,
  modifiedBy: 'sue',
  version: 1,
  ...changed,
});

/** Ada, as a contact of `acme`. */
export const adaOfAcme = (changed: Partial<Customer> = {}): Customer => ({ ...ada, parentId: 'acme', ...changed });
