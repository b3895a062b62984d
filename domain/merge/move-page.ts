import type { Activity } from '../activities/activity.ts';
import type { ArticleLink } from '../articles/article.ts';
import { type CaseChange, type CaseFile, type Fence, type Rules, revised } from '../cases/case-file.ts';
import type { Fact } from '../facts/fact.ts';
import type { ChildLink } from '../hierarchy/family.ts';
import { cancelClocks } from '../sla/clocks.ts';
import type { KpiInstance } from '../sla/kpi-instance.ts';
import type { Instant } from '../time.ts';
import { type Away, type MoveStep, mergesOf } from './merges.ts';
import { cameFrom, inNewHome, type Movable, resummarised, withArrived, withoutLeft } from './open-activities.ts';

/** A move that is under way, and the two cases between which it is. */
export interface Move {
  /** The case that was merged or unmerged: it keeps the record. */
  file: CaseFile;
  survivor: CaseFile;
  away: Away;
}

/** Where the things of a move come from and where they go. */
export const endsOf = ({ file, survivor, away }: Move): { from: CaseFile; to: CaseFile } =>
  away.state === 'returning' ? { from: survivor, to: file } : { from: file, to: survivor };

/** Whether a thing that stands in the giving case is part of the move: all that a merged case has, or what came from it. */
export const isToMove = ({ file, away }: Move, thing: { mergePath?: string[] }): boolean =>
  away.state === 'moving' || cameFrom(thing, file.case.caseId);

/** Where a page leaves the move: at a step behind a sort key, or at its end. */
export type Standing = { step: MoveStep; after?: string } | 'end';

/** The clocks of a merged case that its merge had no room to stop: they end with it, so many of them in this page. */
export const stopClocks = (
  move: Move,
  rules: Rules,
  atMost: number,
): { kpis: readonly KpiInstance[]; facts: readonly Fact[] } => {
  const { file, away } = move;
  const stop = (kpis: readonly KpiInstance[]) => cancelClocks({ kpis }, rules, away.mergedOn, file.case.statusReason);
  const running = file.kpis.filter((kpi) => stop([kpi]).kpis[0] !== kpi).slice(0, atMost);
  const stopped = stop(running);
  return { kpis: file.kpis.map((kpi) => stopped.kpis[running.indexOf(kpi)] ?? kpi), facts: stopped.facts };
};

/** A child that follows its parent: to the survivor, or back to the case that comes out of it. */
export const reparented = (child: CaseFile, link: ChildLink, move: Move, now: Instant): CaseChange => {
  const { case: subject } = child;
  const { from, to } = endsOf(move);
  const [reparentedFrom, parentId] = [from.case.caseId, to.case.caseId];
  const { cascade: _formerParents, mergePath = [], ...bare } = link;
  const path = cameFrom(link, parentId) ? mergePath.slice(0, -1) : [...mergePath, reparentedFrom];
  return {
    before: child,
    after: { ...child, case: { ...subject, parentId, ...revised(subject, now) } },
    facts: [
      {
        type: 'case.parentChanged',
        occurredAt: now,
        reparentedFrom,
        changes: [{ field: 'parentId', old: subject.parentId, new: parentId }],
      },
    ],
    fences: [
      {
        type: 'childMoves',
        from: link,
        to: { ...bare, parentId, ...(path.length > 0 && { mergePath: path }) },
        childIsActive: subject.status === 'active',
      },
    ],
  };
};

/** What one page does. */
export interface PageContent {
  clocks?: { kpis: readonly KpiInstance[]; facts: readonly Fact[] };
  children?: readonly CaseChange[];
  /** As they stand in the giving case. */
  activities?: readonly Activity[];
  articles?: readonly ArticleLink[];
}

/** A page as the changes of one transaction; what moves by itself is written beside it. */
export interface MovePage {
  changes: CaseChange[];
  /** In their new home. */
  activities: Activity[];
  articles: ArticleLink[];
}

/**
 * Puts a page together: what it moves, both cases' lists of open activities as they then are, and the record of how
 * far the move has come, with the fact that starts the next page or says that this was the last one.
 */
export const movePage = (move: Move, content: PageContent, standing: Standing, now: Instant): MovePage => {
  const { file, survivor, away } = move;
  const { clocks, children = [], activities = [], articles = [] } = content;
  const { from, to } = endsOf(move);
  const moved = <Thing extends Movable>(thing: Thing): Thing => inNewHome(thing, from.case.caseId, to.case.caseId);
  const arrived = activities.map(moved);
  const minutes = activities.reduce((sum, { durationMinutes = 0 }) => sum + durationMinutes, 0);
  // A merge has counted the minutes to the survivor when it began; on the way back they come with their activities.
  const shifted = away.state === 'returning' ? minutes : 0;
  const given = resummarised(from.activities, {
    open: withoutLeft(from.activities.open, activities),
    totalMinutes: from.activities.totalMinutes - shifted,
  });
  const taken = resummarised(to.activities, {
    open: withArrived(to.activities.open, arrived),
    totalMinutes: to.activities.totalMinutes + shifted,
  });
  const [own, others] = from === file ? [given, taken] : [taken, given];

  const next = advanced(away, standing, { children: children.length, activities: activities.length, minutes }, now);
  const isEnd = standing === 'end';
  const unused = isEnd ? next.reserved - next.movedChildren : 0;
  const released: Fence[] = unused > 0 ? [{ type: 'childrenReleased', count: unused }] : [];
  const ended: Fence[] = isEnd ? [{ type: 'movesUnderWay', by: -1 }] : [];
  const fencesOf = (one: CaseFile): Fence[] => [...ended, ...(one === to ? released : [])];
  return {
    activities: arrived,
    articles: articles.map(moved),
    changes: [
      ...children,
      {
        before: file,
        after: {
          ...file,
          activities: own,
          ...(clocks && { kpis: clocks.kpis }),
          merges: { ...mergesOf(file), away: next },
        },
        facts: [...(clocks?.facts ?? []), progress(move, next, isEnd, now)],
        fences: fencesOf(file),
      },
      { before: survivor, after: { ...survivor, activities: others }, facts: [], fences: fencesOf(survivor) },
    ],
  };
};

const ENDED = { moving: 'done', returning: 'returned', done: 'done', returned: 'returned' } as const;

const advanced = (
  away: Away,
  standing: Standing,
  moved: { children: number; activities: number; minutes: number },
  now: Instant,
): Away => {
  const { after: _before, ...rest } = away;
  return {
    ...rest,
    ...(standing !== 'end' && standing),
    ...(standing === 'end' && { state: ENDED[away.state] }),
    position: away.position + 1,
    movedChildren: away.movedChildren + moved.children,
    movedActivities: away.movedActivities + moved.activities,
    movedMinutes: away.movedMinutes + moved.minutes,
    progressAt: now,
  };
};

const progress = (
  move: Move,
  { moveId, position, movedChildren, movedActivities }: Away,
  isEnd: boolean,
  now: Instant,
): Fact => {
  if (!isEnd) return { type: 'case.moveAdvanced', occurredAt: now, moveId, position };
  const { from, to } = endsOf(move);
  return {
    type: 'case.moveCompleted',
    occurredAt: now,
    moveId,
    from: from.case.caseId,
    to: to.case.caseId,
    children: movedChildren,
    activities: movedActivities,
  };
};
