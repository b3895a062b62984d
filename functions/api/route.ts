import { z } from 'zod';
import type { RefusalCode } from '../../domain/refusal.ts';
import type { Role } from './caller.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * One route of the contract, declared once: requests are validated, callers admitted and the OpenAPI document made from
 * it. A handler implements it; a route that nobody implements does not compile into an API.
 */
export interface Route<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> {
  method: Method;
  path: `/${string}`;
  tag: string;
  summary: string;
  description?: string;
  /** Who may call it: a caller with any of these roles. */
  roles: readonly Role[];
  params: Params;
  query: Query;
  body: Body;
  answer: Answer;
  /** What the answer comes as. */
  media: readonly string[];
  status: 200 | 201 | 202;
  /** The codes that this route refuses with, besides those of every route. */
  refusals: readonly RefusalCode[];
}
export type AnyRoute = Route<z.ZodType, z.ZodType, z.ZodType, z.ZodType>;

const nothing = z.strictObject({});

/** Not strict: the gateway hands every route behind `{proxy+}` the path as a parameter. */
const noParams = z.object({});

/** The body of a route that takes none: absent, or an empty object. */
export const NoBody = nothing;

interface Declaration<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> extends Pick<
    Route<Params, Query, Body, Answer>,
    'method' | 'path' | 'tag' | 'summary' | 'description' | 'roles' | 'answer'
  > {
  params?: Params;
  query?: Query;
  body?: Body;
  media?: readonly string[];
  status?: 200 | 201 | 202;
  refusals?: readonly RefusalCode[];
}

type Nothing = typeof nothing;
type NoParams = typeof noParams;

/** Declares a route; what it leaves out takes no parameters, no query and no body, and answers 200 with JSON. */
export function declareRoute<
  Answer extends z.ZodType,
  Params extends z.ZodType = NoParams,
  Query extends z.ZodType = Nothing,
  Body extends z.ZodType = typeof NoBody,
>(declaration: Declaration<Params, Query, Body, Answer>): Route<Params, Query, Body, Answer>;
export function declareRoute(declaration: Declaration<z.ZodType, z.ZodType, z.ZodType, z.ZodType>): AnyRoute {
  const media = ['application/json'];
  return { params: noParams, query: nothing, body: NoBody, media, status: 200, refusals: [], ...declaration };
}

/** Where a list goes on: whatever else is sent is refused before it is looked at. */
export const CursorText = z.string().regex(/^[\w-]{1,4000}$/, 'is not a cursor of this list');

/** Query parameters of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(25).describe('Items a page at most'),
  cursor: CursorText.optional().describe('`nextCursor` of the page before'),
};

/** A page of a list. It may hold fewer than `limit`, even none, and still carry `nextCursor`. */
export const pageOf = <Thing extends z.ZodType>(thing: Thing) =>
  z.object({ items: z.array(thing), nextCursor: z.string().optional() });
