import type { z } from 'zod';
import type { Article, ArticleChange, ArticleVersion } from '../../domain/articles/article.ts';
import { reviewArticle } from '../../domain/articles/review-article.ts';
import {
  type CreateArticle,
  createArticle as decideCreate,
  editArticle as decideEdit,
  type PatchArticle,
} from '../../domain/articles/write-article.ts';
import { accept, type Decision, refuse } from '../../domain/refusal.ts';
import type { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { idempotently } from '../idempotently.ts';
import { findSubjectPath } from '../references.ts';
import type { Services } from '../services.ts';
import { answerItem } from '../table/idempotency.ts';
import { Transaction } from '../table/transaction.ts';
import { viewArticle } from './article-view.ts';

export type ArticleServices = Pick<Services, 'table' | 'articles' | 'settings' | 'ids' | 'now' | 'backOff'>;
type OfArticle<Body = unknown> = Request<{ articleId: string }, unknown, Body>;

/** Begins an article. */
export const createArticle = (
  services: ArticleServices,
  request: Request<unknown, unknown, z.infer<typeof CreateArticle>>,
): Promise<Outcome> =>
  idempotently(services, request.idempotent, async () => {
    const { body, caller } = request;
    const now = services.now();
    const path = await findSubjectPath(services, await services.settings.head(), body.subjectId);
    if (!path.accepted) return path;
    const context = { articleId: services.ids.at(now), by: caller.userId, now, subjectPath: path.value };
    return commit(services, request, decideCreate(body, context), 201, now);
  });

/** Edits an article: what is published stays so until the new draft takes its place. */
export const patchArticle = (services: ArticleServices, request: OfArticle<PatchArticle>): Promise<Outcome> =>
  commandOnArticle(services, request, async (article, last, now) => {
    const { body, caller } = request;
    const path = body.subjectId
      ? await findSubjectPath(services, await services.settings.head(), body.subjectId)
      : accept(body.subjectId === null ? undefined : last.subjectPath);
    if (!path.accepted) return path;
    return decideEdit(article, last, body, { by: caller.userId, now, subjectPath: path.value });
  });

/** Takes the last version a step further. */
export const stepOfReview =
  (to: Parameters<typeof reviewArticle>[2]) =>
  (services: ArticleServices, request: OfArticle): Promise<Outcome> =>
    commandOnArticle(services, request, async (article, last, now) =>
      reviewArticle(article, last, to, { caller: request.caller, now }),
    );

type Decide = (article: Article, last: ArticleVersion, now: Instant) => Promise<Decision<ArticleChange>>;

const commandOnArticle = (services: ArticleServices, request: OfArticle, decide: Decide): Promise<Outcome> =>
  idempotently(services, request.idempotent, async () => {
    const { articleId } = request.params;
    const article = await services.articles.find(articleId);
    const last = article && (await services.articles.version(articleId, article.version));
    if (!article || !last) return refuse('NOT_FOUND', `There is no article ${articleId}`);
    if (request.ifMatch !== undefined && request.ifMatch !== article.version) {
      return refuse('STALE_VERSION', `The article is at version ${article.version}`);
    }
    const now = services.now();
    const decision = await decide(article, last, now);
    return decision.accepted ? commit(services, request, decision.value, 200, now) : decision;
  });

const commit = async (
  { table, articles }: Pick<Services, 'table' | 'articles'>,
  { idempotent }: Pick<OfArticle, 'idempotent'>,
  change: ArticleChange,
  status: number,
  now: Instant,
): Promise<Outcome> => {
  const body = viewArticle(change.after, change.version);
  const transaction = new Transaction();
  if (change.before !== change.after) (await articles.writer(change))(transaction);
  if (idempotent) transaction.create(answerItem(idempotent, status, body, now));
  if (transaction.size > 0) await table.transact(transaction);
  return { accepted: true, body };
};
