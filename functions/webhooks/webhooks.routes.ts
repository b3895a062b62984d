import { z } from 'zod';
import { Slug } from '../../domain/cases/case.ts';
import { Instant } from '../../domain/time.ts';
import { Delivery } from '../../domain/webhooks/delivery.ts';
import { WebhookSubscription } from '../../domain/webhooks/subscription.ts';
import { CursorText, declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { Deleted, settingView } from '../settings/documents.ts';
import { DeliveryView, SubscriptionView, WholeDelivery } from './subscription-view.ts';

const path = '/v1/settings/webhook-subscriptions/{id}';
const params = z.object({ id: Slug });
const ofDelivery = params.extend({ deliveryId: z.uuid() });
const tag = 'Webhooks';

export const RotateSecret = z.strictObject({
  overlapHours: z
    .int()
    .min(0)
    .max(168)
    .default(24)
    .describe('How long the secrets before it go on signing too; 0 after a leak'),
});

/** Bounds are of when the event was recorded. */
export const ListDeliveries = z.strictObject({
  ...pageQuery,
  status: Delivery.shape.status.optional(),
  from: Instant.optional(),
  to: Instant.optional(),
});

export const RedeliverRange = z.strictObject({
  from: Instant,
  to: Instant,
  statuses: z
    .array(Delivery.shape.status)
    .min(1)
    .default(['failed'])
    .describe('With `pending`, those that wait for their next attempt are hurried'),
  cursor: CursorText.optional().describe('`nextCursor` of the answer before'),
});

/** The routes of webhooks: they carry what cases are about to anywhere, so they are for admins. */
export const webhookRoutes = {
  list: declareRoute({
    method: 'GET',
    path: '/v1/settings/webhook-subscriptions',
    tag,
    summary: 'List the webhook subscriptions',
    roles: ['admin'],
    query: z.strictObject(pageQuery),
    answer: pageOf(settingView(WebhookSubscription)),
  }),
  get: declareRoute({
    method: 'GET',
    path,
    tag,
    summary: 'Read a webhook subscription, and how its receiver fares',
    roles: ['admin'],
    params,
    answer: SubscriptionView,
  }),
  put: declareRoute({
    method: 'PUT',
    path,
    tag,
    summary: 'Create or replace a webhook subscription',
    description:
      'The first answer holds the secret, once. Putting one with `enabled` clears what its receiver did before.',
    roles: ['admin'],
    params,
    body: WebhookSubscription,
    answer: SubscriptionView,
    refusals: ['STALE_VERSION'],
  }),
  delete: declareRoute({
    method: 'DELETE',
    path,
    tag,
    summary: 'Remove a webhook subscription; what is on its way to it is not sent',
    roles: ['admin'],
    params,
    answer: Deleted,
    refusals: ['IN_USE', 'STALE_VERSION'],
  }),
  rotateSecret: declareRoute({
    method: 'POST',
    path: `${path}/rotate-secret`,
    tag,
    summary: 'Give a webhook subscription a new secret',
    description: 'The answer holds it, once: a repeat with the same `Idempotency-Key` does not.',
    roles: ['admin'],
    params,
    body: RotateSecret,
    answer: SubscriptionView,
  }),
  test: declareRoute({
    method: 'POST',
    path: `${path}/test`,
    tag,
    summary: 'Send a `webhook.test` event',
    roles: ['admin'],
    params,
    answer: DeliveryView,
    status: 202,
  }),
  deliveries: declareRoute({
    method: 'GET',
    path: `${path}/deliveries`,
    tag,
    summary: 'What was sent, with every attempt, the newest first',
    roles: ['admin'],
    params,
    query: ListDeliveries,
    answer: pageOf(DeliveryView),
  }),
  delivery: declareRoute({
    method: 'GET',
    path: `${path}/deliveries/{deliveryId}`,
    tag,
    summary: 'Read a delivery with what is posted',
    roles: ['admin'],
    params: ofDelivery,
    answer: WholeDelivery,
  }),
  redeliver: declareRoute({
    method: 'POST',
    path: `${path}/deliveries/{deliveryId}/redeliver`,
    tag,
    summary: 'Send a delivery again, under the same id',
    roles: ['admin'],
    params: ofDelivery,
    answer: DeliveryView,
    status: 202,
  }),
  redeliverRange: declareRoute({
    method: 'POST',
    path: `${path}/redeliver`,
    tag,
    summary: 'Send all deliveries of a time again',
    description: 'Up to 900 a call; with `nextCursor` there are more.',
    roles: ['admin'],
    params,
    body: RedeliverRange,
    answer: z.object({ redelivered: z.int(), nextCursor: z.string().optional() }),
    status: 202,
  }),
};
