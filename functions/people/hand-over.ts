import type { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import { type HandOver, type HandOverPosition, withNewRound, withPage } from '../../domain/people/hand-over.ts';
import { returnCase } from '../../domain/people/return-case.ts';
import type { User } from '../../domain/people/user.ts';
import { DEFAULT_QUEUE_ID } from '../../domain/queues/queue.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { type FollowedChange, withClocksFollowing } from '../../domain/sla/followed-change.ts';
import type { Instant } from '../../domain/time.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import { fillPage } from '../pages/fill-page.ts';
import { standsAt } from '../pages/stands-at.ts';
import { tellLast } from '../pages/tell-last.ts';
import { untilPageHolds } from '../pages/until-page-holds.ts';
import type { Services } from '../services.ts';
import { caseIdOf, ownerCases, userKey } from '../table/keys.ts';
import { Transaction } from '../table/transaction.ts';

type HandOverServices = Pick<Services, 'table' | 'cases' | 'settings' | 'customers' | 'users' | 'now' | 'backOff'>;

/** Cases looked at a page; each is three writes (itself, its placement, its fact), and more with clocks. */
const PAGE_CASES = 25;

/**
 * Gives the next page of a former user's open cases back to their queues, in one transaction with how far the hand-over
 * is; the fact of the page's last case sets the next page going. A page is committed only where the hand-over still
 * stands at `position`, so a fact that comes twice changes nothing and a crash anywhere loses nothing.
 */
export const advanceHandOver = async (services: HandOverServices, position: HandOverPosition): Promise<void> => {
  const { userId, handOverId } = position;
  for (let at: HandOverPosition | undefined = position; at; ) {
    const { page }: HandOverPosition = at;
    at = await untilPageHolds(services, [userKey(userId)], async (left) => {
      const user = await services.users.find(userId);
      if (user?.handOver?.id !== handOverId) return undefined;
      return standsAt(user.handOver, page, `hand-over ${handOverId}`)
        ? returnPage(services, user, user.handOver, left)
        : undefined;
    });
  }
};

/** Does a page; answers where to go on when no fact says it. */
const returnPage = async (
  services: HandOverServices,
  user: User,
  handOver: HandOver,
  left: ReadonlySet<string>,
): Promise<HandOverPosition | undefined> => {
  const { userId } = user;
  const now = services.now();
  const list = { index: 2, partition: ownerCases(userId, 'active') };
  const { items, next } = await services.table.page({ ...list, limit: PAGE_CASES, after: handOver.cursor });
  const about = { now, actor: handOver.by, cause: `handOver:${handOver.id}`, correlationId: handOver.id };
  const head = await services.settings.head();
  const { changes, taken, isFull } = await fillPage(
    items,
    async ({ PK }) => {
      const caseId = caseIdOf(String(PK));
      const change = left.has(caseId) ? undefined : await returned(services, head, user, caseId, now);
      return change && { change };
    },
    (larger) => services.cases.sizeOf(larger.changes, about),
  );
  const failed = taken.filter(([{ PK }]) => left.has(caseIdOf(String(PK)))).length;
  const cursor = isFull ? String(taken.at(-1)?.[0].GSI2SK) : next;
  const after = withPage(handOver, { returned: changes.length, failed, cursor }, now);
  const position = after.state === 'running' ? { userId, handOverId: after.id, page: after.page } : undefined;
  const told = (fact: Fact) => (fact.type === 'case.released' ? { ...fact, handOver: position } : undefined);
  await services.cases.commit(tellLast(changes, told), {
    ...about,
    also: (transaction) => services.users.advance(transaction, user, { ...user, handOver: after }),
  });
  return changes.length > 0 ? undefined : position;
};

/** A case as it goes back to its queue, or to the former user's own, or to the default queue. */
const returned = async (
  services: HandOverServices,
  head: SettingsHead,
  { userId, defaultQueueId }: User,
  caseId: string,
  now: Instant,
): Promise<FollowedChange | undefined> => {
  const { cases, settings } = services;
  const file = await cases.load(caseId);
  const last = file?.placement?.queueId;
  const queue =
    (last && (await settings.queues.find(last, head))) ||
    (defaultQueueId && (await settings.queues.find(defaultQueueId, head)));
  const change = file && returnCase(file, userId, queue ? queue.id : DEFAULT_QUEUE_ID, now);
  return change && withClocksFollowing(change, await rulesOfCase(services, head, file), now);
};

/** The fact of a page's last case says where the hand-over goes on; those of other releases say nothing. */
export const continueHandOver = async (
  services: HandOverServices,
  _event: CaseEvent,
  { handOver }: Extract<Fact, { type: 'case.released' }>,
): Promise<void> => {
  if (handOver) await advanceHandOver(services, handOver);
};

/** Begins another round of a hand-over whose last round is over: by now the list hides nothing. */
export const repeatHandOver = async (services: HandOverServices, userId: string): Promise<void> => {
  const user = await services.users.find(userId);
  if (user?.handOver?.state !== 'completed' || !user.handOver.lookAt) return;
  const handOver = withNewRound(user.handOver, services.now());
  const transaction = new Transaction();
  services.users.advance(transaction, user, { ...user, handOver });
  await services.table.transact(transaction);
  await advanceHandOver(services, { userId, handOverId: handOver.id, page: handOver.page });
};
