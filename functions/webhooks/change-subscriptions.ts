import type { z } from 'zod';
import { accept, invalid, type Refusal } from '../../domain/refusal.ts';
import type { Action } from '../../domain/sla/action.ts';
import { actionsOf } from '../../domain/sla/sla.ts';
import { MAX_SUBSCRIPTIONS, type WebhookSubscription } from '../../domain/webhooks/subscription.ts';
import type { Outcome, Request } from '../api/api.ts';
import { callableUrl, namesPrivateAddress, type OutboundAddresses } from '../http/guarded-http.ts';
import { idempotently } from '../idempotently.ts';
import type { Services } from '../services.ts';
import { deleteSetting, getSetting, listSettings, putSetting } from '../settings/documents.ts';
import { answerItem } from '../table/idempotency.ts';
import type { SecretOwner } from '../table/secret-store.ts';
import { Transaction } from '../table/transaction.ts';
import { aboutSubscription } from './subscription-view.ts';
import type { Wake } from './wake.ts';
import type { RotateSecret } from './webhooks.routes.ts';

export type SubscriptionServices = Pick<
  Services,
  'table' | 'settings' | 'secrets' | 'deliveries' | 'ids' | 'now' | 'backOff'
> & { wake: Wake; addresses: OutboundAddresses };
type IdRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;

const HOUR_MS = 60 * 60_000;

const ownerOf = (id: string): SecretOwner => ({ kind: 'webhook', id });

/**
 * Creates or replaces a subscription. The first answer holds its secret, once. Putting an enabled one is also how one
 * that was set aside comes back: its record is clean then, and what was on its way to it goes out.
 */
export const putSubscription = async (
  services: SubscriptionServices,
  request: IdRequest<WebhookSubscription>,
): Promise<Outcome> => {
  const { deliveries, secrets, settings, ids } = services;
  let issued: string | undefined;
  const outcome = await putSetting(services, settings.webhookSubscriptions, request, async (id, body, transaction) => {
    const refusal = whyNotCallable(body.url, services.addresses) ?? (await whyTooMany(services, id));
    if (refusal) return refusal;
    const [head, state] = await Promise.all([secrets.head(ownerOf(id)), deliveries.state(id)]);
    const now = services.now();
    issued = head?.live.length ? undefined : ids.secret();
    if (issued) secrets.issue(transaction, ownerOf(id), issued, { before: head, overlapMs: 0, now });
    if (!state || body.enabled) deliveries.begin(transaction, state, id, now);
    return accept(body);
  });
  if (!outcome.accepted) return outcome;
  if (request.body.enabled) await services.wake([request.params.id], { isNews: false });
  return withAbout(services, request.params.id, outcome, issued);
};

/** What a URL alone tells; where its name leads is judged at each call. */
const whyNotCallable = (text: string, addresses: OutboundAddresses): Refusal | undefined => {
  const url = callableUrl(text, addresses);
  const how = addresses === 'any' ? 'http or https' : 'https';
  if (!url) return invalid('url', `is an ${how} address without a user name`);
  if (addresses === 'public' && namesPrivateAddress(url)) return invalid('url', 'is not on the public internet');
  return undefined;
};

const whyTooMany = async ({ settings }: SubscriptionServices, id: string): Promise<Refusal | undefined> => {
  const others = (await settings.webhookSubscriptions.all()).filter((one) => one.id !== id);
  return others.length < MAX_SUBSCRIPTIONS ? undefined : invalid('id', `there are ${MAX_SUBSCRIPTIONS} subscriptions`);
};

export const getSubscription = async (services: SubscriptionServices, request: IdRequest): Promise<Outcome> => {
  const outcome = await getSetting(services.settings.webhookSubscriptions, request);
  return outcome.accepted ? withAbout(services, request.params.id, outcome) : outcome;
};

export const listSubscriptions = (
  services: SubscriptionServices,
  request: Request<unknown, { limit: number; cursor?: string }, unknown>,
): Promise<Outcome> => listSettings(services.settings.webhookSubscriptions, request);

/** Removes a subscription; nothing more is sent to it, and its secrets are gone. */
export const deleteSubscription = (services: SubscriptionServices, request: IdRequest): Promise<Outcome> =>
  deleteSetting(services, services.settings.webhookSubscriptions, request, async (id, transaction) => {
    const { secrets, deliveries } = services;
    const callers = await whoCalls(services, id);
    if (callers.length > 0) return `The subscription is called by ${callers.join(', ')}`;
    const [head, state] = await Promise.all([secrets.head(ownerOf(id)), deliveries.state(id)]);
    if (head) secrets.revoke(transaction, ownerOf(id), head);
    if (state) deliveries.end(transaction, state);
    return undefined;
  });

/** The SLAs and process flows whose clocks call a subscription. */
const whoCalls = async ({ settings }: SubscriptionServices, subscriptionId: string): Promise<string[]> => {
  const calls = (action: Action) => action.type === 'webhook' && action.subscriptionId === subscriptionId;
  const [slas, flows] = await Promise.all([settings.slas.all(), settings.processFlows.all()]);
  return [
    ...slas.filter(({ document }) => actionsOf(document).some(calls)),
    ...flows.filter(({ document: { stages } }) =>
      stages.some(({ actions = {} }) => Object.values(actions).some((list) => list?.some(calls))),
    ),
  ].map(({ id }) => id);
};

/**
 * Gives a subscription a new secret. Both sign for a while, so that the receiver can change over; after a leak none of
 * the old ones does. The record of the request is kept without the secret: whoever lost the answer asks again.
 */
export const rotateSecret = (
  services: SubscriptionServices,
  request: IdRequest<z.infer<typeof RotateSecret>>,
): Promise<Outcome> =>
  idempotently(services, request.idempotent, async () => {
    const { secrets, table, ids } = services;
    const { id } = request.params;
    const outcome = await getSubscription(services, request);
    if (!outcome.accepted) return outcome;
    const now = services.now();
    const transaction = new Transaction();
    const secret = ids.secret();
    const overlapMs = request.body.overlapHours * HOUR_MS;
    secrets.issue(transaction, ownerOf(id), secret, { before: await secrets.head(ownerOf(id)), overlapMs, now });
    if (request.idempotent) transaction.create(answerItem(request.idempotent, 200, outcome.body, now));
    await table.transact(transaction);
    return withAbout(services, id, outcome, secret);
  });

const withAbout = async (
  { deliveries, secrets }: SubscriptionServices,
  id: string,
  outcome: Extract<Outcome, { accepted: true }>,
  secret?: string,
): Promise<Outcome> => {
  const about = aboutSubscription(...(await Promise.all([deliveries.state(id), secrets.head(ownerOf(id))])));
  return { ...outcome, body: Object.assign({}, outcome.body, about, secret && { secret }) };
};
