import type { Customer } from '../../domain/customers/customer.ts';
import { customerTerms, isFoundBy } from '../../domain/search/customer-terms.ts';
import { CUSTOMER_TERM_LEAD, customerQuery } from '../../domain/search/query.ts';
import { firstLetters } from '../../domain/search/words.ts';
import type { Services } from '../services.ts';
import { customerPostings, customerTermIn, customerTermPrefix } from '../table/keys.ts';
import type { Page } from '../table/table.ts';

type FindServices = Pick<Services, 'table' | 'customers'>;

/**
 * A page of the customers that every word of a query is a beginning of something of, in the order of what the longest
 * word begins. That word's postings are read for `limit` customers, who are then compared with the rest of the query.
 */
export const customersFoundBy = async (
  { table, customers }: FindServices,
  text: string,
  paging: { limit: number; after?: string },
  parentId?: string,
): Promise<Page<Customer>> => {
  const query = customerQuery(text);
  const [longest] = query;
  if (longest === undefined) return { items: [] };
  const { items, next } = await table.page({
    partition: customerPostings(firstLetters(longest, CUSTOMER_TERM_LEAD)),
    beginsWith: customerTermPrefix(longest),
    ...paging,
  });
  const places = items.map(({ SK }) => customerTermIn(String(SK)));
  const ids = [...new Set(places.map(({ customerId }) => customerId))];
  const found = new Map((await customers.many(ids)).map((customer) => [customer.customerId, customer]));
  const shown = places.flatMap(({ term, customerId }) => {
    const customer = found.get(customerId);
    const isAsked = customer && isFoundBy(customer, query) && (!parentId || customer.parentId === parentId);
    return isAsked && term === firstTerm(customer, longest) ? [customer] : [];
  });
  return { items: shown, ...(next && { next }) };
};

/** Where a customer stands that a word begins several things of: the first of them, so that nobody is listed twice. */
const firstTerm = (customer: Customer, word: string): string | undefined =>
  customerTerms(customer)
    .filter((term) => term.startsWith(word))
    .sort((a, b) => (customerTermPrefix(a) < customerTermPrefix(b) ? -1 : 1))[0];
