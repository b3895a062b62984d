import type { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import { type HandOver, type HandOverPosition, withNewRound, withPage } from '../../domain/people/hand-over.ts';
import { returnCase } from '../../domain/people/return-case.ts';
import type { User } from '../../domain/people/user.ts';
import { DEFAULT_QUEUE_ID } from '../../domain/queues/queue.ts';
import { type FollowedChange, withClocksFollowing } from '../../domain/sla/followed-change.ts';
import type { Instant } from '../../domain/time.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import { NotYetVisible } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { caseIdOf, ownerCases, userKey } from '../table/keys.ts';
import { LostRace, type StoredItem } from '../table/table.ts';
import { Transaction } from '../table/transaction.ts';

type HandOverServices = Pick<Services, 'table' | 'cases' | 'settings' | 'customers' | 'users' | 'now' | 'backOff'>;

/** Each case is three writes (itself, its placement, its fact) of the 100 that a transaction takes, and more with clocks. */
const PAGE_CASES = 25;
const PAGE_WRITES = 90;

/** A case that keeps changing under the hand-over is left to the next round after this many pages that it made fail. */
const CASE_ATTEMPTS = 3;

/**
 * Gives the next page of a former user's open cases back to their queues, in one transaction with how far the hand-over
 * is; the fact of the page's last case sets the next page going. A page is committed only where the hand-over still
 * stands at `position`, so a fact that comes twice changes nothing and a crash anywhere loses nothing.
 */
export const advanceHandOver = async (services: HandOverServices, position: HandOverPosition): Promise<void> => {
  const failures = new Map<string, number>();
  let at = position;
  for (;;) {
    const user = await services.users.find(at.userId);
    const handOver = user && standsAt(user, at);
    if (!user || !handOver) return;
    const now = services.now();
    const list = { index: 2, partition: ownerCases(at.userId, 'active') };
    const keys = await services.table.page({ ...list, limit: PAGE_CASES, after: handOver.cursor });
    const { changes, failed, cursor } = await planPage(services, user, keys, failures, now);
    const after: User = {
      ...user,
      handOver: withPage(handOver, { returned: changes.length, failed, cursor }, now),
    };
    const next = { ...at, page: at.page + 1 };
    try {
      await services.cases.commit(withPosition(changes, after.handOver?.state === 'running' ? next : undefined), {
        now,
        actor: handOver.by,
        cause: `handOver:${handOver.id}`,
        correlationId: handOver.id,
        also: (transaction) => services.users.advance(transaction, user, after),
      });
      // Without a case there is no fact that would set the next page going.
      if (changes.length > 0) return;
      at = next;
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      if (!error.on(userKey(at.userId))) {
        for (const caseId of new Set(error.keys.map(({ PK }) => caseIdOf(PK)))) {
          failures.set(caseId, (failures.get(caseId) ?? 0) + 1);
        }
      }
      await services.backOff(50);
    }
  }
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

/** The hand-over, if it is running and stands where `position` says; behind that, the event came before its transaction. */
const standsAt = ({ handOver }: User, { handOverId, page }: HandOverPosition): HandOver | undefined => {
  if (handOver?.id !== handOverId || handOver.state !== 'running') return undefined;
  if (handOver.page < page) throw new NotYetVisible(`hand-over ${handOverId} at ${page}`);
  return handOver.page === page ? handOver : undefined;
};

/** What a page holds: as many cases as fit one transaction, and where the next page begins. */
interface Page {
  changes: FollowedChange[];
  failed: number;
  cursor?: string;
}

const planPage = async (
  services: HandOverServices,
  user: User,
  { items, next }: { items: readonly StoredItem[]; next?: string },
  failures: ReadonlyMap<string, number>,
  now: Instant,
): Promise<Page> => {
  const { cases, settings } = services;
  const head = await settings.head();
  const isLeft = ({ PK }: StoredItem) => (failures.get(caseIdOf(String(PK))) ?? 0) >= CASE_ATTEMPTS;
  const files = await Promise.all(
    items.map((item) => (isLeft(item) ? undefined : cases.load(caseIdOf(String(item.PK))))),
  );
  const changes: FollowedChange[] = [];
  for (const [n, file] of files.entries()) {
    const last = file?.placement?.queueId;
    const queue =
      (last && (await settings.queues.find(last, head))) ||
      (user.defaultQueueId && (await settings.queues.find(user.defaultQueueId, head)));
    const change = file && returnCase(file, user.userId, queue ? queue.id : DEFAULT_QUEUE_ID, now);
    if (!change) continue;
    changes.push(withClocksFollowing(change, await rulesOfCase(services, head, file), now));
    if (changes.length > 1 && cases.sizeOf(changes, BY_NOBODY(now)) > PAGE_WRITES) {
      changes.pop();
      const done = items.slice(0, n);
      return { changes, failed: done.filter(isLeft).length, cursor: String(done.at(-1)?.GSI2SK) };
    }
  }
  return { changes, failed: items.filter(isLeft).length, cursor: next };
};

/** Whoever commits a page, it has the same size. */
const BY_NOBODY = (now: Instant) => ({ now, actor: '', cause: '', correlationId: '' });

const withPosition = (changes: readonly FollowedChange[], handOver: HandOverPosition | undefined): FollowedChange[] =>
  changes.map((change, n) =>
    handOver && n === changes.length - 1
      ? {
          ...change,
          facts: change.facts.map((fact) => (fact.type === 'case.released' ? { ...fact, handOver } : fact)),
        }
      : change,
  );
