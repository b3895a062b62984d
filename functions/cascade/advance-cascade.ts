import { type ChildOutcome, closeChild } from '../../domain/cascade/close-child.ts';
import type { CaseFile, Rules } from '../../domain/cases/case-file.ts';
import { afterDrawsOf } from '../../domain/entitlements/draw.ts';
import type { Fact } from '../../domain/facts/fact.ts';
import type { Cascade, ChildLink } from '../../domain/hierarchy/family.ts';
import { type FollowedChange, withClocksLeft } from '../../domain/sla/followed-change.ts';
import type { Instant } from '../../domain/time.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import { untilPageHolds } from '../pages/until-page-holds.ts';
import { isPassing, NotYetVisible } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import type { CommitOptions } from '../table/case-store.ts';
import { caseKey, childLinkKey, childPosition, familyKey } from '../table/keys.ts';
import type { Transaction } from '../table/transaction.ts';

type CascadeServices = Pick<Services, 'customers' | 'cases' | 'settings' | 'now' | 'backOff'>;

/** Where a cascade stood when it was told to go on; without a cursor, at the beginning of a round. */
export interface CascadePosition {
  parentId: string;
  cascadeId: string;
  round: number;
  cursor?: string;
}

/**
 * A page holds this many writes at most: a transaction takes 100, and a closed child costs eight to ten. A child alone
 * may need more (it may have 50 open activities) and then is a page of its own.
 */
const PAGE_WRITES = 90;

/** Children looked at a page: more than fit in one. Of a later round most links tell that nothing is to be done. */
const pageChildren = (round: number): number => (round === 1 ? 50 : 500);

/**
 * Closes the next page of a parent's children in one transaction, with the fact that sets the page after it going. The
 * page is committed only where the cascade still stands at `position`, so a fact that comes twice changes nothing and a
 * crash anywhere loses nothing.
 */
export const advanceCascade = (services: CascadeServices, position: CascadePosition): Promise<void> =>
  untilPageHolds(services, [familyKey(position.parentId)], async (left) => {
    const parent = await services.cases.load(position.parentId);
    const cascade = parent && standsAt(parent, position);
    if (!parent || !cascade) return;
    const page = await planPage(services, parent, cascade, left);
    await services.cases.commit([...page.children, page.parent], page.options);
  });

/** The cascade, if it is running and stands where `position` says; behind that, the event came before its transaction. */
const standsAt = (
  { family: { cascade } }: CaseFile,
  { cascadeId, round, cursor = '' }: CascadePosition,
): Cascade | undefined => {
  if (!cascade) throw new NotYetVisible(`cascade ${cascadeId}`);
  if (cascade.id !== cascadeId || cascade.round > round) return undefined;
  if (cascade.round < round) throw new NotYetVisible(`cascade ${cascadeId} in round ${round}`);
  if (cascade.state !== 'running') return undefined;
  const present = cascade.cursor ?? '';
  if (present < cursor) throw new NotYetVisible(`cascade ${cascadeId} at ${cursor}`);
  return present === cursor ? cascade : undefined;
};

interface CascadePage {
  children: FollowedChange[];
  parent: FollowedChange;
  options: CommitOptions;
}

type Outcome = NonNullable<ChildLink['cascade']>;

