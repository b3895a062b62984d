import { z } from 'zod';
import { Customer, CustomerFields, CustomerId } from '../../domain/customers/customer.ts';
import { declareRoute } from '../api/route.ts';

/** The body that makes a customer known; without an id one is made. */
export const CreateCustomer = CustomerFields.extend({ id: CustomerId.optional() }).meta({ id: 'CreateCustomer' });

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
  get: declareRoute({
    method: 'GET',
    path: '/v1/customers/{customerId}',
    tag: 'Customers',
    summary: 'Read a customer',
    roles: ['agent'],
    params: z.object({ customerId: CustomerId }),
    answer: Customer,
  }),
};
