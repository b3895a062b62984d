import { z } from 'zod';
import { CaseStatus } from '../../domain/cases/status-reasons.ts';
import { Customer, CustomerFields, CustomerId } from '../../domain/customers/customer.ts';
import { PatchCustomer } from '../../domain/customers/edit-customer.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { CaseView } from '../cases/case-view.ts';
import { ExportCustomer } from './export-customer.ts';

/** The body that makes a customer known; without an id one is made. */
export const CreateCustomer = CustomerFields.extend({ id: CustomerId.optional() }).meta({ id: 'CreateCustomer' });

/** Which customers are listed. */
export const ListCustomers = z
  .strictObject({
    ...pageQuery,
    q: z
      .string()
      .trim()
      .min(3)
      .max(200)
      .optional()
      .describe('Beginnings of words of the name, of an address or of a phone number'),
    parentId: CustomerId.optional().describe('The contacts of this account; with `q`, those among them'),
  })
  .refine(({ q, parentId }) => q ?? parentId, { path: ['q'], message: 'is required, or parentId' });

/** Which of a customer's cases are listed. */
export const CustomerCases = z.strictObject({ ...pageQuery, status: CaseStatus.optional().describe('Default: all') });

const everything = {
  path: '/v1/customers/{customerId}/export',
  tag: 'Customers',
  description:
    'Lines of JSON, each with what it is a `record` of: the customer, contacts, entitlements with their movements, and all that is kept of its cases. `Link` names the next page.',
  roles: ['admin'],
  params: z.object({ customerId: CustomerId }),
  query: ExportCustomer,
  answer: z.string(),
  media: ['application/x-ndjson'],
} as const;

const params = z.object({ customerId: CustomerId });

/** The routes of customers. */
export const customerRoutes = {
  create: declareRoute({
    method: 'POST',
    path: '/v1/customers',
    tag: 'Customers',
    summary: 'Make a customer known',
    roles: ['agent'],
    body: CreateCustomer,
    answer: Customer,
    status: 201,
    refusals: ['IN_USE'],
  }),
  list: declareRoute({
    method: 'GET',
    path: '/v1/customers',
    tag: 'Customers',
    summary: 'Find customers by name, e-mail address or phone number, or list the contacts of an account',
    roles: ['agent'],
    query: ListCustomers,
    answer: pageOf(Customer),
  }),
  get: declareRoute({
    method: 'GET',
    path: '/v1/customers/{customerId}',
    tag: 'Customers',
    summary: 'Read a customer',
    roles: ['agent'],
    params,
    answer: Customer,
  }),
  patch: declareRoute({
    method: 'PATCH',
    path: '/v1/customers/{customerId}',
    tag: 'Customers',
    summary: 'Edit a customer',
    description: 'Cases stay with the account that they were opened under.',
    roles: ['agent'],
    params,
    body: PatchCustomer,
    answer: Customer,
    refusals: ['STALE_VERSION', 'CUSTOMER_ERASED'],
  }),
  export: declareRoute({ method: 'GET', summary: 'A page of everything about one customer', ...everything }),
  exportByPost: declareRoute({ method: 'POST', summary: 'The same as by GET', ...everything }),
  erase: declareRoute({
    method: 'POST',
    path: '/v1/customers/{customerId}/erase',
    tag: 'Customers',
    summary: 'Forget who a customer is',
    description:
      'Names, addresses and texts go from the customer and from everything of its cases; facts, ids and numbers stay. It goes on behind the answer: `erasure.state` tells when it is done. There is no way back.',
    roles: ['admin'],
    params,
    answer: Customer,
    status: 202,
  }),
  cases: declareRoute({
    method: 'GET',
    path: '/v1/customers/{customerId}/cases',
    tag: 'Customers',
    summary: 'A customer’s cases, open and closed, the newest first',
    description: 'An account’s include those of its contacts.',
    roles: ['agent'],
    params,
    query: CustomerCases,
    answer: pageOf(CaseView),
  }),
};
