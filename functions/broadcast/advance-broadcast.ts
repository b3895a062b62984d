import { type Broadcast, type BroadcastOutcome, withBroadcastPage } from '../../domain/broadcast/broadcast.ts';
import { noteOnChild, type Told, whyLeftOut } from '../../domain/broadcast/tell-child.ts';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { type FollowedChange, withClocksLeft } from '../../domain/sla/followed-change.ts';
import { clocksFollowing } from '../cases/follow-clocks.ts';
import { untilPageHolds } from '../pages/until-page-holds.ts';
import { isPassing, NotYetVisible } from '../reactions/faults.ts';
import type { AddressServices } from '../replies/address-message.ts';
import type { Services } from '../services.ts';
import type { CommitOptions } from '../table/case-store.ts';
import { broadcastKey, childLinkKey, childPosition, familyKey } from '../table/keys.ts';
import type { Transaction } from '../table/transaction.ts';
import { sendToCustomer } from './send-to-customer.ts';

export type BroadcastServices = AddressServices &
  Pick<Services, 'cases' | 'customers' | 'broadcasts' | 'now' | 'backOff'>;

/** Where a broadcast stood when it was told to go on; without a cursor, at its beginning. */
export interface BroadcastPosition {
  caseId: string;
  broadcastId: string;
  cursor?: string;
}

/** A page holds this many writes at most, of the 100 that a transaction takes; a note on a child costs four. */
const PAGE_WRITES = 90;

/** Children looked at a page. */
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
  const { caseId, cursor } = broadcast;
  const head = await services.settings.head();
  const links = await services.cases.children(caseId, { limit: PAGE_CHILDREN, after: cursor });
  const children: FollowedChange[] = [];
  const outcomes = new Map<string, BroadcastOutcome>();
  const count = { delivered: 0, skipped: 0, failed: 0 };
  let last: string | undefined;

  const page = (isEnd: boolean): Page => {
    const { change, broadcast: after } = withBroadcastPage(parent, broadcast, { ...count, cursor: last, isEnd }, at);
    const also = (transaction: Transaction) => {
      services.broadcasts.write(transaction, broadcast, after);
      for (const [childId, outcome] of outcomes) {
        transaction.update(childLinkKey(caseId, childId), {
          set: { broadcast: outcome },
          conditions: [{ attribute: 'childId', is: 'present' }],
        });
      }
    };
    const { id, by } = broadcast;
    const options = { now: at, actor: by, cause: `broadcast:${id}`, correlationId: id, also };
    return { changes: [...children, withClocksLeft(change)], options };
  };
  for (const { childId, attachedOn } of links.items) {
    const position = childPosition(childId);
    // One that came later was not there when it was said.
    if (attachedOn > broadcast.startedOn) {
      last = position;
      continue;
    }
    const told = left.has(childId)
      ? failed('it kept changing while it was being told')
      : await tell(services, head, childId, broadcast);
    if (told.outcome === 'delivered') children.push(await clocksFollowing(services, head, told.change, at));
    const { outcome, reason } = { reason: undefined, ...told };
    outcomes.set(childId, { id: broadcast.id, outcome, ...(reason && { reason }) });
    const { changes, options } = page(true);
    if (outcomes.size > 1 && services.cases.sizeOf(changes, options) > PAGE_WRITES) {
      if (outcome === 'delivered') children.pop();
      outcomes.delete(childId);
      return page(false);
    }
    if (told.outcome !== 'skipped' || told.isCounted) count[told.outcome] += 1;
    last = position;
  }
  return page(!links.next);
};

const failed = (reason: string): Told => ({ outcome: 'failed', reason });

/** A child that cannot be read or told must not keep the others from being told. */
const tell = async (
  services: BroadcastServices,
  head: SettingsHead,
  childId: string,
  broadcast: Broadcast,
): Promise<Told> => {
  try {
    const file = await services.cases.load(childId);
    if (!file) return failed('there is no such case');
    const leftOut = whyLeftOut(file, broadcast);
    if (leftOut) return leftOut;
    const now = services.now();
    const rules = await services.settings.rulesFor(head, file);
    if (broadcast.visibility === 'public') return await sendToCustomer(services, { file, rules, head, now }, broadcast);
    return noteOnChild(file, broadcast, { activityId: services.ids.at(now), rules, now });
  } catch (error) {
    if (isPassing(error)) throw error;
    return failed(error instanceof Error ? error.name : 'unknown fault');
  }
};
