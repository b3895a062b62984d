import { z } from 'zod';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { isVisible } from '../cases/access.ts';
import { type CaseFilter, type Filter, matches } from '../cases/case-filter.ts';
import { type CaseView, viewCase } from '../cases/case-view.ts';
import { isDueAt } from '../cases/cases-at-risk.ts';
import type { Lead } from '../cases/lead.ts';
import type { ListServices } from '../cases/list-cases.ts';
import { familyShards } from '../table/keys.ts';

/** Behind which place of the leading list the page ended, and inside which family if it was cut. */
const Position = z.object({
  after: z.string().optional(),
  within: z.object({ parentId: z.string(), after: z.string().optional() }).optional(),
});
type Position = z.infer<typeof Position>;

/** The list that is asked for: what leads it, and what filters within. */
interface Asked {
  list: string;
  lead: Lead;
  filter: Filter;
}

/**
 * A page of linked cases: each parent that the filters choose, followed by all of its children; then, in lists that
 * something leads, children that are chosen although their parents are not. Without a leading filter every family is
 * listed that has something active in it, or whose parent has the status that is asked for. A family that does not fit
 * goes on at the next page. A page looks at `limit` places of the leading list and at as many members at most.
 */
export const listFamilies = async (
  services: ListServices,
  { query: { cursor, limit }, caller }: Request<unknown, CaseFilter, unknown>,
  { list, lead, filter }: Asked,
): Promise<Outcome> => {
  const decoded = decodeCursor(list, cursor, Position);
  if (!decoded.accepted) return decoded;
  const { cases, settings } = services;
  const head = await settings.head();
  const statusModel = await settings.statusModel(head);
  const now = services.now();
  const load = (caseId: string) => cases.load(caseId, { eventually: true });
  const isSeen = (file: CaseFile): Promise<boolean> => isVisible(services, file, caller, head);
  const isChosen = async (file: CaseFile): Promise<boolean> =>
    (isLedByFamilies(filter) ? isLivelyFamily(file, filter, caller.userId) : matches(file, filter, caller.userId)) &&
    (await isSeen(file));

  const shown: CaseView[] = [];
  let left = limit;
  const show = (file: CaseFile): void => {
    shown.push(viewCase(file, { statusModel }));
    left -= 1;
  };
  /** Shows as many of a parent's children as there is room for, and tells behind which one it stopped. */
  const showChildren = async (parentId: string, after?: string): Promise<{ more: boolean; after?: string }> => {
    if (left === 0) return { more: true, after };
    const { items, next } = await cases.children(parentId, { limit: left, after });
    const files = await Promise.all(items.map(({ childId }) => load(childId)));
    const room = left - items.length;
    for (const file of files) if (file && (await isSeen(file))) show(file);
    // Those that the caller may not know of are looked at all the same.
    left = room;
    return { more: next !== undefined, after: next };
  };

  const page = async (): Promise<Position | undefined> => {
    const start = decoded.value ?? {};
    if (start.within) {
      const { parentId } = start.within;
      const { more, after } = await showChildren(parentId, start.within.after);
      if (more) return { ...start, within: { parentId, after } };
    }
    if (left === 0) return { after: start.after };
    const { items, next } = await lead.page({ limit: left, after: start.after });
    const files = await Promise.all(items.map(({ caseId }) => load(caseId)));
    let position = start.after;
    for (const [n, place] of items.entries()) {
      if (left === 0) return { after: position };
      position = place.position;
      const file = files[n];
      if (!file || !isDueAt(file, place.dueAt, now) || !(await isChosen(file))) continue;
      const { parentId, caseId } = file.case;
      if (parentId) {
        const parent = await load(parentId);
        if (!parent || !(await isChosen(parent))) show(file);
      } else if (file.family.childCount > 0) {
        show(file);
        const { more, after } = await showChildren(caseId);
        if (more) return { after: position, within: { parentId: caseId, after } };
      }
    }
    return next === undefined ? undefined : { after: next };
  };

  const next = await page();
  return {
    accepted: true,
    body: {
      items: shown,
      ...(next && { nextCursor: encodeCursor(list, next) }),
      linkedCases: shown.length > 0 || (await areLinkedCases(services)),
    },
  };
};

const isLedByFamilies = ({
  slaAtRisk,
  queueId,
  ownerId,
  customerId,
  parentId,
  externalId,
  mergedInto,
}: Filter): boolean =>
  [slaAtRisk, queueId, ownerId, customerId, parentId, externalId, mergedInto].every((filter) => filter === undefined);

/** A family is active while anything in it is: an active child of a closed parent must not get lost. */
const isLivelyFamily = (file: CaseFile, { status = 'active', ...filter }: Filter, userId: string): boolean =>
  (file.case.status === status || (status === 'active' && file.family.activeChildren > 0)) &&
  matches(file, { ...filter, status: file.case.status }, userId);

/** Cases that once had children stay in the list of families, so a few are looked at until one still has some. */
const areLinkedCases = async ({ table, cases }: ListServices): Promise<boolean> => {
  const pages = await Promise.all(
    familyShards().map((partition) => table.page({ index: 3, partition, descending: true, limit: 5 })),
  );
  for (const { GSI3SK } of pages.flatMap(({ items }) => items)) {
    const file = await cases.load(String(GSI3SK), { eventually: true });
    if (file && file.family.childCount > 0) return true;
  }
  return false;
};
