import { Activity } from '../../domain/activities/activity.ts';
import type { ArticleLink } from '../../domain/articles/article.ts';
import type { CaseChange } from '../../domain/cases/case-file.ts';
import type { CaseEvent } from '../../domain/facts/fact.ts';
import { isUnderWay, MoveStep } from '../../domain/merge/merges.ts';
import {
  endsOf,
  isToMove,
  type Move,
  movePage,
  type PageContent,
  reparented,
  type Standing,
  stopClocks,
} from '../../domain/merge/move-page.ts';
import type { Instant } from '../../domain/time.ts';
import { clocksFollowing } from '../cases/follow-clocks.ts';
import { NotYetVisible, TooBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { articlePosition, childPosition } from '../table/keys.ts';
import { LostRace, type StoredItem } from '../table/table.ts';
import { MAX_TRANSACTION_WRITES, type Transaction } from '../table/transaction.ts';
import { collect } from './collect.ts';
import { moveActivity } from './move-activity.ts';

type MoveServices = Pick<Services, 'cases' | 'settings' | 'customers' | 'articles' | 'now' | 'backOff'>;

/** Where a move stood when it was told to go on. */
export interface MovePosition extends Pick<CaseEvent, 'caseId'> {
  moveId: string;
  position: number;
}

/**
 * Things a page holds, by what each costs: a clock up to four writes, a child four, the link of an article or an
 * activity two; at most seven more for both cases and the record. A transaction takes 100.
 */
const PAGE = { clocks: 22, children: 22, articles: 45, activities: 45 };

/** A transaction takes 4 MB, counted on both sides of a move. */
const PAGE_BYTES = 1_500_000;

/** A page that loses a race, or holds too much, is planned anew, half as large, so that in the end it is about one thing. */
const ATTEMPTS = 8;

/**
 * Moves the next page of what belongs to a merged case to the survivor, or of what came from an unmerged case back to
 * it, in one transaction with the fact that sets the page after it going. The page is committed only where the move
 * still stands at `position`: a fact that comes twice changes nothing, and a crash anywhere loses nothing.
 */
export const advanceMove = async (services: MoveServices, position: MovePosition): Promise<void> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const move = await moveAt(services, position);
    if (!move) return;
    const now = services.now();
    const { content, standing, items } = await plan(services, move, now, (most) => Math.ceil(most / 2 ** attempt));
    const { changes: decided, activities, articles } = movePage(move, content, standing, now);
    const head = await services.settings.head();
    const changes = await Promise.all(decided.map((change) => clocksFollowing(services, head, change, now)));
    const options = {
      now,
      actor: move.away.by,
      cause: `merge:${move.away.moveId}`,
      correlationId: move.away.moveId,
      also: (transaction: Transaction) => {
        for (const [n, activity] of activities.entries()) moveActivity(transaction, items[n] ?? {}, activity);
        for (const [n, link] of articles.entries()) {
          const before = content.articles?.[n];
          if (before) services.articles.moveLink(transaction, before, link);
        }
      },
    };
    // Where the clocks of many children follow them to another parent.
    if (services.cases.sizeOf(changes, options) > MAX_TRANSACTION_WRITES) continue;
    try {
      return await services.cases.commit(changes, options);
    } catch (error) {
      if (!(error instanceof LostRace)) throw error;
      await services.backOff(50);
    }
  }
  throw new TooBusy(`the move ${position.moveId} of ${position.caseId}`);
};

/** The move, if it stands where `position` says. */
const moveAt = async (
  { cases }: Pick<Services, 'cases'>,
  { caseId, moveId, position }: MovePosition,
): Promise<Move | undefined> => {
  const file = await cases.load(caseId);
  const away = file?.merges?.away;
  if (!file || !away || away.moveId < moveId || (away.moveId === moveId && away.position < position)) {
    throw new NotYetVisible(`the move ${moveId} of ${caseId} at ${position}`);
  }
  if (away.moveId !== moveId || away.position !== position || !isUnderWay(away)) return undefined;
  const survivor = await cases.load(away.survivorId);
  if (!survivor) throw new NotYetVisible(`the case ${away.survivorId}`);
  return { file, survivor, away };
};

