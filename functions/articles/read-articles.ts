import { z } from 'zod';
import { ArticleState, ArticleVisibility } from '../../domain/articles/article.ts';
import {
  type ArticleQuery,
  type ArticleTerm,
  isFound,
  queryWords,
  termsToRead,
} from '../../domain/articles/find-articles.ts';
import { Slug } from '../../domain/cases/case.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { pageQuery } from '../api/route.ts';
import type { Services } from '../services.ts';
import { summariseArticle, viewArticle } from './article-view.ts';

type ReadServices = Pick<Services, 'articles' | 'searchLog' | 'now'>;

/** By which search an article was found. */
export const FromSearch = z.strictObject({
  searchId: z.uuid().optional().describe('The search that found it: tells that the search has helped'),
});

/** Which version of an article is read; the last one when none is named. */
export const ReadArticle = FromSearch.extend({ version: z.coerce.number().int().min(1).optional() });

/** Which articles are listed. */
export const FindArticles = z.strictObject({
  ...pageQuery,
  q: z
    .string()
    .trim()
    .min(1)
    .max(400)
    .optional()
    .describe('Words of title, labels and body: all of them, or their beginnings from four letters'),
  subjectId: Slug.optional().describe('The subject or anything below it'),
  state: ArticleState.default('published').describe('Published versions, or last versions in another state'),
  visibility: ArticleVisibility.optional(),
  language: z.string().max(35).optional(),
});

/** One version of an article. */
export const getArticle = async (
  { articles, searchLog }: ReadServices,
  { params: { articleId }, query }: Request<{ articleId: string }, z.infer<typeof ReadArticle>, unknown>,
): Promise<Outcome> => {
  const article = await articles.find(articleId);
  const version = article && (await articles.version(articleId, query.version ?? article.version));
  if (!article || !version) {
    return refuse(
      'NOT_FOUND',
      `There is no article ${articleId}${query.version ? ` in version ${query.version}` : ''}`,
    );
  }
  if (query.searchId) await searchLog.helped(query.searchId);
  return { accepted: true, body: viewArticle(article, version) };
};

const Position = z.object({ term: z.string(), after: z.string() });

/**
 * A page of articles, the newest first. One of the lists that hold all that is looked for is gone through; which one is
 * found out by reading the beginning of each, six at most. So a page costs the same however many articles there are.
 */
export const findArticles = async (
  { articles, searchLog, now }: ReadServices,
  { query: { limit, cursor, q, ...filter } }: Request<unknown, z.infer<typeof FindArticles>, unknown>,
): Promise<Outcome> => {
  const list = `articles ${JSON.stringify({ q, ...filter })}`;
  const position = decodeCursor(list, cursor, Position);
  if (!position.accepted) return position;
  const query: ArticleQuery = { ...filter, words: q ? queryWords(q) : [] };
  if (q && query.words.length === 0) return { accepted: true, body: { items: [] } };

  const terms = termsToRead(query);
  const term = terms.find((one) => one === position.value?.term) ?? (await shortest(articles, terms));
  const { items, next } = await articles.listedUnder(term, { limit, after: position.value?.after });
  const found = await Promise.all(items.map((articleId) => articles.find(articleId, { eventually: true })));
  const shown = found.flatMap((article) => {
    const digest = article?.[query.state === 'published' ? 'published' : 'latest'];
    const isInState = query.state === 'published' || article?.state === query.state;
    return article && digest && isInState && isFound(digest, query) ? [summariseArticle(article, digest)] : [];
  });
  const nextCursor = next && encodeCursor(list, { term, after: next });
  // Further pages belong to a search that has been counted, and drafts are looked for by those who write them.
  const isCounted = query.words.length > 0 && !cursor && filter.state === 'published';
  const words = query.words.toSorted().join(' ');
  const foundNothing = shown.length === 0 && !next;
  const searchId = isCounted ? await searchLog.searched({ words, foundNothing, at: now() }) : undefined;
  return { accepted: true, body: { items: shown, ...(nextCursor && { nextCursor }), ...(searchId && { searchId }) } };
};

/** How far lists are read to see which is the shortest; among longer ones the first, whose word is the longest, is taken. */
const PROBE = 100;

const shortest = async (articles: ReadServices['articles'], terms: readonly ArticleTerm[]): Promise<ArticleTerm> => {
  const [first = 'all'] = terms;
  if (terms.length < 2) return first;
  const lengths = await Promise.all(
    terms.map(async (term) => (await articles.listedUnder(term, { limit: PROBE })).items.length),
  );
  return terms[lengths.indexOf(Math.min(...lengths))] ?? first;
};
