import { z } from 'zod';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { pageOf } from '../api/route.ts';
import { listFamilies } from '../hierarchy/list-families.ts';
import type { Services } from '../services.ts';
import { isVisible } from './access.ts';
import { type CaseFilter, matches } from './case-filter.ts';
import { CaseView, viewCase } from './case-view.ts';
import { isDueAt } from './cases-at-risk.ts';
import { leadOf } from './lead.ts';

export type ListServices = Pick<Services, 'table' | 'cases' | 'settings' | 'customers' | 'now'>;

/** A page of cases; with `hierarchy` it tells whether there are linked cases at all, so that a page can hide the filter. */
export const CasePage = pageOf(CaseView).extend({ linkedCases: z.boolean().optional() });

/**
 * A page of cases. The index is read for `limit` keys and each case once, so that a page costs the same however many
 * cases there are; what the other filters drop makes it shorter.
 */
export const listCases = async (
  services: ListServices,
  request: Request<unknown, CaseFilter, unknown>,
): Promise<Outcome> => {
  const { cursor, limit, sort, hierarchy, ...filter } = request.query;
  const { userId } = request.caller;
  const lead = await leadOf(services, filter, userId, { sort, hierarchy });
  if (!lead.accepted) return lead;
  const list = `cases ${JSON.stringify({ ...filter, sort, hierarchy })}`;
  if (hierarchy) return listFamilies(services, request, { list, lead: lead.value, filter });
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  const { items, next } = await lead.value.page({ limit, after: position.value });

  const head = await services.settings.head();
  const statusModel = await services.settings.statusModel(head);
  const now = services.now();
  const files = await Promise.all(items.map(({ caseId }) => services.cases.load(caseId, { eventually: true })));
  const shown: unknown[] = [];
  for (const [n, file] of files.entries()) {
    if (!file || !matches(file, filter, userId) || !isDueAt(file, items[n]?.dueAt, now)) continue;
    if (!(await isVisible(services, file, request.caller, head))) continue;
    shown.push(viewCase(file, { statusModel }));
  }
  return { accepted: true, body: { items: shown, ...(next && { nextCursor: encodeCursor(list, next) }) } };
};