interface Plan {
  content: PageContent;
  standing: Standing;
  /** The stored activities of the page. */
  items: StoredItem[];
}

/** The next things to move; a step that finds nothing gives way to the one behind it. */
const plan = async (
  services: MoveServices,
  move: Move,
  now: Instant,
  share: (most: number) => number,
): Promise<Plan> => {
  const { step } = move.away;
  const plans = {
    clocks: () => planClocks(services, move, share(PAGE.clocks)),
    children: () => planChildren(services, move, now, share(PAGE.children)),
    articles: () => planArticles(services, move, share(PAGE.articles)),
    activities: () => planActivities(services, move, share(PAGE.activities)),
  };
  const steps = MoveStep.options;
  for (const next of steps.slice(steps.indexOf(step))) {
    const found = await plans[next]();
    if (found) return found;
  }
  return plans.activities();
};

/** Where a step goes on, if the move stands in it. */
const behind = ({ away }: Move, step: MoveStep): string | undefined => (away.step === step ? away.after : undefined);

const planClocks = async ({ settings }: MoveServices, move: Move, most: number): Promise<Plan | undefined> => {
  const { file } = move;
  const rules = await settings.rulesFor(await settings.head(), file);
  const clocks = stopClocks(move, rules, most);
  const isAny = clocks.kpis.some((kpi, n) => kpi !== file.kpis[n]);
  return isAny ? { content: { clocks }, standing: { step: 'clocks' }, items: [] } : undefined;
};

const planChildren = async (
  { cases }: MoveServices,
  move: Move,
  now: Instant,
  most: number,
): Promise<Plan | undefined> => {
  if (move.away.reserved === 0) return undefined;
  const { from } = endsOf(move);
  const found = await collect({
    after: behind(move, 'children'),
    most,
    read: (paging) => cases.children(from.case.caseId, paging),
    keyOf: ({ childId }) => childPosition(childId),
    isWanted: (link) => isToMove(move, link),
  });
  if (found.items.length === 0 && found.isEnd) return undefined;
  const children: CaseChange[] = [];
  for (const link of found.items) {
    const child = await cases.load(link.childId);
    if (child) children.push(reparented(child, link, move, now));
  }
  const standing: Standing = found.isEnd ? { step: 'articles' } : { step: 'children', after: found.after };
  return { content: { children }, standing, items: [] };
};

/** An article that is linked to the receiving case as well stays where it is: one link tells as much as two. */
const planArticles = async ({ articles }: MoveServices, move: Move, most: number): Promise<Plan | undefined> => {
  const { from, to } = endsOf(move);
  const found = await collect({
    after: behind(move, 'articles'),
    most,
    read: (paging) => articles.linksOf(from.case.caseId, paging),
    keyOf: ({ articleId }) => articlePosition(articleId),
    isWanted: (link) => isToMove(move, link),
  });
  const links: ArticleLink[] = [];
  for (const link of found.items) if (!(await articles.link(to.case.caseId, link.articleId))) links.push(link);
  if (links.length === 0 && found.isEnd) return undefined;
  const standing: Standing = found.isEnd ? { step: 'activities' } : { step: 'articles', after: found.after };
  return { content: { articles: links }, standing, items: [] };
};

const planActivities = async ({ cases }: MoveServices, move: Move, most: number): Promise<Plan> => {
  const { from } = endsOf(move);
  let bytes = 0;
  const found = await collect({
    after: behind(move, 'activities'),
    most,
    read: (paging) => cases.timeline(from.case.caseId, paging),
    keyOf: (item) => String(item.SK),
    isWanted: (item) => item.entity === 'activity' && isToMove(move, Activity.parse(item)),
    isFull: (item) => {
      bytes += Buffer.byteLength(JSON.stringify(item));
      return bytes > PAGE_BYTES;
    },
  });
  return {
    content: { activities: found.items.map((item) => Activity.parse(item)) },
    standing: found.isEnd ? 'end' : { step: 'activities', after: found.after },
    items: found.items,
  };
};
