import type { Versioned } from '../../domain/cases/case-file.ts';
import { type Instant, MINUTE, toInstant, toMs } from '../../domain/time.ts';
import { type Delivery, postponed } from '../../domain/webhooks/delivery.ts';
import { isGivenUp, judgeAttempt } from '../../domain/webhooks/judge-attempt.ts';
import type { SubscriptionState, WebhookSubscription } from '../../domain/webhooks/subscription.ts';
import type { GuardedHttp } from '../http/guarded-http.ts';
import { inParallel } from '../in-parallel.ts';
import { retryingLostRaces } from '../lost-races.ts';
import type { Services } from '../services.ts';
import type { TurnEnd } from '../table/delivery-store.ts';
import { LostRace } from '../table/table.ts';
import { Transaction } from '../table/transaction.ts';
import { postDelivery } from './post-delivery.ts';
import { type Announce, tellDisabled } from './tell-disabled.ts';
import type { Wake } from './wake.ts';

export type SenderServices = Pick<
  Services,
  'table' | 'settings' | 'secrets' | 'deliveries' | 'ids' | 'now' | 'backOff'
> & {
  http: GuardedHttp;
  wake: Wake;
  announce: Announce;
  random: () => number;
  pause: (ms: number) => Promise<void>;
  /** Told of a delivery after each attempt. */
  onAttempt: (delivery: Delivery) => void;
};

/** What a turn did. */
export interface Turn {
  succeeded: number;
  failed: number;
  /** Those that have had their last attempt. */
  givenUp: number;
  disabled: number;
  /** How long the one that had waited longest was due, if nothing was wrong with the receiver. */
  oldestDueMs: number;
  /** When the first of those that failed is due again, unless the receiver is left in peace. */
  retryAt?: Instant;
}

/** Longer than a function may run: a turn that is not ended by then will not end any more. */
const TURN_MS = 3 * MINUTE;

/** Requests to one receiver at the same time. */
const AT_ONCE = 16;

/** A receiver that failed so often in a row is left in peace, so that waiting for it takes no more of anybody's time. */
const FAILURES_IN_A_ROW = 3;
const REST_MS = MINUTE;
const LONGEST_REST_MS = 60 * MINUTE;

/** An index may lag: what was added a moment ago is looked for once more after this time. */
const LOOK_AGAIN_MS = MINUTE;

/** Facts of one transaction may come by the stream in any order; those that go in order are given time to line up. */
const LINE_UP_MS = 1_000;

/**
 * Sends what is due to one subscriber. Only one at a time does so for each subscription: who has the turn. A receiver
 * that fails, hangs or is slow therefore holds up no other, and no attempt is made twice at once. What a crash leaves
 * behind is found by the sweeper when the turn has run out.
 */
export const sendDeliveries = async (
  services: SenderServices,
  { subscriptionId, isNews }: { subscriptionId: string; isNews: boolean },
  isTimeUp: () => boolean,
): Promise<Turn | undefined> => {
  const { deliveries, settings, ids, now } = services;
  const started = now();
  const isMine = await deliveries.takeTurn(subscriptionId, ids.random(), started, toInstant(toMs(started) + TURN_MS));
  if (!isMine) return undefined;

  const turn: Turn = { succeeded: 0, failed: 0, givenUp: 0, disabled: 0, oldestDueMs: 0 };
  for (let looksAgain = isNews; ; looksAgain = true) {
    const state = await deliveries.state(subscriptionId);
    if (!state) return turn;
    if (state.disabled?.untold) await tellDisabled(services, subscriptionId, state.disabled);
    const subscription = await settings.webhookSubscriptions.find(subscriptionId);
    const drained = subscription?.document.enabled
      ? await drain(services, subscription, state, turn, { isTimeUp, isNews })
      : nothing(state);
    const because = whyGivenUp(drained, now());
    if (because && (await disable(services, state, because))) {
      turn.disabled += 1;
      continue;
    }
    const end = await endOf(services, state, drained, {
      isEnabled: subscription?.document.enabled ?? false,
      looksAgain: looksAgain || drained.attempted > 0,
    });
    if (!(await deliveries.endTurn(state, end))) continue;
    if (drained.left === 'rest') turn.retryAt = undefined;
    if (drained.left === 'timeUp') await services.wake([subscriptionId], { isNews: false });
    return turn;
  }
};

