import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { api, on } from '../api/api.ts';
import { functionEnv, readEnv } from '../env.ts';
import { logger } from '../logger.ts';
import { signIn } from '../people/sign-in.ts';
import { services } from '../services.ts';
import {
  deleteSubscription,
  getSubscription,
  listSubscriptions,
  putSubscription,
  rotateSecret,
  type SubscriptionServices,
} from './change-subscriptions.ts';
import { getDelivery, listDeliveries, redeliver, redeliverRange, testSubscription } from './deliveries.ts';
import { wakeByBus } from './wake.ts';
import { webhookRoutes as routes } from './webhooks.routes.ts';

const env = readEnv(functionEnv.webhooksApi);
const all = services(env.TABLE_NAME);
const deps: SubscriptionServices = {
  ...all,
  wake: wakeByBus({ bus: new EventBridgeClient({}), busName: env.EVENT_BUS_NAME }),
  addresses: env.OUTBOUND_ADDRESSES,
};

export const handler = api(
  logger,
  on(routes.list, (request) => listSubscriptions(deps, request)),
  on(routes.get, (request) => getSubscription(deps, request)),
  on(routes.put, (request) => putSubscription(deps, request)),
  on(routes.delete, (request) => deleteSubscription(deps, request)),
  on(routes.rotateSecret, (request) => rotateSecret(deps, request)),
  on(routes.test, (request) => testSubscription(deps, request)),
  on(routes.deliveries, (request) => listDeliveries(deps, request)),
  on(routes.delivery, (request) => getDelivery(deps, request)),
  on(routes.redeliver, (request) => redeliver(deps, request)),
  on(routes.redeliverRange, (request) => redeliverRange(deps, request)),
).use(signIn(all));
