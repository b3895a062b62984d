import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { CaseEvent } from '../../domain/facts/fact.ts';

/** EventBridge takes this many entries at once. */
const ENTRIES = 10;

/** Puts events on the bus and answers those that it did not take. They carry ids and changed fields, never what people wrote. */
export const relayEvents = async (
  { bus, busName }: { bus: EventBridgeClient; busName: string },
  events: readonly CaseEvent[],
): Promise<CaseEvent[]> => {
  const failed: CaseEvent[] = [];
  for (let from = 0; from < events.length; from += ENTRIES) {
    const some = events.slice(from, from + ENTRIES);
    const { Entries = [] } = await bus.send(
      new PutEventsCommand({ Entries: some.map((event) => entryOf(event, busName)) }),
    );
    failed.push(...some.filter((_, n) => Entries[n]?.ErrorCode !== undefined));
  }
  return failed;
};

const entryOf = (event: CaseEvent, EventBusName: string): PutEventsRequestEntry => ({
  EventBusName,
  Source: 'docket',
  DetailType: event.fact.type,
  Time: new Date(event.at),
  Detail: JSON.stringify(detailOf(event)),
});

/** Text that people wrote stays in the table, and so does what only sets our own next page going. */
const KEPT: readonly string[] = ['resolution', 'note', 'because', 'handOver', 'erasure', 'following', 'continued'];

/** An event as others are told of it. */
export const detailOf = ({
  eventId: id,
  caseId,
  caseVersion,
  at: timestamp,
  actor,
  cause,
  correlationId,
  fact,
}: CaseEvent) => {
  const { type, changes, ...rest } = fact;
  const data = Object.fromEntries(Object.entries(rest).filter(([name]) => !KEPT.includes(name)));
  const changedFields = changes?.map(({ field }) => field) ?? [];
  return { id, type, timestamp, correlationId, data: { caseId, caseVersion, actor, cause, changedFields, ...data } };
};
