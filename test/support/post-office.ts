import type { z } from 'zod';
import type { CaseEvent } from '../../domain/facts/fact.ts';
import { toInstant, toMs } from '../../domain/time.ts';
import type { Delivery } from '../../domain/webhooks/delivery.ts';
import { WebhookSubscription } from '../../domain/webhooks/subscription.ts';
import type { Outcome, Request } from '../../functions/api/api.ts';
import { guardedHttp } from '../../functions/http/guarded-http.ts';
import {
  deleteSubscription,
  getSubscription,
  putSubscription,
  rotateSecret,
  type SubscriptionServices,
} from '../../functions/webhooks/change-subscriptions.ts';
import { enqueueDeliveries } from '../../functions/webhooks/enqueue-deliveries.ts';
import type { Envelope } from '../../functions/webhooks/envelope.ts';
import { sendAndRetry } from '../../functions/webhooks/send-and-retry.ts';
import { type SenderServices, sendDeliveries, type Turn } from '../../functions/webhooks/send-deliveries.ts';
import type { LocalTable } from './local-table.ts';

/** How long the post office waits for a receiver. */
export const PATIENCE_MS = 1_000;

const request = <Body>(id: string, body: Body): Request<{ id: string }, unknown, Body> => ({
  params: { id },
  query: {},
  body,
  caller: { userId: 'root', roles: ['agent', 'supervisor', 'admin'] },
  correlationId: 'test',
});

// biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it asserts.
const answered = (outcome: Outcome): any => {
  if (!outcome.accepted) throw new Error(`${outcome.code}: ${outcome.detail}`);
  return outcome.body;
};

/** Webhooks on a table with nobody in between: what the relay, the sender and the API do, when the test says so. */
export const postOfficeOn = (local: LocalTable) => {
  const woken: string[] = [];
  const announced: Envelope[] = [];
  const all: SenderServices & SubscriptionServices & LocalTable['services'] = {
    ...local.services,
    http: guardedHttp({
      addresses: 'any',
      limits: { connectMs: PATIENCE_MS, totalMs: PATIENCE_MS, answerBytes: 64 },
    }),
    addresses: 'any',
    wake: async (ids) => void woken.push(...ids),
    announce: async (envelope) => void announced.push(envelope),
    random: () => 0.5,
    pause: async () => {},
    onAttempt: () => {},
  };
  const find = async (subscriptionId: string): Promise<Delivery[]> => {
    const from = (await all.deliveries.state(subscriptionId))?.since ?? local.clock.now;
    return (await all.deliveries.page(subscriptionId, { limit: 1000, from })).items.reverse();
  };

  return {
    all,
    woken,
    announced,
    request,
    /** A subscription as the API answers it, its secret included. */
    subscribe: async (id: string, fields: Partial<z.input<typeof WebhookSubscription>> & { url: string }) =>
      answered(
        await putSubscription(all, request(id, WebhookSubscription.parse({ types: ['case.created'], ...fields }))),
      ),
    read: async (id: string) => answered(await getSubscription(all, request(id, undefined))),
    rotate: async (id: string, overlapHours = 24) => answered(await rotateSecret(all, request(id, { overlapHours }))),
    unsubscribe: async (id: string) => answered(await deleteSubscription(all, request(id, undefined))),
    /** Nobody hears of anything any more. */
    async closeAll(): Promise<void> {
      for (const { id } of await all.settings.webhookSubscriptions.all()) {
        await deleteSubscription(all, request(id, undefined));
      }
    },
    /** What the relay does with events; it throws what it would try again for. */
    async relay(events: readonly CaseEvent[]): Promise<void> {
      const [failed] = await enqueueDeliveries(all, events);
      if (failed) throw failed.error;
    },
    /** One turn of the sender, for news unless told. */
    send: (
      subscriptionId: string,
      { isNews = true, ...services }: Partial<SenderServices> & { isNews?: boolean } = {},
    ): Promise<Turn | undefined> => sendDeliveries({ ...all, ...services }, { subscriptionId, isNews }, () => false),
    /** What the function does that somebody has woken, by a clock that goes on while it waits, unless told. */
    sendAndRetry: async (subscriptionId: string, services: Partial<SenderServices> = {}): Promise<Turn[]> => {
      const turns: Turn[] = [];
      const pause = async (ms: number) => {
        local.clock.now = toInstant(toMs(local.clock.now) + ms);
      };
      const deps = { ...all, pause, ...services };
      await sendAndRetry(
        deps,
        { subscriptionId, isNews: true },
        () => false,
        (turn) => turns.push(turn),
      );
      return turns;
    },
    log: find,
    /** Each delivery as `case.created pending 500, timedOut`. */
    story: async (subscriptionId: string): Promise<string[]> =>
      (await find(subscriptionId)).map(({ type, status, attempts }) =>
        `${type} ${status} ${attempts.map((one) => one.status ?? one.error).join(', ')}`.trim(),
      ),
  };
};
export type PostOffice = ReturnType<typeof postOfficeOn>;
