import { type Broadcast, withBroadcastPage } from '../../domain/broadcast/broadcast.ts';
import { noteOnChild, whyLeftOut } from '../../domain/broadcast/tell-child.ts';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import { type FollowedChange, withClocksFollowing, withClocksLeft } from '../../domain/sla/followed-change.ts';
import type { Instant } from '../../domain/time.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import { type ChildrenPage, childrenPage, writeOutcomes } from '../pages/children-page.ts';
import { untilPageHolds } from '../pages/until-page-holds.ts';
import { NotYetVisible } from '../reactions/faults.ts';
import type { AddressServices } from '../replies/address-message.ts';
import type { Services } from '../services.ts';
import type { CommitOptions } from '../table/case-store.ts';
import { broadcastKey, familyKey } from '../table/keys.ts';
import { sendToCustomer } from './send-to-customer.ts';

export type BroadcastServices = AddressServices &
  Pick<Services, 'cases' | 'customers' | 'broadcasts' | 'now' | 'backOff'>;

/** Where a broadcast stood when it was told to go on; without a cursor, at its beginning. */
export interface BroadcastPosition {
  caseId: string;
  broadcastId: string;
  cursor?: string;
}

/** Children looked at a page: more than fit in one, for a note on a child costs four writes. */
const PAGE_CHILDREN = 50;

/**
 * Tells the next page of a case's children in one transaction, with the fact that sets the page after it going. The page
 * is committed only where the broadcast still stands at `position`: a fact that comes twice tells nobody twice, and a
 * crash anywhere loses nobody.
 */
export const advanceBroadcast = (services: BroadcastServices, position: BroadcastPosition): Promise<void> => {
  const { caseId, broadcastId } = position;
  return untilPageHolds(services, [broadcastKey(caseId, broadcastId), familyKey(caseId)], async (left) => {
    const broadcast = standsAt(await services.broadcasts.find(caseId, broadcastId), position);
    const parent = broadcast && (await services.cases.load(caseId));
    if (!broadcast || !parent) return;
    const { changes, options } = await planPage(services, parent, broadcast, left);
    await services.cases.commit(changes, options);
  });
};

/** The broadcast, if it stands where `position` says; behind that, the event came before its transaction. */
const standsAt = (
  broadcast: Broadcast | undefined,
  { broadcastId, cursor = '' }: BroadcastPosition,
): Broadcast | undefined => {
  const present = broadcast?.cursor ?? '';
  if (!broadcast || present < cursor) throw new NotYetVisible(`broadcast ${broadcastId} at ${cursor}`);
  return broadcast.state === 'running' && present === cursor ? broadcast : undefined;
};

interface Page {
  changes: FollowedChange[];
  options: CommitOptions;
}

const planPage = async (
  services: BroadcastServices,
  parent: CaseFile,
  broadcast: Broadcast,
  left: ReadonlySet<string>,
): Promise<Page> => {
  const at = services.now();
  const head = await services.settings.head();
  const page = await childrenPage(services, {
    parentId: broadcast.caseId,
    after: broadcast.cursor,
    limit: PAGE_CHILDREN,
    left,
    // One that came later was not there when it was said.
    isAbout: ({ attachedOn }) => attachedOn <= broadcast.startedOn,
    decide: async (childId) => {
      const file = await services.cases.load(childId);
      if (!file) return { outcome: 'failed', reason: 'there is no such case' };
      const leftOut = whyLeftOut(file, broadcast);
      if (leftOut) return leftOut;
      const now = services.now();
      const rules = await rulesOfCase(services, head, file);
      const told =
        broadcast.visibility === 'public'
          ? await sendToCustomer(services, { file, rules, head, now }, broadcast)
          : noteOnChild(file, broadcast, { activityId: services.ids.at(now), rules, now });
      return told.outcome === 'done' ? { ...told, change: withClocksFollowing(told.change, rules, now) } : told;
    },
    sizeOf: (larger) => {
      const { changes, options } = pageOf(services, parent, broadcast, larger, at);
      return services.cases.sizeOf(changes, options);
    },
  });
  return pageOf(services, parent, broadcast, page, at);
};

const pageOf = (
  { broadcasts }: BroadcastServices,
  parent: CaseFile,
  before: Broadcast,
  page: ChildrenPage,
  now: Instant,
): Page => {
  const { change, broadcast: after } = withBroadcastPage(parent, before, page, now);
  const { id, by, caseId } = before;
  return {
    changes: [...page.changes, withClocksLeft(change)],
    options: {
      now,
      actor: by,
      cause: `broadcast:${id}`,
      correlationId: id,
      also: (transaction) => {
        broadcasts.write(transaction, before, after);
        writeOutcomes(transaction, caseId, page, ({ outcome, reason }) => ({
          broadcast: { id, outcome: outcome === 'done' ? 'delivered' : outcome, ...(reason && { reason }) },
        }));
      },
    },
  };
};
