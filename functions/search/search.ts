import { z } from 'zod';
import type { Caller, CaseFile } from '../../domain/cases/case-file.ts';
import type { Customer } from '../../domain/customers/customer.ts';
import { exactTerms } from '../../domain/search/case-terms.ts';
import { type CaseQuery, caseQuery, isAddress } from '../../domain/search/query.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { isVisible } from '../cases/access.ts';
import { viewCase } from '../cases/case-view.ts';
import { customersFoundBy } from '../customers/find-customers.ts';
import type { Services } from '../services.ts';
import { accountCases, caseIdAt, customerCases, exactPostings } from '../table/keys.ts';
import { mergedPage } from '../table/merged.ts';
import type { Range } from '../table/table.ts';
import { casesWithWords } from './cases-with-words.ts';
import type { SearchHit, SearchQuery } from './search.routes.ts';

export type SearchServices = Pick<Services, 'table' | 'cases' | 'customers' | 'settings'>;

/** Customers come first and are few: there is a list of their own for more. */
const CUSTOMERS = 5;

/**
 * Where a search goes on: among the cases that are called so or belong to the address, or among those with the words.
 * `driver` is the word whose postings are read.
 */
const Position = z.discriminatedUnion('in', [
  z.object({ in: z.literal('exact'), after: z.string().optional() }),
  z.object({ in: z.literal('words'), driver: z.string().optional(), after: z.string().optional() }),
]);
type Position = z.infer<typeof Position>;

/** A page of what a search finds. What it costs does not depend on how much there is to find (`docs/search.md`). */
export const search = async (
  services: SearchServices,
  { query: { q, kind, limit, cursor }, caller }: Request<unknown, SearchQuery, unknown>,
): Promise<Outcome> => {
  const list = `search ${JSON.stringify([q, kind])}`;
  const position = decodeCursor(list, cursor, Position);
  if (!position.accepted) return position;

  const addressed = isAddress(q);
  const wantsCustomers = kind !== 'case' && !cursor;
  const found = wantsCustomers || addressed ? (await customersFoundBy(services, q, { limit: CUSTOMERS })).items : [];
  const customers = wantsCustomers
    ? found.slice(0, limit).map((customer) => ({ kind: 'customer' as const, customer }))
    : [];
  if (kind === 'customer') return { accepted: true, body: { items: customers } };

  const asked: Asked = {
    ...caseQuery(q),
    customers: addressed ? found : [],
    caller,
    head: await services.settings.head(),
  };
  const { items, next } = await casesFrom(services, asked, position.value, limit - customers.length);
  return {
    accepted: true,
    body: { items: [...customers, ...items], ...(next && { nextCursor: encodeCursor(list, next) }) },
  };
};

/** What cases are asked for, and by whom. */
interface Asked extends CaseQuery {
  /** Those who have the address that is searched for. */
  customers: readonly Customer[];
  caller: Caller;
  head: SettingsHead;
}

interface Hits {
  items: SearchHit[];
  next?: Position;
}

const casesFrom = async (
  services: SearchServices,
  asked: Asked,
  position: Position | undefined,
  limit: number,
): Promise<Hits> => {
  if (limit === 0) return { items: [], next: { in: 'exact' } };
  const exact = position?.in === 'words' ? { items: [] } : await exactCases(services, asked, position, limit);
  if (exact.next || exact.items.length >= limit) return exact;
  const worded = await wordedCases(
    services,
    asked,
    position?.in === 'words' ? position : undefined,
    limit - exact.items.length,
  );
  return { ...worded, items: [...exact.items, ...worded.items] };
};

/** Cases that are called what was typed, and those of whoever has that address. */
const exactCases = async (
  services: SearchServices,
  asked: Asked,
  position: { after?: string } | undefined,
  limit: number,
): Promise<Hits> => {
  const ranges: Range[] = [
    ...asked.exact.map((value) => ({ partition: exactPostings(value) })),
    ...asked.customers.map(({ kind, customerId }) =>
      kind === 'account'
        ? { index: 5, partition: accountCases(customerId) }
        : { index: 1, partition: customerCases(customerId) },
    ),
  ];
  const { items, horizon } = await mergedPage(services.table, ranges, { limit, after: position?.after });
  const positions = [...new Set(items.map((placed) => placed.position))];
  const taken = positions.slice(0, limit);
  const after = positions.length > limit ? taken.at(-1) : horizon;
  const shown = await visible(services, asked, taken, (file) => isExact(file, asked));
  if (after) return { items: shown, next: { in: 'exact', after } };
  return { items: shown, ...(taken.length >= limit && asked.words.length > 0 && { next: { in: 'words' } }) };
};

const isExact = ({ case: subject }: CaseFile, { exact, customers }: Asked): boolean =>
  exactTerms(subject).some((value) => exact.includes(value)) ||
  customers.some(({ customerId }) => customerId === subject.customerId || customerId === subject.accountId);

/** Cases with all the words; those that were told as exact are not told again. */
const wordedCases = async (
  services: SearchServices,
  asked: Asked,
  position: { driver?: string; after?: string } | undefined,
  limit: number,
): Promise<Hits> => {
  const { positions, driver, after } = await casesWithWords(services.table, asked.words, { ...position, limit });
  const taken = positions.slice(0, limit);
  const shown = await visible(services, asked, taken, (file) => !isExact(file, asked));
  const last = positions.length > limit ? taken.at(-1) : after;
  return { items: shown, ...(last && { next: { in: 'words', driver, after: last } }) };
};

/** The cases at some positions, as far as the caller may see them and they are what is asked for now. */
const visible = async (
  services: SearchServices,
  { caller, head }: Asked,
  positions: readonly string[],
  isAsked: (file: CaseFile) => boolean,
): Promise<SearchHit[]> => {
  const { cases, settings } = services;
  const files = await Promise.all(positions.map((position) => cases.load(caseIdAt(position), { eventually: true })));
  const hits = await Promise.all(
    files.map(async (file): Promise<SearchHit[]> => {
      if (!file || !isAsked(file) || !(await isVisible(services, file, caller, head))) return [];
      return [{ kind: 'case', case: viewCase(file, await settings.rulesFor(head, file)) }];
    }),
  );
  return hits.flat();
};
