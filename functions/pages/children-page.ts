import type { CaseChange } from '../../domain/cases/case-file.ts';
import type { ChildLink } from '../../domain/hierarchy/family.ts';
import type { Outcome, Tally } from '../../domain/pages/tally.ts';
import type { FollowedChange } from '../../domain/sla/followed-change.ts';
import { isPassing } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { childLinkKey, childPosition } from '../table/keys.ts';
import type { Transaction } from '../table/transaction.ts';
import { fillPage } from './fill-page.ts';

/** What a page comes to with the children that it is about. */
export interface ChildrenPage {
  changes: FollowedChange[];
  outcomes: ReadonlyMap<string, Outcome<FollowedChange>>;
  tally: Tally;
  /** The last child that was looked at. */
  last?: string;
  isEnd: boolean;
}

/** The work with children of one case, page by page. */
export interface WithChildren {
  parentId: string;
  /** Behind which child the page begins, and how many it looks at. */
  after?: string;
  limit: number;
  /** Children that kept changing under the page. */
  left: ReadonlySet<string>;
  isAbout: (link: ChildLink) => boolean;
  /** What to do with a child, on top of what the page does already. */
  decide: (childId: string, before: readonly CaseChange[]) => Promise<Outcome<FollowedChange>>;
  sizeOf: (page: ChildrenPage) => number;
}

/** Plans a page. One child that cannot be read or decided must not keep the others waiting: it is left out and told. */
export const childrenPage = async ({ cases }: Pick<Services, 'cases'>, work: WithChildren): Promise<ChildrenPage> => {
  const { parentId, after, limit, left, isAbout, decide, sizeOf } = work;
  const links = await cases.children(parentId, { limit, after });
  const filled = await fillPage<ChildLink, Outcome<FollowedChange> & { change?: FollowedChange }>(
    links.items,
    async (link, before) => {
      if (!isAbout(link)) return undefined;
      if (left.has(link.childId)) return failed('it kept changing all the while');
      try {
        return await decide(link.childId, before);
      } catch (error) {
        if (isPassing(error)) throw error;
        return failed(error instanceof Error ? error.name : 'unknown fault');
      }
    },
    ({ taken, changes }) => sizeOf({ ...toldOf(taken), changes, isEnd: true }),
  );
  return { ...toldOf(filled.taken), changes: filled.changes, isEnd: !filled.isFull && !links.next };
};

const failed = (reason: string) => ({ outcome: 'failed' as const, reason });

type Taken = readonly [ChildLink, Outcome<FollowedChange> | undefined][];

const toldOf = (taken: Taken): Pick<ChildrenPage, 'outcomes' | 'tally' | 'last'> => {
  const outcomes = new Map(taken.flatMap(([{ childId }, outcome]) => (outcome ? [[childId, outcome]] : [])));
  const tally = { done: 0, skipped: 0, failed: 0 };
  for (const one of outcomes.values()) if (one.outcome !== 'skipped' || one.isCounted) tally[one.outcome] += 1;
  const [last] = taken.at(-1) ?? [];
  return { outcomes, tally, ...(last && { last: childPosition(last.childId) }) };
};

/**
 * Adds to a transaction what became of each child, on its link. A child that left in this very moment has no link any
 * more: half a one would break every list of children.
 */
export const writeOutcomes = (
  transaction: Transaction,
  parentId: string,
  { outcomes }: ChildrenPage,
  told: (outcome: { outcome: Outcome<unknown>['outcome']; reason?: string }) => Partial<ChildLink>,
): void => {
  for (const [childId, { outcome, ...rest }] of outcomes) {
    transaction.update(childLinkKey(parentId, childId), {
      set: told({ outcome, ...('reason' in rest && { reason: rest.reason }) }),
      conditions: [{ attribute: 'childId', is: 'present' }],
    });
  }
};