/** How far a turn has come, and what it has seen of the receiver. */
interface Drained {
  /** Why it has stopped: nothing more was due, the receiver needs a rest, or the function has no more time. */
  left: 'nothing' | 'rest' | 'timeUp';
  restMs: number;
  attempted: number;
  inARow: number;
  gone: boolean;
  failingSince?: Instant;
  lastSucceededOn?: Instant;
}

const nothing = ({ failingSince, lastSucceededOn }: SubscriptionState): Drained => ({
  left: 'nothing',
  restMs: REST_MS,
  attempted: 0,
  inARow: 0,
  gone: false,
  failingSince,
  lastSucceededOn,
});

const drain = async (
  services: SenderServices,
  subscription: Versioned<WebhookSubscription>,
  state: SubscriptionState,
  turn: Turn,
  { isTimeUp, isNews }: { isTimeUp: () => boolean; isNews: boolean },
): Promise<Drained> => {
  const { deliveries, now } = services;
  let secrets: readonly string[] = [];
  if (subscription.document.orderingKey && isNews) await services.pause(LINE_UP_MS);
  const seen = nothing(state);
  const mustStop = () => isTimeUp() || seen.left === 'rest';

  const attempt = async (delivery: Delivery): Promise<Delivery> => {
    const at = now();
    if (delivery.createdOn < state.since) {
      const dropped: Delivery = { ...delivery, status: 'failed', dueAt: undefined, revision: delivery.revision + 1 };
      await write(services, delivery, dropped);
      return dropped;
    }
    const reply = await postDelivery(services.http, { url: subscription.document.url, secrets }, delivery, at);
    const verdict = judgeAttempt(delivery, reply, at, services.random());
    seen.attempted += 1;
    if (verdict.succeeded) {
      turn.succeeded += 1;
      Object.assign(seen, { inARow: 0, failingSince: undefined, lastSucceededOn: at });
    } else {
      turn.failed += 1;
      const { status, dueAt } = verdict.delivery;
      if (status === 'failed') turn.givenUp += 1;
      if (dueAt && (!turn.retryAt || dueAt < turn.retryAt)) turn.retryAt = dueAt;
      seen.inARow += 1;
      seen.failingSince ??= at;
      seen.gone ||= verdict.gone;
      const { overloadedForMs } = verdict;
      if (overloadedForMs) seen.restMs = Math.min(Math.max(seen.restMs, overloadedForMs), LONGEST_REST_MS);
      const isEnough = seen.inARow >= FAILURES_IN_A_ROW || isProbing() || overloadedForMs !== undefined;
      if (isEnough || verdict.gone) seen.left = 'rest';
    }
    services.onAttempt(verdict.delivery);
    await write(services, delivery, verdict.delivery);
    return verdict.delivery;
  };
  // A receiver that has not taken anything since it failed is asked with one delivery first.
  const isProbing = () => state.failingSince !== undefined && seen.lastSucceededOn === state.lastSucceededOn;

  while (!mustStop()) {
    const batch = await deliveries.due(subscription.id, now(), isProbing() ? 1 : AT_ONCE * 2);
    const [oldest] = batch;
    if (!oldest?.dueAt) return seen;
    // Read after the batch: what was asked for when a new secret held already is signed with it.
    secrets = await services.secrets.valid({ kind: 'webhook', id: subscription.id }, now());
    if (!state.failingSince) turn.oldestDueMs = Math.max(turn.oldestDueMs, toMs(now()) - toMs(oldest.dueAt));
    const lines = [...Map.groupBy(batch, (one) => (one.inOrder ? one.caseId : one.deliveryId)).values()];
    await inParallel(lines, (line) => sendLine(services, line, attempt, mustStop), AT_ONCE);
  }
  if (seen.left !== 'rest') seen.left = 'timeUp';
  return seen;
};

