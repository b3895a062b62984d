import { z } from 'zod';
import { Customer } from '../../domain/customers/customer.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { CaseView } from '../cases/case-view.ts';

/** One thing that a search found. */
export const SearchHit = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('customer'), customer: Customer }),
    z.object({ kind: z.literal('case'), case: CaseView }),
  ])
  .meta({ id: 'SearchHit' });
export type SearchHit = z.infer<typeof SearchHit>;

/** What is searched for, and in what. */
export const SearchQuery = z.strictObject({
  ...pageQuery,
  q: z
    .string()
    .trim()
    .min(2)
    .max(200)
    .describe('Words, a case number, an e-mail address or phone number, or the id that another system gave'),
  kind: z.enum(['case', 'customer']).optional().describe('Only these'),
});
export type SearchQuery = z.infer<typeof SearchQuery>;

/** The routes of the search. */
export const searchRoutes = {
  search: declareRoute({
    method: 'GET',
    path: '/v1/search',
    tag: 'Search',
    summary: 'Search cases and customers',
    description:
      'Customers first, then what is called so or belongs to that address, then cases with all the words, the newest first. A change is found within seconds.',
    roles: ['agent'],
    query: SearchQuery,
    answer: pageOf(SearchHit),
  }),
};
