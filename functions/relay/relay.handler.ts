import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { project } from '../projection/project.ts';
import { isPassing } from '../reactions/faults.ts';
import { park } from '../reactions/park.ts';
import { services } from '../services.ts';
import { eventOf } from '../stream-record.ts';
import { ENQUEUE, enqueueDeliveries } from '../webhooks/enqueue-deliveries.ts';
import { wakeByBus } from '../webhooks/wake.ts';
import { relayEvents } from './relay-events.ts';

const env = readEnv(functionEnv.relay);
const target = { bus: new EventBridgeClient({}), busName: env.EVENT_BUS_NAME };
const deps = { ...services(env.TABLE_NAME), wake: wakeByBus(target) };

export const handler = async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const records = Records.map((record) => ({
    event: eventOf(record),
    itemIdentifier: record.dynamodb?.SequenceNumber ?? '',
  }));
  const events = records.map(({ event }) => event);
  const [unsent, unprojected, unqueued] = await Promise.all([
    relayEvents(target, events),
    project(deps, events),
    enqueueDeliveries(deps, events),
  ]);
  for (const { events: some, error } of unprojected) {
    const { caseId } = some[0] ?? {};
    logger.error('not projected', { caseId, error: error instanceof Error ? error : String(error) });
  }
  // What will not go better by itself is left to the sweeper and to whoever its alarm wakes: it must not hold up others.
  const again = unprojected.filter(({ isPassing }) => isPassing).flatMap(({ events: some }) => some);
  const failed = new Set([...unsent, ...again]);
  for (const { events: some, error } of unqueued) {
    for (const event of some) {
      if (isPassing(error)) failed.add(event);
      else await park(deps, event, ENQUEUE, error);
    }
    const { caseId } = some[0] ?? {};
    logger.error('not queued', { caseId, error: error instanceof Error ? error : String(error) });
  }
  const correlationIds = [...new Set(events.map(({ correlationId }) => correlationId))];
  logger.info('relayed', { events: records.length - failed.size, failed: failed.size, correlationIds });
  return {
    batchItemFailures: records
      .filter(({ event }) => failed.has(event))
      .map(({ itemIdentifier }) => ({ itemIdentifier })),
  };
};
