import { z } from 'zod';
import type { Customer } from '../customers/customer.ts';
import { afterPage, nextLook } from '../pages/rounds.ts';
import { Instant } from '../time.ts';
import { ERASED, type Personal } from './erase-texts.ts';

/** What an erasure leaves to people: what texts were handed on as belongs to the organisation, and files lie elsewhere. */
export const ToReview = z.object({ kind: z.enum(['article', 'template']), id: z.string() });
export type ToReview = z.infer<typeof ToReview>;

/** How far the erasure of a customer has come. */
export const Erasure = z.object({
  id: z.uuid(),
  customerId: z.string(),
  /** `waiting`: a round is over, and another must find nothing. */
  state: z.enum(['running', 'waiting', 'done']),
  by: z.string(),
  startedOn: Instant,
  /** Counts the pages: one is committed only where the erasure still stands at the one before. */
  page: z.int(),
  cases: z.int(),
  casesInRound: z.int(),
  /** The place in the list of cases where it goes on; absent at the beginning of a round. */
  cursor: z.string().optional(),
  /** What the customer was called and reached by; gone once it is done. */
  mentions: z.array(z.string()),
  toReview: z.array(ToReview),
  /** When the sweeper looks at it. */
  lookAt: Instant.optional(),
});
export type Erasure = z.infer<typeof Erasure>;

/** What a customer is called and reached by. */
const mentionsOf = ({ name, email, phone, contactPoints = [] }: Customer): string[] => [
  ...new Set([name, email, phone, ...contactPoints.map(({ address }) => address)].flatMap((one) => one ?? [])),
];

/** An erasure that begins. */
export const startErasure = (customer: Customer, id: string, by: string, now: Instant): Erasure => ({
  id,
  customerId: customer.customerId,
  state: 'running',
  by,
  startedOn: now,
  page: 0,
  cases: 0,
  casesInRound: 0,
  mentions: mentionsOf(customer),
  toReview: [],
  lookAt: nextLook(now),
});

/** A customer who is nobody any more. What rules and reports go by stays: kind, account and tier. */
export const erasedCustomer = (customer: Customer, now: Instant): Customer => {
  const { customerId, kind, parentId, tier, defaultEntitlement, createdOn, createdBy, version } = customer;
  return {
    customerId,
    name: ERASED,
    kind,
    ...(parentId && { parentId }),
    ...(tier && { tier }),
    ...(defaultEntitlement && { defaultEntitlement }),
    createdOn,
    createdBy,
    modifiedOn: now,
    version: version + 1,
    erasure: { state: 'running', startedOn: now },
  };
};

/** The same erasure a page further, with what the page found; without a cursor the round is over. */
export const withPage = (
  before: Erasure,
  { cases, toReview, cursor }: { cases: number; toReview: readonly ToReview[]; cursor?: string },
  now: Instant,
): Erasure => {
  const known = new Set(before.toReview.map(({ id }) => id));
  const casesInRound = before.casesInRound + cases;
  const { turn, ...standing } = afterPage(before, { isEnd: !cursor, isQuiet: casesInRound === 0 }, now);
  return {
    ...before,
    ...standing,
    state: ({ goesOn: 'running', again: 'waiting', over: 'done' } as const)[turn],
    cursor,
    cases: before.cases + cases,
    casesInRound,
    toReview: [...before.toReview, ...toReview.filter(({ id }) => !known.has(id))],
    mentions: turn === 'over' ? [] : before.mentions,
  };
};

/** A round over all again, because what the index hid is not known to be nothing. */
export const withNewRound = (before: Erasure, now: Instant): Erasure => ({
  ...before,
  state: 'running',
  page: before.page + 1,
  casesInRound: 0,
  lookAt: nextLook(now),
});

/** The fields that are personal in each kind of thing that is kept of a case. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  case: ['title', 'description', 'resolution', 'participants'],
  activity: ['subject', 'body', 'wholeText', 'html', 'from', 'fromName', 'to', 'cc', 'bcc', 'name'],
  activities: ['subject'],
  event: ['title', 'description', 'participants', 'subject', 'body', 'resolution', 'note'],
  resolution: ['resolution'],
  broadcast: ['text'],
  merges: ['participants'],
  kpi: ['note'],
  movement: ['note'],
  lead: ['title', 'description'],
  opportunity: ['title', 'description'],
  contact: ['address', 'name', 'subject', 'thread', 'conversation'],
  intake: ['from', 'subject', 'excerpt', 'detail', 'trace'],
  attachment: ['name'],
  delivery: [],
  envelope: ['title', 'description', 'participants', 'resolution', 'note', 'subject', 'body'],
  shared: [],
  // What commands were answered: cases, activities, customers, resolutions and what cases were handed on as.
  idempotency: [
    ...['title', 'description', 'participants', 'resolution', 'note', 'subject', 'body'],
    ...['from', 'to', 'cc', 'name', 'email', 'phone', 'address', 'labels', 'country', 'language'],
  ],
};

/** Whatever else is kept there. */
const ANY: readonly string[] = ['subject', 'body', 'text', 'html', 'note', 'address', 'from', 'to', 'cc', 'name'];

/** What is personal in a thing of some kind. */
export const personalIn = (
  entity: string,
  { mentions }: Pick<Erasure, 'mentions'>,
  isFreeText: (customField: string) => boolean,
): Personal => ({ fields: FIELDS[entity] ?? ANY, mentions, isFreeText });
