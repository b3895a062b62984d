import { z } from 'zod';
import { ArticleLink, ArticleState } from '../../domain/articles/article.ts';
import { type Linked, linkArticle, resolvedByArticle, unlinkArticle } from '../../domain/articles/link-article.ts';
import type { CaseChange } from '../../domain/cases/case-file.ts';
import { accept, type Decision, invalid, refuse } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { pageOf } from '../api/route.ts';
import { loadVisible } from '../cases/access.ts';
import { type CaseRequest, type CommandServices, commandOnCase, type Loaded } from '../cases/command.ts';
import type { Services } from '../services.ts';
import type { FromSearch } from './read-articles.ts';

type LinkRequest<Query = unknown> = Request<{ caseId: string; articleId: string }, Query, unknown>;

/** An article that is linked to a case. */
export const LinkedArticle = ArticleLink.extend({
  title: z.string(),
  state: ArticleState,
  publishedVersion: z.int().optional(),
}).meta({ id: 'LinkedArticle' });
export const LinkedArticles = pageOf(LinkedArticle);

/** What unlinking answers. */
export const Unlinked = z.object({ caseId: z.uuid(), articleId: z.uuid(), deleted: z.literal(true) });

/** Links an article to a case; again changes nothing. */
export const putLink = async (
  services: CommandServices,
  request: LinkRequest<z.infer<typeof FromSearch>>,
): Promise<Outcome> => {
  const { caseId, articleId } = request.params;
  const linked = await commandOnCase(services, request, async (loaded) => {
    if (!(await services.articles.find(articleId))) return refuse('NOT_FOUND', `There is no article ${articleId}`);
    return withLink(services, loaded, linkArticle(loaded.file, await contextOf(services, request, loaded)));
  });
  if (!linked.accepted) return linked;
  if (request.query.searchId) await services.searchLog.helped(request.query.searchId);
  const link = await services.articles.link(caseId, articleId);
  const [shown] = link ? await shownLinks(services, [link]) : [];
  return shown
    ? { accepted: true, body: shown }
    : refuse('NOT_FOUND', `The article ${articleId} is not linked any more`);
};

/** Takes an article off a case. */
export const deleteLink = (services: CommandServices, request: LinkRequest): Promise<Outcome> =>
  commandOnCase(
    services,
    request,
    async (loaded) =>
      withLink(services, loaded, unlinkArticle(loaded.file, await contextOf(services, request, loaded))),
    { of: () => ({ ...request.params, deleted: true }) },
  );

/** Adds to a resolution that an article resolved the case. */
export const creditArticle = async (
  services: CommandServices,
  request: CaseRequest<{ articleId?: string | undefined }>,
  loaded: Loaded,
  change: CaseChange,
): Promise<Decision<CaseChange>> => {
  const { articleId } = request.body;
  if (!articleId) return accept(change);
  if (!(await services.articles.find(articleId))) return invalid('articleId', `there is no article ${articleId}`);
  const params = { ...request.params, articleId };
  const context = await contextOf(services, { ...request, params }, loaded);
  return withLink(services, loaded, accept(resolvedByArticle(change, context)));
};

const contextOf = async (
  { articles }: CommandServices,
  { params: { caseId, articleId }, caller }: Pick<LinkRequest, 'params' | 'caller'>,
  { now }: Loaded,
) => ({ articleId, link: await articles.link(caseId, articleId), by: caller.userId, now });

const withLink = (
  { articles }: CommandServices,
  { also }: Loaded,
  decision: Decision<Linked>,
): Decision<CaseChange> => {
  if (!decision.accepted) return decision;
  const { change, link } = decision.value;
  if (link) also((transaction) => articles.writeLink(transaction, link));
  return accept(change);
};

type ListRequest = Request<{ caseId: string }, { limit: number; cursor?: string }, unknown>;

/** A page of the articles that are linked to a case. */
export const listLinks = async (
  services: Pick<Services, 'cases' | 'settings' | 'articles'>,
  { params: { caseId }, query: { limit, cursor }, caller }: ListRequest,
): Promise<Outcome> => {
  const list = `articles of ${caseId}`;
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return position;
  if (!(await loadVisible(services, caseId, caller))) return refuse('NOT_FOUND', `There is no case ${caseId}`);
  const { items, next } = await services.articles.linksOf(caseId, { limit, after: position.value });
  const shown = await shownLinks(services, items);
  return { accepted: true, body: { items: shown, ...(next && { nextCursor: encodeCursor(list, next) }) } };
};

const shownLinks = async (
  { articles }: Pick<Services, 'articles'>,
  links: readonly ArticleLink[],
): Promise<z.infer<typeof LinkedArticle>[]> => {
  const found = await Promise.all(
    links.map(async (link) => {
      const article = await articles.find(link.articleId, { eventually: true });
      if (!article) return [];
      const { latest, published, state } = article;
      return [{ ...link, title: (published ?? latest).title, state, publishedVersion: published?.version }];
    }),
  );
  return found.flat();
};
