import { z } from 'zod';
import { Broadcast } from '../../domain/broadcast/broadcast.ts';
import { Following } from '../../domain/customers/following.ts';
import { CaseEvent } from '../../domain/facts/fact.ts';
import { KpiInstance } from '../../domain/sla/kpi-instance.ts';
import { type Instant, toInstant, toMs } from '../../domain/time.ts';
import { advanceBroadcast } from '../broadcast/advance-broadcast.ts';
import { advanceCascade } from '../cascade/advance-cascade.ts';
import { endHold } from '../cases/end-hold.ts';
import { resumeFollowing } from '../customers/follow-cases.ts';
import { resumeErasure } from '../erasure/advance-erasure.ts';
import { advanceMove } from '../merge/advance-move.ts';
import { advanceHandOver, repeatHandOver } from '../people/hand-over.ts';
import { project } from '../projection/project.ts';
import { autoRelease } from '../queues/auto-release.ts';
import { Parked, park, unpark } from '../reactions/park.ts';
import { type Due, type ReactionServices, reactionsTo } from '../reactions/reactions.ts';
import { routeNewCase } from '../routing/route-new-case.ts';
import { resumeRecomputation } from '../sla/recompute-calendar.ts';
import { ringAlarm } from '../sla/ring-alarm.ts';
import {
  caseIdOf,
  customerIdOf,
  type Overdue,
  subscriptionIdOf,
  sweepIndex,
  sweepShards,
  templateIdOf,
  userIdOf,
} from '../table/keys.ts';
import type { StoredItem } from '../table/table.ts';
import { runDueTemplate } from '../templates/run-due-template.ts';
import { ENQUEUE, enqueueDeliveries } from '../webhooks/enqueue-deliveries.ts';
import type { Wake } from '../webhooks/wake.ts';

const MINUTE_MS = 60_000;

/** How long each thing may take by itself before it counts as lost. */
const PATIENCE_MS: Record<Overdue, number> = {
  timer: MINUTE_MS,
  arm: 0,
  hold: MINUTE_MS,
  unrouted: MINUTE_MS,
  cascade: 10 * MINUTE_MS,
  broadcast: 10 * MINUTE_MS,
  move: 10 * MINUTE_MS,
  parked: 0,
  release: 0,
  handOver: 0,
  handOverRound: 0,
  erasure: 0,
  erasureRound: 0,
  following: 0,
  followingRound: 0,
  projection: 5 * MINUTE_MS,
  recomputation: 0,
  template: 0,
  deliveries: 0,
};

/** A subscription whose deliveries nobody has looked at for so long after they were due is told of. */
const LATE_MS = 10 * MINUTE_MS;

/** What a sweep does at most for each kind and shard; the next one goes on. */
const LIMIT = 50;

/** What customers wait for comes first. */
const ORDER = [
  'timer',
  'arm',
  'hold',
  'unrouted',
  'release',
  'cascade',
  'broadcast',
  'move',
  'handOver',
  'handOverRound',
  'erasure',
  'erasureRound',
  'following',
  'followingRound',
  'parked',
  'projection',
  'recomputation',
  'template',
  'deliveries',
] as const;

/** How many of each kind a sweep found, and of how many subscriptions nobody sends what is due. */
export type Swept = Record<Overdue | 'lateDeliveries', number>;

export type SweepServices = ReactionServices & { wake: Wake };

/** The failures of single items, which never stop the others. */
export type OnFailure = (what: Overdue, partition: string, error: unknown) => void;

/**
 * Sets going what should have happened and did not: alarms that did not ring, holds that did not end, cases that nobody
 * routed, cascades, broadcasts, merges, hand-overs, erasures and edits of customers that stand still, far alarms that have come near, parked
 * reactions whose time has come, facts that read models lack. Lost means late, never silent. It also does what nothing
 * else watches the clock for: picked cases that were left alone are released, hand-overs and erasures make sure that no
 * case was hidden from them, templates open the cases that are due, and webhooks that failed are tried again.
 */
export const sweep = async (services: SweepServices, onFailure: OnFailure): Promise<Swept> => {
  const handle: Record<Overdue, (item: StoredItem) => Promise<void>> = {
    timer: (item) => ringLost(services, item),
    arm: (item) => armFar(services, item),
    hold: ({ PK }) => endLostHold(services, caseIdOf(String(PK))),
    unrouted: ({ PK }) => routeNewCase(services, { caseId: caseIdOf(String(PK)), correlationId: 'sweeper' }),
    cascade: ({ PK }) => resumeCascade(services, caseIdOf(String(PK))),
    broadcast: (item) => resumeBroadcast(services, item),
    move: ({ PK }) => resumeMove(services, caseIdOf(String(PK))),
    parked: (item) => retryParked(services, item),
    release: ({ PK }) => autoRelease(services, caseIdOf(String(PK))),
    handOver: ({ PK }) => resumeHandOver(services, userIdOf(String(PK))),
    handOverRound: ({ PK }) => repeatHandOver(services, userIdOf(String(PK))),
    erasure: ({ PK }) => resumeErasure(services, customerIdOf(String(PK))),
    erasureRound: ({ PK }) => resumeErasure(services, customerIdOf(String(PK))),
    following: (item) => followLost(services, item),
    followingRound: (item) => followLost(services, item),
    projection: (item) => projectLost(services, item),
    recomputation: ({ PK }) => resumeRecomputation(services, String(PK)),
    template: ({ PK }) => runDueTemplate(services, templateIdOf(String(PK))),
    deliveries: ({ PK }) => services.wake([subscriptionIdOf(String(PK))], { isNews: false }),
  };
  const swept: Swept = {
    timer: 0,
    arm: 0,
    hold: 0,
    unrouted: 0,
    cascade: 0,
    broadcast: 0,
    move: 0,
    parked: 0,
    release: 0,
    handOver: 0,
    handOverRound: 0,
    erasure: 0,
    erasureRound: 0,
    following: 0,
    followingRound: 0,
    projection: 0,
    recomputation: 0,
    template: 0,
    deliveries: 0,
    lateDeliveries: 0,
  };
  const late = toInstant(toMs(services.now()) - LATE_MS);
  for (const what of ORDER) {
    for (const item of await overdue(services, what, services.now())) {
      swept[what] += 1;
      if (what === 'deliveries' && String(item[`GSI${sweepIndex(what)}SK`]) < late) swept.lateDeliveries += 1;
      try {
        await handle[what](item);
      } catch (error) {
        onFailure(what, String(item.PK), error);
      }
    }
  }
  return swept;
};

