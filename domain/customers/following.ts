import { z } from 'zod';
import { afterPage, nextLook } from '../pages/rounds.ts';
import { Instant } from '../time.ts';
import { type Customer, CustomerId } from './customer.ts';

/** A place among the cases of a customer, and of an account's contacts behind them. */
export const FollowingPlace = z.object({
  /** The contact whose cases are looked at; absent while they are the customer's own. */
  contactId: CustomerId.optional(),
  /** The place behind that contact; absent when there is none behind. */
  contactsAfter: z.string().optional(),
  /** The last case that has been dealt with. */
  after: z.string().optional(),
});
export type FollowingPlace = z.infer<typeof FollowingPlace>;

/** The open cases of a customer who has been edited are looked at once more: their clocks may hang on what was edited. */
export const Following = z.object({
  customerId: CustomerId,
  followingId: z.uuid(),
  /** What was edited. */
  fields: z.array(z.string()),
  /** Whether what was edited holds for an account's contacts as well. */
  withContacts: z.boolean(),
  by: z.string(),
  /** `waiting`: a round is over, and another must find nothing. */
  state: z.enum(['running', 'waiting']),
  page: z.int(),
  /** Cases of this round whose clocks have changed, or that kept changing under it. */
  found: z.int(),
  startedOn: Instant,
  place: FollowingPlace.optional(),
  /** When the sweeper looks at it. */
  lookAt: Instant,
});
export type Following = z.infer<typeof Following>;

/** Where a following stood when it was told to go on. */
export const FollowingPosition = z.object({ customerId: CustomerId, followingId: z.uuid(), page: z.int() });
export type FollowingPosition = z.infer<typeof FollowingPosition>;

/** Which fields of customers any service level has ever looked at, who edits, and what the following is to be called. */
export interface LookedAt {
  fields: ReadonlySet<string>;
  by: string;
  followingId: string;
}

/** What begins with an edit of a customer: nothing when no service level looks at what it changes. */
export const startFollowing = (
  before: Customer,
  after: Customer,
  { fields, by, followingId }: LookedAt,
): Following | undefined => {
  const [was, is] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const changed = [...new Set([...was.keys(), ...is.keys()])].filter(
    (field) => JSON.stringify(was.get(field)) !== JSON.stringify(is.get(field)),
  );
  // Whoever comes to another account and has no tier has that account's.
  const told = changed.includes('parentId') && !after.tier ? [...changed, 'tier'] : changed;
  const seen = [...new Set(told)].filter((field) => fields.has(field)).sort();
  if (seen.length === 0) return undefined;
  const { customerId, kind, modifiedOn: now } = after;
  return {
    customerId,
    followingId,
    fields: seen,
    withContacts: kind === 'account' && seen.includes('tier'),
    by,
    state: 'running',
    page: 0,
    found: 0,
    startedOn: now,
    lookAt: nextLook(now),
  };
};

/** The same a page further; nothing when it is over. Without a place the round is over. */
export const withFollowed = (
  before: Following,
  { found, place }: { found: number; place?: FollowingPlace },
  now: Instant,
): Following | undefined => {
  const all = before.found + found;
  const { turn, page, lookAt } = afterPage(before, { isEnd: !place, isQuiet: all === 0 }, now);
  if (turn === 'over' || !lookAt) return undefined;
  return { ...before, page, lookAt, place, found: all, state: turn === 'goesOn' ? 'running' : 'waiting' };
};

/** A round over all again. */
export const followedAgain = (before: Following, now: Instant): Following => ({
  ...before,
  state: 'running',
  page: before.page + 1,
  found: 0,
  place: undefined,
  lookAt: nextLook(now),
});