const planPage = async (
  services: CascadeServices,
  parent: CaseFile,
  cascade: Cascade,
  left: ReadonlySet<string>,
): Promise<CascadePage> => {
  const { cases, settings, now } = services;
  const at = now();
  const head = await settings.head();
  const links = await cases.children(parent.case.caseId, {
    limit: pageChildren(cascade.round),
    after: cascade.cursor,
  });
  const children: FollowedChange[] = [];
  const outcomes = new Map<string, Outcome>();
  const count = { closed: 0, skipped: 0, failed: 0 };
  let last: string | undefined;

  const page = (isEnd: boolean): CascadePage => pageOf(parent, cascade, { children, outcomes, count, last, isEnd, at });
  for (const { childId, cascade: earlier } of links.items) {
    // A later round is about those that failed: what became of the others stays as it was.
    if (cascade.round > 1 && !(earlier?.id === cascade.id && earlier.outcome === 'failed')) {
      last = childPosition(childId);
      continue;
    }
    const result = left.has(childId)
      ? failed('it kept changing while it was being closed')
      : await decide(parent, cascade, at, async () => {
          const child = await cases.load(childId);
          return child && { child: afterDrawsOf(children, child), rules: await rulesOfCase(services, head, child) };
        });
    if (result.outcome === 'closed') children.push(withClocksLeft(result.change));
    const { outcome, reason } = { reason: undefined, ...result };
    outcomes.set(childId, { id: cascade.id, outcome, ...(reason && { reason }) });
    const { options, parent: ofParent } = page(true);
    if (outcomes.size > 1 && cases.sizeOf([...children, ofParent], options) > PAGE_WRITES) {
      if (result.outcome === 'closed') children.pop();
      outcomes.delete(childId);
      return page(false);
    }
    if (result.outcome !== 'skipped' || result.isCounted) count[result.outcome] += 1;
    last = childPosition(childId);
  }
  return page(!links.next);
};

const failed = (reason: string): ChildOutcome => ({ outcome: 'failed', reason });

/** One child that cannot be read or decided must not keep the others open. */
const decide = async (
  parent: CaseFile,
  cascade: Cascade,
  now: Instant,
  load: () => Promise<{ child: CaseFile; rules: Rules } | undefined>,
): Promise<ChildOutcome> => {
  try {
    const loaded = await load();
    return loaded ? closeChild(loaded.child, parent.case, cascade, loaded.rules, now) : failed('there is no such case');
  } catch (error) {
    if (isPassing(error)) throw error;
    return failed(error instanceof Error ? error.name : 'unknown fault');
  }
};

const pageOf = (
  parent: CaseFile,
  cascade: Cascade,
  {
    children,
    outcomes,
    count,
    last,
    isEnd,
    at,
  }: {
    children: FollowedChange[];
    outcomes: ReadonlyMap<string, Outcome>;
    count: { closed: number; skipped: number; failed: number };
    last: string | undefined;
    isEnd: boolean;
    at: Instant;
  },
): CascadePage => {
  const { caseId } = parent.case;
  const totals = {
    closed: cascade.closed + count.closed,
    skipped: cascade.skipped + count.skipped,
    failed: cascade.failed + count.failed,
  };
  const state = !isEnd ? 'running' : totals.failed > 0 ? 'partial' : 'completed';
  const cursor = last ?? cascade.cursor;
  const after: Cascade = { ...cascade, ...totals, state, progressAt: at, ...(cursor && { cursor }) };
  const about = { occurredAt: at, cascadeId: cascade.id };
  const fact: Fact =
    state === 'running'
      ? { type: 'case.cascadeAdvanced', ...about, round: cascade.round, closed: totals.closed, cursor: cursor ?? '' }
      : { type: 'case.cascadeCompleted', ...about, state, total: cascade.total, ...totals };
  return {
    children,
    parent: withClocksLeft({
      before: parent,
      after: { ...parent, family: { ...parent.family, cascade: after } },
      facts: [fact],
    }),
    options: {
      now: at,
      actor: cascade.by,
      cause: `cascade:${cascade.id}`,
      correlationId: cascade.id,
      also: (transaction: Transaction) => {
        // A reactivation stops the cascade by the parent's own transaction; this one must not go on beside it.
        transaction.check(caseKey(caseId), { attribute: 'status', is: 'equal', value: cascade.closes });
        for (const [childId, outcome] of outcomes) {
          // A child that left in this very moment has no link any more: half a one would break every list of children.
          transaction.update(childLinkKey(caseId, childId), {
            set: { cascade: outcome },
            conditions: [{ attribute: 'childId', is: 'present' }],
          });
        }
      },
    },
  };
};
