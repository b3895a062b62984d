import type { CaseFile } from '../../domain/cases/case-file.ts';
import { firstAtRisk, unwarnedUntil } from '../../domain/sla/at-risk.ts';
import type { Instant } from '../../domain/time.ts';
import type { Services } from '../services.ts';
import { caseIdAt, dueShards, instantAt } from '../table/keys.ts';
import { mergedPage } from '../table/merged.ts';
import type { Page, Range } from '../table/table.ts';

/** A case in a list, and the deadline that put it there where the list is one of deadlines. */
export interface Listed {
  caseId: string;
  dueAt?: Instant;
}

/**
 * A page of the cases with a clock at risk, the next to be missed first: one list out of the clocks that have warned and
 * of those without a warning that have little time left.
 */
export const casesAtRisk = async (
  { table, now }: Pick<Services, 'table' | 'now'>,
  paging: { limit: number; after?: string },
): Promise<Page<Listed & { position: string }>> => {
  const upTo = unwarnedUntil(now());
  const ranges: Range[] = [
    ...dueShards('warned').map((partition) => ({ index: 1, partition })),
    ...dueShards('unwarned').map((partition) => ({ index: 1, partition, upTo })),
  ];
  const { items, horizon } = await mergedPage(table, ranges, { ...paging, descending: false });
  const positions = [...new Set(items.map(({ position }) => position))];
  const taken = positions.slice(0, paging.limit);
  const next = positions.length > taken.length ? taken.at(-1) : horizon;
  const listed = taken.map((position) => ({ caseId: caseIdAt(position), dueAt: instantAt(position), position }));
  return { items: listed, ...(next && { next }) };
};

/** In a list of deadlines a case stands at the first one that is at risk, so that it is listed once. */
export const isDueAt = ({ kpis }: CaseFile, dueAt: Instant | undefined, now: Instant): boolean =>
  dueAt === undefined || firstAtRisk(kpis, now) === dueAt;
