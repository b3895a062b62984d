import type { Caller, Versioned } from '../domain/cases/case-file.ts';
import type { Customer } from '../domain/customers/customer.ts';
import { isOwnCustomer } from '../domain/people/integration.ts';
import type { Queue } from '../domain/queues/queue.ts';
import { accept, type Decision, invalid, refuse } from '../domain/refusal.ts';
import type { SettingsHead } from '../domain/settings/kinds.ts';
import type { Catalogue } from '../domain/settings/product.ts';
import { subjectPath } from '../domain/settings/subject.ts';
import type { Services } from './services.ts';

export type Found<Thing> = Decision<Thing, 'VALIDATION_FAILED'>;

/** Looks up what a body refers to by id. A reference to nothing makes the body invalid, with the path that names it. */
export const findCustomer = async (
  { customers }: Pick<Services, 'customers'>,
  customerId: string | undefined,
  path = 'customerId',
): Promise<Found<Customer>> => {
  if (!customerId) return invalid(path, 'is required');
  const customer = await customers.find(customerId);
  return customer ? accept(customer) : unknownCustomer(customerId, path);
};

const unknownCustomer = (customerId: string | undefined, path = 'customerId') =>
  invalid(path, `there is no customer ${customerId}`);

/** Looks up whom a case is for: somebody who has been forgotten gets no case that is not theirs already (`present`), and whom
 * a machine (`caller`) is not held to is not there for it. */
export const findCustomerOfCase = async (
  services: Pick<Services, 'customers'>,
  customerId: string | undefined,
  { present, caller }: { present?: string; caller?: Caller } = {},
): Promise<Decision<Customer, 'VALIDATION_FAILED' | 'CUSTOMER_ERASED'>> => {
  const found = await findCustomer(services, customerId);
  if (!found.accepted) return found;
  const { value: customer } = found;
  if (caller && !isOwnCustomer(caller, customer.customerId, customer.parentId)) return unknownCustomer(customerId);
  return customer.erasure && customerId !== present
    ? refuse('CUSTOMER_ERASED', `${customerId} has been erased`)
    : found;
};

/** A customer as rules see it, and the account that it belongs to. */
export interface KnownCustomer {
  customer: Customer;
  account?: Customer;
}

/** Looks up the account of a customer. A contact that has no tier of its own has its account's. */
export const withAccount = async (
  { customers }: Pick<Services, 'customers'>,
  customer: Customer,
): Promise<KnownCustomer> => {
  const account = customer.parentId ? await customers.find(customer.parentId) : undefined;
  const tier = customer.tier ?? account?.tier;
  return { customer: { ...customer, ...(tier && { tier }) }, ...(account && { account }) };
};

/**
 * The subject's ids from the root down; nothing when no subject is named. A subject that is disabled is found by those
 * only who take it over from something that has it (`isTakenOver`).
 */
export const findSubjectPath = async (
  { settings }: Pick<Services, 'settings'>,
  head: SettingsHead,
  subjectId: string | undefined,
  { isTakenOver = false, where = 'subjectId' }: { isTakenOver?: boolean; where?: string } = {},
): Promise<Found<string[] | undefined>> => {
  if (!subjectId) return accept(undefined);
  const subject = await settings.subjects.find(subjectId, head);
  if (subject?.document.enabled === false && !isTakenOver) return invalid(where, `${subjectId} is disabled`);
  const path = await subjectPath(subjectId, async (id) => (await settings.subjects.find(id, head))?.document);
  return path ? accept(path) : invalid(where, `there is no subject ${subjectId}`);
};

/** Every product of the organisation, by its id. */
export const catalogueOf = async ({ settings }: Pick<Services, 'settings'>, head: SettingsHead): Promise<Catalogue> =>
  new Map((await settings.products.all(head)).map(({ id, document }) => [id, document]));

/** The queue; nothing when none is named. */
export const findQueue = async (
  { settings }: Pick<Services, 'settings'>,
  head: SettingsHead,
  queueId: string | undefined,
  path = 'queueId',
): Promise<Found<Versioned<Queue> | undefined>> => {
  if (!queueId) return accept(undefined);
  const queue = await settings.queues.find(queueId, head);
  return queue ? accept(queue) : invalid(path, `there is no queue ${queueId}`);
};
