import { z } from 'zod';
import type { Customer } from '../../domain/customers/customer.ts';
import { editCustomer, PatchCustomer } from '../../domain/customers/edit-customer.ts';
import { accept, type Decision, invalid, type Refusal } from '../../domain/refusal.ts';
import type { Outcome } from '../api/api.ts';
import { accountsAbove } from '../customers/customers.ts';
import { lookedAtBySlas } from '../customers/looked-at.ts';
import type { Services } from '../services.ts';
import { Transaction } from '../table/transaction.ts';
import {
  type BatchRequest,
  type Fate,
  type Importing,
  ImportQuery,
  importedBefore,
  type Mark,
  malformed,
  markImported,
  takeBatch,
} from './import-batch.ts';
import { CustomerRowIn, type ImportCustomer, type Row } from './import-row.ts';

type ImportServices = Pick<Services, 'table' | 'customers' | 'settings' | 'fieldUses' | 'ids' | 'now' | 'backOff'>;

/** How a batch of customers is taken. */
export const ImportCustomersQuery = ImportQuery.extend({
  onExisting: z.enum(['skip', 'update']).default('skip').describe('What becomes of a customer who is known already'),
});
type Asked = BatchRequest<z.infer<typeof ImportCustomersQuery>>;

/** Imports customers. Who is known by `id` is skipped, or gets what the row says and keeps what it does not. */
export const importCustomers = (services: ImportServices, request: Asked): Promise<Outcome> =>
  takeBatch(services, request, {
    leans: ({ parentId }) => Boolean(parentId),
    take: (row, importing) => takeCustomer(services, request, row, importing),
  });

const takeCustomer = async (
  services: ImportServices,
  { caller, query: { onExisting } }: Asked,
  values: Row,
  importing: Importing,
): Promise<Fate | Refusal> => {
  const parsed = CustomerRowIn.safeParse(values);
  if (!parsed.success) return malformed(parsed.error);
  const { id, createdOn, ...fields } = parsed.data;
  const mark: Mark = { kind: 'customer', externalId: id };
  const before = await importedBefore(services, mark, importing);
  if (before && !(before.outcome === 'skipped' && onExisting === 'update')) return before;
  const now = services.now();
  if (createdOn && createdOn > now) return invalid('createdOn', 'lies in the future');
  const above = await accountsAbove(services, fields.parentId);
  if (!above.accepted) return above;

  const transaction = new Transaction();
  const known = await services.customers.find(id ?? before?.id ?? '');
  if (known && onExisting === 'skip') return { outcome: 'skipped', id: known.customerId };
  if (known) {
    const decision = patched(known, fields, above.value, now);
    if (!decision.accepted) return decision;
    if (importing.isDryRun) return { outcome: 'valid', id: known.customerId };
    if (decision.value === known) return { outcome: 'skipped', id: known.customerId };
    services.customers.update(transaction, known, decision.value, await lookedAtBySlas(services, caller.userId));
    await services.table.transact(transaction);
    return { outcome: 'updated', id: known.customerId };
  }
  const customer: Customer = {
    customerId: id ?? services.ids.random(),
    ...fields,
    createdOn: createdOn ?? now,
    createdBy: caller.userId,
    modifiedOn: now,
    version: 1,
  };
  if (importing.isDryRun) return { outcome: 'valid' };
  services.customers.create(transaction, customer);
  markImported(transaction, mark, importing, customer.customerId);
  await services.table.transact(transaction);
  return { outcome: 'created', id: customer.customerId };
};

const patched = (
  known: Customer,
  { kind, ...fields }: Omit<ImportCustomer, 'id' | 'createdOn'>,
  above: readonly Customer[],
  now: string,
): Decision<Customer> => {
  if (kind !== known.kind) return invalid('kind', `${known.customerId} is known as ${known.kind}`);
  const decision = editCustomer(known, PatchCustomer.parse(fields), above, now);
  return decision.accepted ? accept(decision.value) : decision;
};
