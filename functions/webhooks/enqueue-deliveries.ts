import { isCanary } from '../../domain/canary/canary.ts';
import type { CaseFile, Versioned } from '../../domain/cases/case-file.ts';
import { caseLookup } from '../../domain/cases/case-lookup.ts';
import { evaluate } from '../../domain/conditions/condition.ts';
import type { CaseEvent } from '../../domain/facts/fact.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { type Delivery, deliveryIdOf } from '../../domain/webhooks/delivery.ts';
import { EventType } from '../../domain/webhooks/event-types.ts';
import type { WebhookSubscription } from '../../domain/webhooks/subscription.ts';
import { isPrivateQueue } from '../cases/access.ts';
import { inParallel } from '../in-parallel.ts';
import { NotYetVisible } from '../reactions/faults.ts';
import { withAccount } from '../references.ts';
import type { Services } from '../services.ts';
import { type Envelope, envelopeOf, queueOf } from './envelope.ts';
import type { Wake } from './wake.ts';

export type EnqueueServices = Pick<Services, 'settings' | 'cases' | 'customers' | 'deliveries' | 'now'> & {
  wake: Wake;
};

/** What an event is parked for when it could not be put on its way. */
export const ENQUEUE = 'webhooks';

/** Events that could not be put on their way. */
export interface Unqueued {
  events: readonly CaseEvent[];
  error: unknown;
}

type Subscription = Versioned<WebhookSubscription>;

/**
 * Puts events on their way to the webhook subscriptions that want them, and answers those with which it failed. An event
 * that comes twice is put on its way once.
 */
export const enqueueDeliveries = async (
  services: EnqueueServices,
  events: readonly CaseEvent[],
): Promise<Unqueued[]> => {
  const head = await services.settings.head();
  const subscriptions = (await services.settings.webhookSubscriptions.all(head)).filter(
    ({ document }) => document.enabled,
  );
  const wanted = events.filter((event) => subscriptions.some((one) => isMeant(event, one)));
  const cases = [...Map.groupBy(wanted, ({ caseId }) => caseId).values()];
  const prepared = await inParallel(cases, async (some) => {
    try {
      return { events: some, deliveries: await prepare(services, head, subscriptions, some) };
    } catch (error) {
      return { events: some, deliveries: [], error };
    }
  });
  const failed = prepared.flatMap(({ events: some, error }) => (error ? [{ events: some, error }] : []));
  try {
    await send(
      services,
      prepared.flatMap(({ deliveries }) => deliveries),
    );
    return failed;
  } catch (error) {
    return [{ events: wanted, error }];
  }
};

/** Puts deliveries on their way: they are kept first, noted at their subscriptions, and then the sender is woken. */
export const send = async (
  { deliveries, now, wake }: Pick<EnqueueServices, 'deliveries' | 'now' | 'wake'>,
  some: readonly Delivery[],
): Promise<void> => {
  if (some.length === 0) return;
  const subscriptionIds = new Set(some.map(({ subscriptionId }) => subscriptionId));
  await deliveries.create(some);
  for (const subscriptionId of subscriptionIds) await deliveries.touch(subscriptionId, now());
  await wake(subscriptionIds, { isNews: true });
};

/** A new delivery, to be sent at once. */
export const deliveryOf = (
  subscription: Subscription,
  envelope: Envelope,
  about: { recordedOn: string; caseId?: string; correlationId?: string; now: string },
): Delivery => ({
  deliveryId: deliveryIdOf({ eventId: envelope.id, at: about.recordedOn }),
  subscriptionId: subscription.id,
  eventId: envelope.id,
  type: envelope.type,
  ...(about.caseId && { caseId: about.caseId }),
  ...(about.correlationId && { correlationId: about.correlationId }),
  createdOn: about.recordedOn,
  status: 'pending',
  dueAt: about.now,
  ...(about.caseId && subscription.document.orderingKey && { inOrder: true }),
  misses: 0,
  attempts: [],
  revision: 1,
  body: JSON.stringify(envelope),
});

/** Whether an event is one that a subscription has named, or that was sent to it by name. */
const isMeant = ({ fact }: CaseEvent, { id, document }: Subscription): boolean =>
  fact.type === 'sla.webhookCalled'
    ? fact.subscriptionId === id
    : document.types.some((type) => type === EventType.safeParse(fact.type).data);

const prepare = async (
  services: EnqueueServices,
  head: SettingsHead,
  subscriptions: readonly Subscription[],
  events: readonly CaseEvent[],
): Promise<Delivery[]> => {
  const caseId = events[0]?.caseId ?? '';
  const file = await services.cases.load(caseId);
  const version = Math.max(...events.map(({ caseVersion }) => caseVersion));
  if (!file || file.case.version < version) throw new NotYetVisible(`version ${version} of ${caseId}`);
  if (isCanary(file.case)) return [];
  const deliveries: Delivery[] = [];
  for (const event of events) {
    const meant = subscriptions.filter((one) => isMeant(event, one));
    const told = await toldOf(services, event);
    if (!told) continue;
    const isHidden = await isInPrivateQueue(services, head, file, told);
    for (const subscription of meant) {
      if (isHidden && !subscription.document.includePrivateQueues) continue;
      const isByName = event !== told;
      if (!isByName && !(await passes(services, subscription.document, file))) continue;
      const about = { recordedOn: told.at, caseId, correlationId: told.correlationId, now: services.now() };
      deliveries.push(deliveryOf(subscription, envelopeOf(told, file), about));
    }
  }
  return deliveries;
};

/** What a subscriber is told: the event; or the alarm's, where an alarm's action calls. */
const toldOf = async ({ cases }: EnqueueServices, event: CaseEvent): Promise<CaseEvent | undefined> =>
  event.fact.type === 'sla.webhookCalled' ? cases.event(event.caseId, event.fact.alarmEventId) : event;

/** A case is hidden where it stands now, and what happened while it was hidden stays so. */
const isInPrivateQueue = async (
  { settings }: EnqueueServices,
  head: SettingsHead,
  { placement }: CaseFile,
  { queueId }: CaseEvent,
): Promise<boolean> => {
  const queueIds = new Set([placement?.queueId, queueId].flatMap((id) => id ?? []));
  for (const id of queueIds) if (await isPrivateQueue(settings, id, head)) return true;
  return false;
};

const passes = async (services: EnqueueServices, { filter }: WebhookSubscription, file: CaseFile): Promise<boolean> => {
  if (!filter) return true;
  const customer = await services.customers.find(file.case.customerId);
  const known = customer && (await withAccount(services, customer));
  const lookup = caseLookup(file.case, known?.customer);
  return evaluate(filter, (field) => (field === 'queueId' ? queueOf(file) : lookup(field))).matched;
};
