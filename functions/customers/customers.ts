import { z } from 'zod';
import type { Customer } from '../../domain/customers/customer.ts';
import { editCustomer, type PatchCustomer } from '../../domain/customers/edit-customer.ts';
import { accept, type Decision, invalid, refuse } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { CaseFilter } from '../cases/case-filter.ts';
import { type ListServices, listCases } from '../cases/list-cases.ts';
import { idempotently } from '../idempotently.ts';
import { findCustomer } from '../references.ts';
import type { Services } from '../services.ts';
import { answerItem } from '../table/idempotency.ts';
import { Transaction } from '../table/transaction.ts';
import type { CreateCustomer, CustomerCases, ListCustomers } from './customers.routes.ts';
import { customersFoundBy } from './find-customers.ts';
import { lookedAtBySlas } from './looked-at.ts';

type CustomerServices = Pick<Services, 'table' | 'customers' | 'settings' | 'fieldUses' | 'ids' | 'now' | 'backOff'>;
type OfCustomer<Query = unknown, Body = unknown> = Request<{ customerId: string }, Query, Body>;

/** Makes a customer known. An id that is taken is refused: nothing is overwritten. */
export const createCustomer = (
  services: CustomerServices,
  { body, caller, idempotent }: Request<unknown, unknown, z.infer<typeof CreateCustomer>>,
): Promise<Outcome> =>
  idempotently(services, idempotent, async () => {
    const { id = services.ids.random(), ...fields } = body;
    const above = await accountsAbove(services, fields.parentId);
    if (!above.accepted) return above;
    if (await services.customers.find(id)) return refuse('IN_USE', `There is a customer ${id} already`);
    const now = services.now();
    const customer: Customer = {
      customerId: id,
      ...fields,
      createdOn: now,
      createdBy: caller.userId,
      modifiedOn: now,
      version: 1,
    };
    const transaction = new Transaction();
    services.customers.create(transaction, customer, idempotent?.key);
    if (idempotent) transaction.create(answerItem(idempotent, 201, customer, now));
    await services.table.transact(transaction);
    return { accepted: true, body: customer };
  });

/** Reads a customer. */
export const getCustomer = async (
  { customers }: Pick<Services, 'customers'>,
  { params: { customerId } }: OfCustomer,
): Promise<Outcome> => {
  const customer = await customers.find(customerId);
  return customer ? { accepted: true, body: customer } : noCustomer(customerId);
};

/** Edits a customer. Cases stay with the account that they were opened under; their clocks follow by the stream. */
export const patchCustomer = (
  services: CustomerServices,
  { params: { customerId }, body, caller, ifMatch }: OfCustomer<unknown, PatchCustomer>,
): Promise<Outcome> =>
  idempotently(services, undefined, async () => {
    const customer = await services.customers.find(customerId);
    if (!customer) return noCustomer(customerId);
    if (ifMatch !== undefined && ifMatch !== customer.version) {
      return refuse('STALE_VERSION', `The customer is at version ${customer.version}`);
    }
    if (customer.erasure) return refuse('CUSTOMER_ERASED', `${customerId} has been erased`);
    const above = await accountsAbove(services, body.parentId ?? undefined);
    if (!above.accepted) return above;
    const decision = editCustomer(customer, body, above.value, services.now());
    if (!decision.accepted) return decision;
    if (decision.value !== customer) {
      const transaction = new Transaction();
      services.customers.update(transaction, customer, decision.value, await lookedAtBySlas(services, caller.userId));
      await services.table.transact(transaction);
    }
    return { accepted: true, body: decision.value };
  });

/** A page of the customers that a query finds, or of an account's contacts. */
export const listCustomers = async (
  services: Pick<Services, 'table' | 'customers'>,
  { query: { q, parentId, limit, cursor } }: Request<unknown, z.infer<typeof ListCustomers>, unknown>,
): Promise<Outcome> => {
  const list = `customers ${JSON.stringify([q, parentId])}`;
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  const paging = { limit, after: position.value };
  const { items, next } = q
    ? await customersFoundBy(services, q, paging, parentId)
    : await services.customers.contacts(parentId ?? '', paging);
  return { accepted: true, body: { items, ...(next && { nextCursor: encodeCursor(list, next) }) } };
};

/** A page of a customer's cases, open and closed, the newest first; an account's include those of its contacts. */
export const listCasesOf = async (
  services: ListServices,
  { params: { customerId }, query, ...request }: OfCustomer<z.infer<typeof CustomerCases>>,
): Promise<Outcome> =>
  (await services.customers.find(customerId))
    ? listCases(services, { ...request, params: {}, query: CaseFilter.parse({ ...query, customerId }) })
    : noCustomer(customerId);

const noCustomer = (customerId: string) => refuse('NOT_FOUND', `There is no customer ${customerId}`);

/** Accounts may stand below accounts, but not without end. */
const MAX_ACCOUNT_DEPTH = 10;

/** The account that a customer is to belong to, and every account above it. */
export const accountsAbove = async (
  services: Pick<Services, 'customers'>,
  parentId: string | undefined,
): Promise<Decision<Customer[], 'VALIDATION_FAILED'>> => {
  const above: Customer[] = [];
  for (let id = parentId; id; ) {
    const account = await findCustomer(services, id, 'parentId');
    if (!account.accepted) return account;
    if (account.value.kind !== 'account') return invalid('parentId', `${id} is not an account`);
    if (above.length === MAX_ACCOUNT_DEPTH) return invalid('parentId', `stands below ${MAX_ACCOUNT_DEPTH} accounts`);
    above.push(account.value);
    id = account.value.parentId;
  }
  return accept(above);
};
