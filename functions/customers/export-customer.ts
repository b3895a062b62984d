import { z } from 'zod';
import { CaseEvent } from '../../domain/facts/fact.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { CursorText } from '../api/route.ts';
import type { Services } from '../services.ts';
import { caseCollection } from '../table/keys.ts';
import type { StoredItem } from '../table/table.ts';
import { AboutPosition, firstAbout, nextCaseAbout } from './cases-about.ts';

type ExportServices = Pick<Services, 'table' | 'customers' | 'entitlements' | 'prospects'>;

const after = z.string().optional();

/** Where an export goes on. */
const Position = z.discriminatedUnion('step', [
  z.object({ step: z.literal('customer') }),
  z.object({ step: z.literal('contacts'), after }),
  z.object({ step: z.literal('entitlements'), after }),
  z.object({ step: z.literal('movements'), entitlementId: z.string(), behind: after, isLast: z.boolean(), after }),
  z.object({ step: z.literal('cases'), at: AboutPosition }),
  z.object({ step: z.literal('case'), caseId: z.string(), behind: AboutPosition.optional(), after }),
]);
type Position = z.infer<typeof Position>;
type At<Step extends Position['step']> = Extract<Position, { step: Step }>;

type Line = { record: string } & Record<string, unknown>;
interface Stepped {
  lines: Line[];
  next?: Position;
}

/** The query of an export. */
export const ExportCustomer = z.strictObject({
  cursor: CursorText.optional().describe('From the `Link` of the page before'),
});

/** A page has so many lines, or so many bytes, or a little more; DynamoDB reads a mebibyte at once. */
const PAGE_LINES = 200;
const PAGE_BYTES = 1_000_000;
const READ = 100;

/**
 * A page of everything about one customer, a line of JSON each: the customer, an account's contacts, entitlements with
 * the movements of their balances, and whatever is kept of its cases. `Link` names the next page.
 */
export const exportCustomer = async (
  services: ExportServices,
  { params: { customerId }, query }: Request<{ customerId: string }, z.infer<typeof ExportCustomer>, unknown>,
): Promise<Outcome> => {
  const list = `export of ${customerId}`;
  const decoded = decodeCursor(list, query.cursor, Position);
  if (!decoded.accepted) return decoded;
  if (!(await services.customers.find(customerId))) return refuse('NOT_FOUND', `There is no customer ${customerId}`);
  const lines: string[] = [];
  let position: Position | undefined = decoded.value ?? { step: 'customer' };
  for (let bytes = 0; position && lines.length < PAGE_LINES && bytes < PAGE_BYTES; ) {
    const stepped: Stepped = await step(services, customerId, position);
    const texts = stepped.lines.map((line) => `${JSON.stringify(line)}\n`);
    bytes += texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    lines.push(...texts);
    position = stepped.next;
  }
  const path = `/v1/customers/${encodeURIComponent(customerId)}/export`;
  const headers = {
    'docket-rows': String(lines.length),
    ...(position && { link: `<${path}?cursor=${encodeCursor(list, position)}>; rel="next"` }),
  };
  return { accepted: true, body: lines.join(''), as: { contentType: 'application/x-ndjson', headers } };
};

const step = (services: ExportServices, customerId: string, position: Position): Promise<Stepped> => {
  switch (position.step) {
    case 'customer':
      return theCustomer(services, customerId);
    case 'contacts':
      return contacts(services, customerId, position);
    case 'entitlements':
      return entitlements(services, customerId, position);
    case 'movements':
      return movements(services, position);
    case 'cases':
      return cases(services, customerId, position);
    case 'case':
      return caseCollected(services, position);
  }
};

const theCustomer = async ({ customers }: ExportServices, customerId: string): Promise<Stepped> => {
  const customer = await customers.find(customerId);
  return { lines: customer ? [{ record: 'customer', ...customer }] : [], next: { step: 'contacts' } };
};

const contacts = async (
  { customers }: ExportServices,
  customerId: string,
  position: At<'contacts'>,
): Promise<Stepped> => {
  const { items, next } = await customers.contacts(customerId, { limit: READ, after: position.after });
  const lines = items.map((contact) => ({ record: 'contact', ...contact }));
  return { lines, next: next ? { step: 'contacts', after: next } : { step: 'entitlements' } };
};

const entitlements = async (
  services: ExportServices,
  customerId: string,
  position: At<'entitlements'>,
): Promise<Stepped> => {
  const { items, next } = await services.entitlements.of(customerId, { limit: 1, after: position.after });
  const [entitlement] = items;
  if (!entitlement) return { lines: [], next: next ? { ...position, after: next } : { step: 'cases', at: firstAbout } };
  const { entitlementId } = entitlement;
  return {
    lines: [{ record: 'entitlement', ...entitlement }],
    next: { step: 'movements', entitlementId, behind: next, isLast: !next },
  };
};

const movements = async (services: ExportServices, position: At<'movements'>): Promise<Stepped> => {
  const { entitlementId, behind, isLast } = position;
  const { items, next } = await services.entitlements.movements(entitlementId, { limit: READ, after: position.after });
  const lines = items.map((movement) => ({ record: 'movement', ...movement }));
  if (next) return { lines, next: { ...position, after: next } };
  return { lines, next: isLast ? { step: 'cases', at: firstAbout } : { step: 'entitlements', after: behind } };
};

const cases = async (services: ExportServices, customerId: string, { at }: At<'cases'>): Promise<Stepped> => {
  const customer = await services.customers.find(customerId);
  const { caseId, next } = customer ? await nextCaseAbout(services, customer, at) : {};
  if (caseId) return { lines: [], next: { step: 'case', caseId, behind: next } };
  return { lines: [], ...(next && { next: { step: 'cases', at: next } }) };
};

/** What Docket keeps beside a case for its own work only. */
const WORKINGS: readonly unknown[] = ['terms', 'counted', 'action', 'parked'];

const caseCollected = async (services: ExportServices, position: At<'case'>): Promise<Stepped> => {
  const { caseId } = position;
  const range = { partition: caseCollection(caseId), limit: READ, after: position.after, consistent: true };
  const { items, next } = await services.table.page(range);
  const found = items.filter(({ entity }) => !WORKINGS.includes(entity));
  const lines = await Promise.all(found.map(async (item) => [lineOf(item), ...(await becameOf(services, item))]));
  const behind: Position | undefined = position.behind && { step: 'cases', at: position.behind };
  return { lines: lines.flat(), next: next ? { ...position, after: next } : behind };
};

/** An item without what only finds it. */
const lineOf = ({ entity, ...item }: StoredItem): Line => {
  const fields = Object.entries(item).filter(([name]) => !/^(PK|SK|GSI\d[PS]K|expiresAt|echoes)$/.test(name));
  return { record: String(entity), ...Object.fromEntries(fields) };
};

/** What a case was handed on to sales as. */
const becameOf = async ({ prospects }: ExportServices, item: StoredItem): Promise<Line[]> => {
  if (item.entity !== 'event') return [];
  const { fact } = CaseEvent.parse(item);
  if (fact.type !== 'case.converted') return [];
  const lead = fact.to === 'lead' ? await prospects.lead(fact.targetId) : undefined;
  const opportunity = fact.to === 'opportunity' ? await prospects.opportunity(fact.targetId) : undefined;
  return [
    ...(lead ? [{ record: 'lead', ...lead }] : []),
    ...(opportunity ? [{ record: 'opportunity', ...opportunity }] : []),
  ];
};
