import {
  type Following,
  type FollowingPlace,
  type FollowingPosition,
  followedAgain,
  withFollowed,
} from '../../domain/customers/following.ts';
import type { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { customerFieldsIn, followCase, withClocks } from '../../domain/sla/follow-case.ts';
import { type FollowedChange, withClocksLeft } from '../../domain/sla/followed-change.ts';
import type { Instant } from '../../domain/time.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import { fillPage } from '../pages/fill-page.ts';
import { standsAt } from '../pages/stands-at.ts';
import { tellLast } from '../pages/tell-last.ts';
import { untilPageHolds } from '../pages/until-page-holds.ts';
import type { Services } from '../services.ts';
import { caseIdOf, caseKey, customerCases, followingKey } from '../table/keys.ts';
import type { StoredItem } from '../table/table.ts';
import { Transaction } from '../table/transaction.ts';

type FollowServices = Pick<Services, 'table' | 'cases' | 'customers' | 'settings' | 'followings' | 'now' | 'backOff'>;

/** Cases looked at a page; of most nothing changes, and a closed one costs no more than that it is seen to be closed. */
const PAGE_CASES = 100;

/**
 * Lets the clocks of a customer's open cases follow an edit of the customer, a page of cases in one transaction with how
 * far that has come. The fact of the page's last case sets the next page going; where there is none, it goes on at once.
 */
export const followCustomer = async (services: FollowServices, position: FollowingPosition): Promise<void> => {
  const { customerId, followingId } = position;
  for (let at: FollowingPosition | undefined = position; at; ) {
    const { page }: FollowingPosition = at;
    at = await untilPageHolds(services, [followingKey(customerId, followingId)], async (left) => {
      const following = await services.followings.find(customerId, followingId);
      if (!following || !standsAt(following, page, `following ${followingId}`)) return undefined;
      return followPage(services, following, left);
    });
  }
};

/** The fact of a page's last case says where the following goes on. */
export const continueFollowing = async (
  services: FollowServices,
  _event: CaseEvent,
  { following }: Extract<Fact, { type: 'case.customerChanged' }>,
): Promise<void> => {
  if (following) await followCustomer(services, following);
};

/** Goes on with a following that stands still, or begins another round of it. */
export const resumeFollowing = async (
  services: FollowServices,
  { customerId, followingId }: Pick<Following, 'customerId' | 'followingId'>,
): Promise<void> => {
  let following = await services.followings.find(customerId, followingId);
  if (!following) return;
  if (following.state === 'waiting') {
    const again = followedAgain(following, services.now());
    const transaction = new Transaction();
    services.followings.advance(transaction, following, again);
    await services.table.transact(transaction);
    following = again;
  }
  await followCustomer(services, following);
};

/** Does a page; answers where to go on when no fact says it. */
const followPage = async (
  services: FollowServices,
  following: Following,
  left: ReadonlySet<string>,
): Promise<FollowingPosition | undefined> => {
  const { customerId, followingId, by } = following;
  const now = services.now();
  const head = await services.settings.head();
  const place = following.place ?? {};
  const listed = await services.table.page({
    index: 1,
    partition: customerCases(place.contactId ?? customerId),
    limit: PAGE_CASES,
    after: place.after,
  });
  const about = { now, actor: by, cause: `customer:${customerId}`, correlationId: followingId };
  const open = await openOf(services, listed.items);
  const filled = await fillPage(
    open,
    async ({ caseId }) => {
      const change = left.has(caseId) ? undefined : await follow(services, head, following, caseId, now);
      return change && { change };
    },
    ({ changes }) => services.cases.sizeOf(changes, about),
  );
  const [last] = filled.taken.at(-1) ?? [];
  const next = filled.isFull
    ? { ...place, after: last?.position }
    : listed.next
      ? { ...place, after: listed.next }
      : await behind(services, following);
  const found = filled.changes.length + filled.taken.filter(([{ caseId }]) => left.has(caseId)).length;
  const after = withFollowed(following, { found, place: next }, now);
  const position = after?.state === 'running' ? { customerId, followingId, page: after.page } : undefined;
  const told = (fact: Fact) => (fact.type === 'case.customerChanged' ? { ...fact, following: position } : undefined);
  await services.cases.commit(tellLast(filled.changes, told), {
    ...about,
    also: (transaction) => services.followings.advance(transaction, following, after),
  });
  return filled.changes.length > 0 ? undefined : position;
};

/** Which of the listed cases are open, and where each stands in the list. One that is opened just now is seen by the next round. */
const openOf = async (
  { table }: FollowServices,
  items: readonly StoredItem[],
): Promise<{ caseId: string; position: string }[]> => {
  const positions = new Map(items.map(({ PK, GSI1SK }) => [caseIdOf(String(PK)), String(GSI1SK)]));
  const stored = await table.many([...positions.keys()].map(caseKey));
  const active = new Set(stored.flatMap(({ status, caseId }) => (status === 'active' ? [String(caseId)] : [])));
  return [...positions].flatMap(([caseId, position]) => (active.has(caseId) ? [{ caseId, position }] : []));
};

/** What becomes of one case: nothing when its service level looks at other things, or its clocks are as they should be. */
const follow = async (
  services: FollowServices,
  head: SettingsHead,
  { customerId, fields }: Following,
  caseId: string,
  now: Instant,
): Promise<FollowedChange | undefined> => {
  const file = await services.cases.load(caseId);
  if (file?.case.status !== 'active') return undefined;
  const rules = await rulesOfCase(services, head, file);
  if (!rules.sla || !customerFieldsIn(rules.sla.document).some((field) => fields.includes(field))) return undefined;
  const clocks = followCase(file, rules, { now });
  if (clocks.facts.length === 0) return undefined;
  const changed: Fact = { type: 'case.customerChanged', occurredAt: now, customerId, fields };
  const change = { before: file, after: file, facts: [changed], fences: [{ type: 'isActive' } as const] };
  return withClocksLeft(withClocks(change, clocks));
};

/** The next contact of an account whose contacts are looked at too. */
const behind = async (
  { customers }: FollowServices,
  { customerId, withContacts, place }: Following,
): Promise<FollowingPlace | undefined> => {
  let after = place?.contactsAfter;
  if (!withContacts || (place?.contactId && !after)) return undefined;
  do {
    const { items, next } = await customers.contacts(customerId, { limit: 1, after });
    const [contact] = items;
    if (contact) return { contactId: contact.customerId, ...(next && { contactsAfter: next }) };
    after = next;
  } while (after);
  return undefined;
};
