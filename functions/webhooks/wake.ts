import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

/**
 * Tells the sender that a subscription has something to send. `isNews`: it was added just now, so an index may not show
 * it yet. A call that is lost costs a minute: the sweeper finds what is due in the table.
 */
export type Wake = (subscriptionIds: Iterable<string>, options: { isNews: boolean }) => Promise<void>;

/** What the rule that calls the sender goes by. */
const SOURCE = 'docket.webhooks';
const DETAIL_TYPE = 'wake';

/** EventBridge takes this many entries at once. */
const ENTRIES = 10;

/** EventBridge did not take the call. */
export class NotWoken extends Error {
  override name = 'NotWoken';
  /** As an answer of EventBridge has it: trying again may help. */
  readonly code = 'NotWoken';
}

/** Wakes the sender by an event on the bus. */
export const wakeByBus =
  ({ bus, busName }: { bus: EventBridgeClient; busName: string }): Wake =>
  async (subscriptionIds, { isNews }) => {
    const entries = [...new Set(subscriptionIds)].map((subscriptionId) => ({
      EventBusName: busName,
      Source: SOURCE,
      DetailType: DETAIL_TYPE,
      Detail: JSON.stringify({ subscriptionId, isNews }),
    }));
    for (let from = 0; from < entries.length; from += ENTRIES) {
      const Entries = entries.slice(from, from + ENTRIES);
      const { FailedEntryCount = 0 } = await bus.send(new PutEventsCommand({ Entries }));
      if (FailedEntryCount > 0) throw new NotWoken(`${FailedEntryCount} of ${Entries.length}`);
    }
  };
