import type { Customer } from '../customers/customer.ts';
import { waysToDial } from './phone.ts';
import { fold, wordsOf } from './words.ts';

type Named = Pick<Customer, 'customerId' | 'name' | 'email' | 'phone' | 'contactPoints'>;

/** Each costs a write: a change takes away as many at most as it adds, all in one transaction of a hundred. */
export const MAX_CUSTOMER_TERMS = 40;

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/**
 * What a customer is found by the beginning of: the words of the name, the address as a whole, its domain and the words
 * before it, the phone number with and without country code, and an id that somebody chose.
 */
export const customerTerms = ({ customerId, name, email, phone, contactPoints = [] }: Named): string[] => {
  const addresses = [email, phone, ...contactPoints.map(({ address }) => address)].flatMap((address) => address ?? []);
  const id = UUID.test(customerId) ? [] : [fold(customerId)];
  const terms = new Set([...id, ...addresses.flatMap(addressTerms), ...wordsOf(name)]);
  return [...terms].slice(0, MAX_CUSTOMER_TERMS);
};

/** The term by which everybody is found who has this very address or number. */
export const addressTerm = (address: string): string => waysToDial(address)[0] ?? fold(address).trim();

const addressTerms = (address: string): string[] => {
  const ways = waysToDial(address);
  if (ways.length > 0) return ways;
  const whole = fold(address).trim();
  const at = whole.lastIndexOf('@');
  return at < 1 ? [whole, ...wordsOf(whole)] : [whole, whole.slice(at + 1), ...wordsOf(whole.slice(0, at))];
};

/** Whether every word of a search is the beginning of something of this customer's. */
export const isFoundBy = (customer: Named, query: readonly string[]): boolean => {
  const terms = customerTerms(customer);
  const known = [...terms, ...terms.flatMap(wordsOf)];
  return query.every((word) => known.some((term) => term.startsWith(word)));
};
