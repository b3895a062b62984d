import type { Delivery } from '../../../domain/webhooks/delivery.ts';
import type { SubscriptionState } from '../../../domain/webhooks/subscription.ts';
import { allShards, type IndexKeys, index, type Key, shardOf } from './parts.ts';
import { sweepKeys } from './sweeping.ts';

const subscriptionPk = (subscriptionId: string): string => `SUBSCRIPTION#${subscriptionId}`;

/** The webhook subscription that an item belongs to. */
export const subscriptionIdOf = (partition: string): string => partition.slice(subscriptionPk('').length);

export const subscriptionStateKey = (subscriptionId: string): Key => ({
  PK: subscriptionPk(subscriptionId),
  SK: 'STATE',
});

const deliveryShard = (subscriptionId: string, shard: number): string => `DELIVERIES#${subscriptionId}#${shard}`;

/** The log of a subscription's deliveries. */
export const deliveryShards = (subscriptionId: string): string[] =>
  allShards((shard) => deliveryShard(subscriptionId, shard));

export const deliveryKey = (subscriptionId: string, deliveryId: string): Key => ({
  PK: deliveryShard(subscriptionId, shardOf(deliveryId)),
  SK: deliveryId,
});

const dueDeliveryShard = (subscriptionId: string, shard: number): string => `DELIVERIES#${subscriptionId}#DUE#${shard}`;

export const dueDeliveryShards = (subscriptionId: string): string[] =>
  allShards((shard) => dueDeliveryShard(subscriptionId, shard));

export const pendingDeliveriesOf = (subscriptionId: string, caseId: string): string =>
  `DELIVERIES#${subscriptionId}#CASE#${caseId}`;

export const deliveryIndexes = ({ subscriptionId, deliveryId, dueAt, inOrder, caseId }: Delivery): IndexKeys =>
  dueAt
    ? {
        ...index(1, dueDeliveryShard(subscriptionId, shardOf(deliveryId)), `${dueAt}#${deliveryId}`),
        ...(inOrder && caseId && index(2, pendingDeliveriesOf(subscriptionId, caseId), deliveryId)),
      }
    : {};

export const subscriptionIndexes = ({ subscriptionId, lookAt }: SubscriptionState): IndexKeys =>
  lookAt ? sweepKeys('deliveries', subscriptionId, lookAt) : {};
