import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Following } from '../../domain/customers/following.ts';
import { followCustomer } from '../customers/follow-cases.ts';
import { functionEnv, readEnv } from '../env.ts';
import { fileStore } from '../files/file-store.ts';
import { logger } from '../logger.ts';
import { meterOn, metricsOf, publish } from '../meter.ts';
import { services } from '../services.ts';
import { stepFunctionsTimers } from '../sla/timers.ts';
import { eventOf, followingOf } from '../stream-record.ts';
import { isPassing } from './faults.ts';
import { park } from './park.ts';
import { type ReactionServices, reactionsTo } from './reactions.ts';

const env = readEnv(functionEnv.reactions);
const metrics = metricsOf(env.STAGE);
const deps: ReactionServices = {
  ...services(env.TABLE_NAME, meterOn(metrics)),
  files: fileStore(new S3Client({}), env.ATTACHMENT_BUCKET),
  timers: stepFunctionsTimers(new SFNClient({}), env.SLA_TIMER_ARN),
};

/** What does not pass by itself is left to the sweeper, so that it holds up nobody. */
const follow = async (following: Following): Promise<void> => {
  const { customerId, followingId } = following;
  try {
    await followCustomer(deps, following);
    logger.info('following', { customerId, followingId });
  } catch (error) {
    if (isPassing(error)) throw error;
    logger.error('following left', { customerId, followingId, error: error instanceof Error ? error : String(error) });
  }
};

const react = async (record: DynamoDBRecord): Promise<void> => {
  const following = followingOf(record);
  if (following) return follow(following);
  const event = eventOf(record);
  const { caseId, eventId, correlationId } = event;
  for (const { name, run } of reactionsTo(deps, event)) {
    const about = { reaction: name, type: event.fact.type, caseId, eventId, correlationId };
    try {
      await run();
      logger.info('reaction', about);
    } catch (error) {
      if (isPassing(error)) throw error;
      logger.error('reaction parked', { ...about, error: error instanceof Error ? error : String(error) });
      await park(deps, event, name, error);
    }
  }
};

const processor = new BatchProcessor(EventType.DynamoDBStreams);

export const handler = async (event: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> => {
  try {
    return await processPartialResponse(event, react, processor, { context, throwOnFullBatchFailure: false });
  } finally {
    publish(metrics);
  }
};
