import { setTimeout as pause } from 'node:timers/promises';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { Context } from 'aws-lambda';
import { z } from 'zod';
import { functionEnv, readEnv } from '../env.ts';
import { guardedHttp } from '../http/guarded-http.ts';
import { logger } from '../logger.ts';
import { metricsOf, publish } from '../meter.ts';
import { services } from '../services.ts';
import { WEBHOOK_LIMITS } from './post-delivery.ts';
import { sendAndRetry } from './send-and-retry.ts';
import type { SenderServices } from './send-deliveries.ts';
import { announceByBus } from './tell-disabled.ts';
import { wakeByBus } from './wake.ts';

const env = readEnv(functionEnv.webhookSender);
const target = { bus: new EventBridgeClient({}), busName: env.EVENT_BUS_NAME };
const deps: SenderServices = {
  ...services(env.TABLE_NAME),
  http: guardedHttp({ addresses: env.OUTBOUND_ADDRESSES, limits: WEBHOOK_LIMITS }),
  wake: wakeByBus(target),
  announce: announceByBus(target),
  random: Math.random,
  pause: (ms) => pause(ms),
  onAttempt: ({ subscriptionId, deliveryId, correlationId, status, attempts }) =>
    logger.info('posted', { subscriptionId, deliveryId, correlationId, status, attempts: attempts.length }),
};
const metrics = metricsOf(env.STAGE);

const WakeEvent = z.object({ detail: z.object({ subscriptionId: z.string(), isNews: z.boolean() }) });

/** What one more attempt may take, with what has to be written afterwards. */
const LAST_ATTEMPT_MS = WEBHOOK_LIMITS.totalMs + 5_000;

export const handler = async (event: unknown, context: Context): Promise<void> => {
  const { detail } = WakeEvent.parse(event);
  const { subscriptionId } = detail;
  const isTimeUp = () => context.getRemainingTimeInMillis() < LAST_ATTEMPT_MS;
  await sendAndRetry(deps, detail, isTimeUp, (turn) => {
    metrics.addMetric('DeliveriesGivenUp', MetricUnit.Count, turn.givenUp);
    metrics.addMetric('SubscriptionsDisabled', MetricUnit.Count, turn.disabled);
    metrics.addMetric('OldestDueDelivery', MetricUnit.Milliseconds, turn.oldestDueMs);
    publish(metrics);
    logger.info('sent', { subscriptionId, ...turn });
  });
};
