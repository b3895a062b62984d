import { isDeepStrictEqual } from 'node:util';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import { CaseEvent } from '../../domain/facts/fact.ts';
import { countsOf } from '../../domain/reports/counts.ts';
import { tell, untold } from '../../domain/reports/story.ts';
import {
  type Counted,
  type CountedSoFar,
  countedOf,
  historyOf,
  type Recount,
  type ReportsHead,
  recount,
} from '../table/report-store.ts';
import type { Table } from '../table/table.ts';

/**
 * What has to be added so that a case counts as it now is, given facts that may be new; nothing, if it does already.
 * Where a generation has nothing of the case yet, its story is told from the beginning, by its whole history. `soFar`
 * was read before the case: whoever counts a newer state of it meanwhile makes the addition lose its race.
 */
export const planCount = async (
  table: Table,
  soFar: CountedSoFar,
  file: CaseFile,
  events: readonly CaseEvent[],
): Promise<Recount | undefined> => {
  const { caseId } = file.case;
  const before = soFar.of(caseId);
  const generations = generationsOf(soFar.head, before);
  const isComplete = before && generations.every((generation) => before.counted[generation]);
  const told = isComplete ? before.story : untold;
  const news = isComplete ? events : await historyOf(table, caseId, (item) => CaseEvent.parse(item));
  const story = news.reduce(tell, told);
  const plan = recount(before, { caseId, story }, countsOf(story, file), { count: generations, keep: [] });
  const isSame = isComplete && plan.additions.length === 0 && isDeepStrictEqual(before.story, story);
  return isSame ? undefined : plan;
};

/** The same from the facts alone and for one generation: what was counted of the case before does not matter. */
export const planCountAnew = async (
  table: Table,
  head: ReportsHead,
  file: CaseFile,
  generation: number,
): Promise<Recount> => {
  const { caseId } = file.case;
  const [before, history] = await Promise.all([
    countedOf(table, caseId),
    historyOf(table, caseId, (item) => CaseEvent.parse(item)),
  ]);
  const story = history.reduce(tell, untold);
  const keep = generationsOf(head, before);
  return recount(before, { caseId, story }, countsOf(story, file), { count: [generation], keep });
};

/**
 * The generations that a case is counted in: those that are read or being built, and any that is newer than `head`,
 * which was read a moment before the case.
 */
const generationsOf = ({ active, building, last }: ReportsHead, before: Counted | undefined): number[] => {
  const newer = Object.keys(before?.counted ?? {})
    .map(Number)
    .filter((generation) => generation > last);
  return [...new Set([active, ...(building === undefined ? [] : [building]), ...newer])];
};