/** A delivery alone; or those of a case that go in order, from the first that is on its way, until one fails. */
const sendLine = async (
  services: SenderServices,
  line: readonly Delivery[],
  attempt: (delivery: Delivery) => Promise<Delivery>,
  mustStop: () => boolean,
): Promise<void> => {
  const [one] = line;
  if (!one || mustStop()) return;
  if (!one.inOrder || !one.caseId) {
    await attempt(one);
    return;
  }
  const now = services.now();
  const waiting = new Map(line.map((delivery) => [delivery.deliveryId, delivery]));
  while (!mustStop()) {
    const first = await services.deliveries.firstInLine(one.subscriptionId, one.caseId);
    if (!first?.dueAt) return;
    const after = first.dueAt <= now ? await attempt(first) : first;
    waiting.delete(first.deliveryId);
    if (after.status !== 'pending' || !after.dueAt) continue;
    for (const delivery of waiting.values()) await write(services, delivery, postponed(delivery, after.dueAt));
    return;
  }
};

/** Whoever has changed a delivery meanwhile, say to send it again, is right. */
const write = async ({ table, deliveries }: SenderServices, before: Delivery, after: Delivery): Promise<void> => {
  const transaction = new Transaction();
  deliveries.replace(transaction, before, after);
  try {
    await table.transact(transaction);
  } catch (error) {
    if (!(error instanceof LostRace)) throw error;
  }
};

const whyGivenUp = ({ gone, failingSince, attempted }: Drained, now: Instant): 'gone' | 'failing' | undefined => {
  if (gone) return 'gone';
  return attempted > 0 && failingSince && isGivenUp(failingSince, now) ? 'failing' : undefined;
};

const endOf = async (
  { deliveries, now }: SenderServices,
  { subscriptionId, disabled }: SubscriptionState,
  { left, restMs, failingSince, lastSucceededOn }: Drained,
  { isEnabled, looksAgain }: { isEnabled: boolean; looksAgain: boolean },
): Promise<TurnEnd> => {
  const end = {
    heldUntil: undefined,
    failingSince,
    lastSucceededOn,
    disabled: disabled && { ...disabled, untold: undefined },
  };
  const at = now();
  const after = (ms: number) => toInstant(toMs(at) + ms);
  if (left === 'rest') return { ...end, heldUntil: after(restMs), lookAt: after(restMs) };
  if (left === 'timeUp') return { ...end, lookAt: at };
  if (!isEnabled) return { ...end, lookAt: undefined };
  const next = await deliveries.nextDue(subscriptionId);
  // What the index shows as due has just been sent, or will show a moment later.
  const later = next && next > at ? next : undefined;
  const again = looksAgain || (next && !later) ? after(LOOK_AGAIN_MS) : undefined;
  return { ...end, lookAt: [later, again].flatMap((one) => one ?? []).sort()[0] };
};

/** Sets a subscription aside; what is on its way to it stays where it is. False when somebody else has changed it meanwhile. */
const disable = async (
  services: SenderServices,
  { subscriptionId, turn }: SubscriptionState,
  because: 'gone' | 'failing',
): Promise<boolean> => {
  const { settings, deliveries, table, ids } = services;
  const outcome = await retryingLostRaces(services, async () => {
    const [state, subscription, latest] = await Promise.all([
      deliveries.state(subscriptionId),
      settings.webhookSubscriptions.find(subscriptionId),
      settings.webhookSubscriptions.latest(subscriptionId),
    ]);
    if (!state || state.turn !== turn || !subscription?.document.enabled) return false;
    const now = services.now();
    const transaction = new Transaction();
    const document = { ...subscription.document, enabled: false };
    settings.webhookSubscriptions.put(transaction, subscriptionId, document, latest, { by: 'system', now });
    deliveries.disable(transaction, state, { on: now, because, eventId: ids.at(now), untold: true });
    await table.transact(transaction);
    return true;
  });
  return outcome === true;
};
