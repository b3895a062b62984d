import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { eventOf } from '../stream-record.ts';
import { relayEvents } from './relay-events.ts';

const env = readEnv(functionEnv.relay);
const target = { bus: new EventBridgeClient({}), busName: env.EVENT_BUS_NAME };

export const handler = async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  const records = Records.map((record) => ({
    event: eventOf(record),
    itemIdentifier: record.dynamodb?.SequenceNumber ?? '',
  }));
  const failed = new Set(
    await relayEvents(
      target,
      records.map(({ event }) => event),
    ),
  );
  logger.info('relayed', { events: records.length - failed.size, failed: failed.size });
  return {
    batchItemFailures: records
      .filter(({ event }) => failed.has(event))
      .map(({ itemIdentifier }) => ({ itemIdentifier })),
  };
};
