import { erasedCustomer, startErasure } from '../../domain/erasure/erasure.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { lookedAtBySlas } from '../customers/looked-at.ts';
import { idempotently } from '../idempotently.ts';
import { answerItem } from '../table/idempotency.ts';
import { customerKey } from '../table/keys.ts';
import { Transaction } from '../table/transaction.ts';
import { advanceErasure, type ErasureServices } from './advance-erasure.ts';
import { echoesOf, eraseItem } from './erase-item.ts';

/**
 * Begins to forget a customer: who it is, at once; its cases one after the other, the first one before the answer, the
 * others by the stream. Asking again tells how far it is, and sets it going if it stands.
 */
export const eraseCustomer = (
  services: ErasureServices,
  { params: { customerId }, caller, idempotent }: Request<{ customerId: string }, unknown, unknown>,
): Promise<Outcome> =>
  idempotently(services, idempotent, async () => {
    const { customers, erasures, table } = services;
    const customer = await customers.find(customerId);
    if (!customer) return refuse('NOT_FOUND', `There is no customer ${customerId}`);
    const under = await erasures.find(customerId);
    if (under) {
      const { id: erasureId, page, state } = under;
      if (state === 'running') await advanceErasure(services, { customerId, erasureId, page });
      return { accepted: true, body: await customers.find(customerId) };
    }

    const now = services.now();
    const erasure = startErasure(customer, services.ids.at(now), caller.userId, now);
    const erased = erasedCustomer(customer, now);
    const transaction = new Transaction();
    customers.update(transaction, customer, erased, await lookedAtBySlas(services, caller.userId));
    erasures.start(transaction, erasure);
    for (const key of echoesOf((await table.get(customerKey(customerId))) ?? {})) {
      const echo = await table.get(key);
      if (echo) eraseItem(transaction, echo, String(echo.entity), { erasure, isFreeText: () => true });
    }
    if (idempotent) transaction.create(answerItem(idempotent, 202, erased, now));
    await table.transact(transaction);
    await advanceErasure(services, { customerId, erasureId: erasure.id, page: erasure.page });
    return { accepted: true, body: erased };
  });