const overdue = async ({ table }: ReactionServices, what: Overdue, now: Instant): Promise<StoredItem[]> => {
  const upTo = toInstant(toMs(now) - PATIENCE_MS[what]);
  const pages = await Promise.all(
    sweepShards(what).map((partition) => table.page({ partition, index: sweepIndex(what), upTo, limit: LIMIT })),
  );
  return pages.flatMap(({ items }) => items);
};

const Keys = z.object({ PK: z.string(), SK: z.string() });

const kpiOf = async ({ table }: ReactionServices, item: StoredItem): Promise<KpiInstance | undefined> => {
  const stored = await table.get(Keys.parse(item));
  return stored && KpiInstance.parse(stored);
};

const ringLost = async (services: ReactionServices, item: StoredItem): Promise<void> => {
  const instance = await kpiOf(services, item);
  if (!instance) return;
  const { caseId, kpi, generation, epoch } = instance;
  await ringAlarm(services, { caseId, kpi, generation, epoch, next: services.now() });
};

const armFar = async (services: ReactionServices, item: StoredItem): Promise<void> => {
  const instance = await kpiOf(services, item);
  if (!instance) return;
  await services.timers.arm(instance, services.now());
  await services.cases.armed(instance);
};

const endLostHold = async (services: ReactionServices, caseId: string): Promise<void> => {
  const hold = (await services.cases.load(caseId))?.hold;
  if (hold) await endHold(services, hold);
};

const resumeCascade = async (services: ReactionServices, parentId: string): Promise<void> => {
  const parent = await services.cases.load(parentId);
  const cascade = parent?.family.cascade;
  if (!cascade) return;
  const { id: cascadeId, round, cursor } = cascade;
  await advanceCascade(services, { parentId, cascadeId, round, cursor });
};

const resumeBroadcast = async (services: ReactionServices, item: StoredItem): Promise<void> => {
  const stored = await services.table.get(Keys.parse(item));
  if (!stored) return;
  const { caseId, id: broadcastId, cursor } = Broadcast.parse(stored);
  await advanceBroadcast(services, { caseId, broadcastId, cursor });
};

const resumeHandOver = async (services: ReactionServices, userId: string): Promise<void> => {
  const handOver = (await services.users.find(userId))?.handOver;
  if (handOver) await advanceHandOver(services, { userId, handOverId: handOver.id, page: handOver.page });
};

const followLost = async (services: ReactionServices, item: StoredItem): Promise<void> => {
  const stored = await services.table.get(Keys.parse(item));
  if (stored) await resumeFollowing(services, Following.parse(stored));
};

const resumeMove = async (services: ReactionServices, caseId: string): Promise<void> => {
  const file = await services.cases.load(caseId);
  const away = file?.merges?.away;
  if (away) await advanceMove(services, { caseId, moveId: away.moveId, position: away.position });
};

const retryParked = async (services: SweepServices, item: StoredItem): Promise<void> => {
  const stored = await services.table.get(Keys.parse(item));
  if (!stored) return;
  const parked = Parked.parse(stored);
  const event = await services.cases.event(parked.caseId, parked.eventId);
  const reaction =
    event &&
    [...reactionsTo(services, event), enqueueing(services, event)].find(({ name }) => name === parked.reaction);
  if (!event || !reaction) return unpark(services, parked);
  try {
    await reaction.run();
  } catch (error) {
    await park(services, event, parked.reaction, error, parked.attempts + 1);
    throw error;
  }
  await unpark(services, parked);
};

const projectLost = async (services: ReactionServices, item: StoredItem): Promise<void> => {
  const stored = await services.table.get(Keys.parse(item));
  const [failed] = stored ? await project(services, [CaseEvent.parse(stored)]) : [];
  if (failed) throw failed.error;
};

/** The relay parks what it could not put on its way to subscribers, as reactions are parked. */
const enqueueing = (services: SweepServices, event: CaseEvent): Due => ({
  name: ENQUEUE,
  run: async () => {
    const [failed] = await enqueueDeliveries(services, [event]);
    if (failed) throw failed.error;
  },
});
