import type { z } from 'zod';
import type { Customer } from '../../domain/customers/customer.ts';
import { invalid, refuse } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { idempotently } from '../idempotently.ts';
import { findCustomer } from '../references.ts';
import type { Services } from '../services.ts';
import { answerItem } from '../table/idempotency.ts';
import { Transaction } from '../table/transaction.ts';
import type { CreateCustomer } from './customers.routes.ts';

type CustomerServices = Pick<Services, 'table' | 'customers' | 'ids' | 'now' | 'backOff'>;

/** Makes a customer known. An id that is taken is refused: nothing is overwritten. */
export const createCustomer = (
  services: CustomerServices,
  { body, caller, idempotent }: Request<unknown, unknown, z.infer<typeof CreateCustomer>>,
): Promise<Outcome> =>
  idempotently(services, idempotent, async () => {
    const { id = services.ids.random(), ...fields } = body;
    if (fields.parentId) {
      const parent = await findCustomer(services, fields.parentId, 'parentId');
      if (!parent.accepted) return parent;
      if (parent.value.kind !== 'account') return invalid('parentId', 'is not an account');
    }
    if (await services.customers.find(id)) return refuse('IN_USE', `There is a customer ${id} already`);
    const now = services.now();
    const customer: Customer = { customerId: id, ...fields, createdOn: now, createdBy: caller.userId };
    const transaction = new Transaction();
    services.customers.create(transaction, customer);
    if (idempotent) transaction.create(answerItem(idempotent, 201, customer, now));
    await services.table.transact(transaction);
    return { accepted: true, body: customer };
  });

/** Reads a customer. */
export const getCustomer = async (
  { customers }: Pick<Services, 'customers'>,
  { params: { customerId } }: Request<{ customerId: string }, unknown, unknown>,
): Promise<Outcome> => {
  const customer = await customers.find(customerId);
  return customer ? { accepted: true, body: customer } : refuse('NOT_FOUND', `There is no customer ${customerId}`);
};
