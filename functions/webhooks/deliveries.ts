import { z } from 'zod';
import type { Versioned } from '../../domain/cases/case-file.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import type { Instant } from '../../domain/time.ts';
import { type Delivery, redelivered } from '../../domain/webhooks/delivery.ts';
import type { WebhookSubscription } from '../../domain/webhooks/subscription.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { idempotently } from '../idempotently.ts';
import { answerItem } from '../table/idempotency.ts';
import { Transaction } from '../table/transaction.ts';
import type { SubscriptionServices } from './change-subscriptions.ts';
import { deliveryOf } from './enqueue-deliveries.ts';
import type { Envelope } from './envelope.ts';
import { viewDelivery, WholeDelivery } from './subscription-view.ts';
import type { ListDeliveries, RedeliverRange } from './webhooks.routes.ts';

type OfSubscription<Query = unknown, Body = unknown> = Request<{ id: string }, Query, Body>;
type OfDelivery = Request<{ id: string; deliveryId: string }, unknown, unknown>;

interface Found {
  subscription: Versioned<WebhookSubscription>;
  since: Instant;
}

const find = async ({ settings, deliveries }: SubscriptionServices, id: string): Promise<Found | Refusal> => {
  const [subscription, state] = await Promise.all([settings.webhookSubscriptions.find(id), deliveries.state(id)]);
  return subscription && state
    ? { subscription, since: state.since }
    : refuse('NOT_FOUND', `There is no webhook subscription ${id}`);
};

/** The log of a subscription, the newest event first. */
export const listDeliveries = async (
  services: SubscriptionServices,
  { params: { id }, query }: OfSubscription<z.infer<typeof ListDeliveries>>,
): Promise<Outcome> => {
  const found = await find(services, id);
  if ('code' in found) return found;
  const { limit, cursor, from = found.since, to, status } = query;
  const list = `deliveries ${JSON.stringify({ id, from: query.from, to, status })}`;
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  const bounds = { from: from > found.since ? from : found.since, to };
  const { items, next } = await services.deliveries.page(id, { limit, after: position.value, ...bounds });
  const shown = items.filter((delivery) => status === undefined || delivery.status === status);
  return {
    accepted: true,
    body: { items: shown.map(viewDelivery), ...(next && { nextCursor: encodeCursor(list, next) }) },
  };
};

const findDelivery = async (
  services: SubscriptionServices,
  { params: { id, deliveryId } }: OfDelivery,
): Promise<Delivery | Refusal> => {
  const found = await find(services, id);
  if ('code' in found) return found;
  const delivery = await services.deliveries.find(id, deliveryId);
  const isOwn = delivery && delivery.createdOn >= found.since;
  return isOwn ? delivery : refuse('NOT_FOUND', `There is no delivery ${deliveryId} of ${id}`);
};

/** One delivery with what is posted. */
export const getDelivery = async (services: SubscriptionServices, request: OfDelivery): Promise<Outcome> => {
  const delivery = await findDelivery(services, request);
  if ('code' in delivery) return delivery;
  return { accepted: true, body: WholeDelivery.parse({ ...viewDelivery(delivery), body: delivery.body }) };
};

/** Sends a delivery again, whatever became of it, under the same id. */
export const redeliver = async (services: SubscriptionServices, request: OfDelivery): Promise<Outcome> => {
  const { table, deliveries, now } = services;
  const outcome = await idempotently(services, request.idempotent, async () => {
    const delivery = await findDelivery(services, request);
    if ('code' in delivery) return delivery;
    const again = redelivered(delivery, now());
    const body = viewDelivery(again);
    const transaction = new Transaction();
    deliveries.replace(transaction, delivery, again);
    if (request.idempotent) transaction.create(answerItem(request.idempotent, 202, body, now()));
    await table.transact(transaction);
    return { accepted: true, body };
  });
  if (outcome.accepted) await wakeUp(services, request.params.id);
  return outcome;
};

/** Deliveries that are sent again by one call, each page of them in one transaction; the caller goes on by the cursor. */
const PAGE = 90;
const PAGES = 10;

/** Sends all deliveries again whose events were recorded within a time. */
export const redeliverRange = async (
  services: SubscriptionServices,
  request: OfSubscription<unknown, z.infer<typeof RedeliverRange>>,
): Promise<Outcome> => {
  const { id } = request.params;
  const { from, to, statuses, cursor } = request.body;
  const list = `redeliver ${JSON.stringify({ id, from, to, statuses })}`;
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  let after = position.value;
  let count = 0;
  const outcome = await idempotently(services, request.idempotent, async () => {
    const { table, now } = services;
    const found = await find(services, id);
    if ('code' in found) return found;
    const range = { from: from > found.since ? from : found.since, to, statuses };
    // A lost race begins again here, behind the pages that are done.
    for (let page = 0; page < PAGES; page += 1) {
      const { again, next } = await redeliverPage(services, id, { ...range, after });
      count += again;
      after = next;
      if (!after) break;
    }
    const body = { redelivered: count, ...(after && { nextCursor: encodeCursor(list, after) }) };
    if (request.idempotent) {
      const transaction = new Transaction();
      transaction.create(answerItem(request.idempotent, 202, body, now()));
      await table.transact(transaction);
    }
    return { accepted: true, body };
  });
  await wakeUp(services, id);
  return outcome;
};

const redeliverPage = async (
  { table, deliveries, now }: SubscriptionServices,
  id: string,
  { statuses, ...range }: { from: Instant; to: Instant; after?: string; statuses: readonly Delivery['status'][] },
): Promise<{ again: number; next?: string }> => {
  const { items, next } = await deliveries.page(id, { limit: PAGE, ...range });
  const again = items.filter(({ status }) => statuses.includes(status));
  const transaction = new Transaction();
  for (const delivery of again) deliveries.replace(transaction, delivery, redelivered(delivery, now()));
  if (again.length > 0) await table.transact(transaction);
  return { again: again.length, next };
};

/** Sends an event that says nothing, so that an admin sees whether the receiver takes it. */
export const testSubscription = async (services: SubscriptionServices, request: OfSubscription): Promise<Outcome> => {
  const { table, deliveries, ids, now } = services;
  const outcome = await idempotently(services, request.idempotent, async () => {
    const found = await find(services, request.params.id);
    if ('code' in found) return found;
    const at = now();
    const data = { subscriptionId: found.subscription.id, requestedBy: request.caller.userId };
    const envelope: Envelope = { id: ids.at(at), type: 'webhook.test', timestamp: at, data };
    const delivery = deliveryOf(found.subscription, envelope, { recordedOn: at, now: at });
    const body = viewDelivery(delivery);
    const transaction = new Transaction();
    deliveries.add(transaction, delivery);
    if (request.idempotent) transaction.create(answerItem(request.idempotent, 202, body, at));
    await table.transact(transaction);
    return { accepted: true, body };
  });
  if (outcome.accepted) await wakeUp(services, request.params.id);
  return outcome;
};

const wakeUp = async ({ deliveries, now, wake }: SubscriptionServices, id: string): Promise<void> => {
  await deliveries.touch(id, now());
  await wake([id], { isNews: true });
};
