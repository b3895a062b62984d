import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { SubscriptionState } from '../../domain/webhooks/subscription.ts';
import type { Services } from '../services.ts';
import { deliveryOf, send } from './enqueue-deliveries.ts';
import type { Envelope } from './envelope.ts';
import { NotWoken, type Wake } from './wake.ts';

/** Puts an event that is no case's on the bus. */
export type Announce = (envelope: Envelope) => Promise<void>;

/** Announces by the event bus, as facts of cases are. */
export const announceByBus =
  ({ bus, busName }: { bus: EventBridgeClient; busName: string }): Announce =>
  async (envelope) => {
    const entry = { EventBusName: busName, Source: 'docket', DetailType: envelope.type };
    const Entries = [{ ...entry, Time: new Date(envelope.timestamp), Detail: JSON.stringify(envelope) }];
    const { FailedEntryCount = 0 } = await bus.send(new PutEventsCommand({ Entries }));
    if (FailedEntryCount > 0) throw new NotWoken(envelope.type);
  };

/** Tells those who want to know that a subscription is sent nothing more: on the bus, and other subscribers. */
export const tellDisabled = async (
  services: Pick<Services, 'settings' | 'deliveries' | 'now'> & { wake: Wake; announce: Announce },
  subscriptionId: string,
  { on, because, eventId }: NonNullable<SubscriptionState['disabled']>,
): Promise<void> => {
  const envelope: Envelope = {
    id: eventId,
    type: 'webhook.disabled',
    timestamp: on,
    data: { subscriptionId, because },
  };
  const subscribers = (await services.settings.webhookSubscriptions.all()).filter(
    ({ id, document }) => id !== subscriptionId && document.enabled && document.types.includes('webhook.disabled'),
  );
  await send(
    services,
    subscribers.map((subscriber) => deliveryOf(subscriber, envelope, { recordedOn: on, now: services.now() })),
  );
  await services.announce(envelope);
};
