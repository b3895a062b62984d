import { z } from 'zod';
import { CaseFields, CaseId, Slug } from '../cases/case.ts';
import { Instant } from '../time.ts';

/** UUIDv7 of an article, so that ids sort by when articles were begun. */
export const ArticleId = z.uuid().meta({ id: 'ArticleId' });

/** `internal` articles are for agents; an `external` one may be shown to customers once it is published. */
export const ArticleVisibility = z.enum(['internal', 'external']).meta({ id: 'ArticleVisibility' });

/** What people write in an article, with its bounds. */
export const ArticleFields = z.strictObject({
  title: z.string().trim().min(1).max(400),
  body: z.string().max(60_000),
  subjectId: Slug.optional(),
  visibility: ArticleVisibility,
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'a language tag such as en or pt-BR')
    .optional(),
  labels: CaseFields.shape.labels,
});
export type ArticleFields = z.infer<typeof ArticleFields>;

/** A version goes from left to right; only its state ever changes, never what it says. */
export const ArticleState = z.enum(['draft', 'submitted', 'approved', 'published']).meta({ id: 'ArticleState' });
export type ArticleState = z.infer<typeof ArticleState>;

const step = { by: z.string(), on: Instant };

/** One version of an article: what it says, who wrote it, and who let it pass. */
export const ArticleVersion = z.object({
  ...ArticleFields.shape,
  articleId: ArticleId,
  version: z.number().int(),
  state: ArticleState,
  /** The subject and everything above it, root first, as it was when the version was written. */
  subjectPath: z.array(z.string()).optional(),
  writtenBy: z.string(),
  writtenOn: Instant,
  submitted: z.object(step).optional(),
  approved: z.object(step).optional(),
  published: z.object(step).optional(),
});
export type ArticleVersion = z.infer<typeof ArticleVersion>;

/** As much of a version as lists and searches need, kept with the article so that they read no bodies. */
export const ArticleDigest = z.object({
  version: z.number().int(),
  title: z.string(),
  excerpt: z.string(),
  subjectId: z.string().optional(),
  subjectPath: z.array(z.string()).optional(),
  visibility: ArticleVisibility,
  language: z.string().optional(),
  labels: z.array(z.string()).optional(),
  /** What the version is found by (`find-articles.ts`). */
  words: z.array(z.string()),
});
export type ArticleDigest = z.infer<typeof ArticleDigest>;

/** An article over its versions. */
export const Article = z.object({
  articleId: ArticleId,
  ownerId: z.string(),
  /** The case that it was made from. */
  sourceCaseId: CaseId.optional(),
  /** The last version's number and state. */
  version: z.number().int(),
  state: ArticleState,
  /** Everybody who has written in it since it was last published: none of them may approve it. */
  authors: z.array(z.string()),
  latest: ArticleDigest,
  published: ArticleDigest.optional(),
  /** Cases that it is linked to. */
  usageCount: z.number().int(),
  /** Resolutions that name it; reopening a case takes none back. */
  resolvedByCount: z.number().int(),
  createdOn: Instant,
  createdBy: z.string(),
  modifiedOn: Instant,
});
export type Article = z.infer<typeof Article>;

/** An accepted command on an article: the article, and the version that is new or whose state has changed. */
export interface ArticleChange {
  readonly before?: Article;
  readonly after: Article;
  readonly version: ArticleVersion;
}

/** Where an article is linked: on a case, by whom, and whether it has resolved the case. */
export const ArticleLink = z.object({
  caseId: CaseId,
  articleId: ArticleId,
  linkedBy: z.string(),
  linkedOn: Instant,
  resolvedCase: z.boolean(),
  /** The case that it was linked to, if a merge has moved the link since. */
  mergedFrom: CaseId.optional(),
  /** The cases that merges have moved it out of, the first one first. */
  mergePath: z.array(CaseId).optional(),
});
export type ArticleLink = z.infer<typeof ArticleLink>;
