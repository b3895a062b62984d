import { z } from 'zod';
import { ArticleId } from '../../domain/articles/article.ts';
import { CreateArticle, PatchArticle } from '../../domain/articles/write-article.ts';
import { CaseId } from '../../domain/cases/case.ts';
import { declareRoute, pageOf, pageQuery } from '../api/route.ts';
import { SimilarCases, SimilarQuery } from '../similar/similar-cases.ts';
import { ArticleSummary, ArticleView } from './article-view.ts';
import { LinkedArticle, LinkedArticles, Unlinked } from './link-articles.ts';
import { FindArticles, FromSearch, ReadArticle } from './read-articles.ts';

const params = z.object({ articleId: ArticleId });
const agents = ['agent'] as const;
const tag = 'Knowledge';
const reviewed = { tag, roles: agents, params, answer: ArticleView } as const;

const ArticlePage = pageOf(ArticleSummary).extend({
  searchId: z.uuid().optional().describe('Of a search by words: send it along when an article is opened or linked'),
});

/** The routes of articles. All of them are for agents, so that nobody else reads internal ones. */
export const articleRoutes = {
  create: declareRoute({
    method: 'POST',
    path: '/v1/articles',
    tag,
    summary: 'Begin an article, as a draft',
    roles: agents,
    body: CreateArticle,
    answer: ArticleView,
    status: 201,
  }),
  list: declareRoute({
    method: 'GET',
    path: '/v1/articles',
    tag,
    summary: 'Search articles by words and by subject, the newest first',
    roles: agents,
    query: FindArticles,
    answer: ArticlePage,
  }),
  get: declareRoute({
    method: 'GET',
    path: '/v1/articles/{articleId}',
    tag,
    summary: 'Read an article in its last version, or in another',
    roles: agents,
    params,
    query: ReadArticle,
    answer: ArticleView,
  }),
  patch: declareRoute({
    method: 'PATCH',
    path: '/v1/articles/{articleId}',
    tag,
    summary: 'Edit an article: its next version, as a draft',
    description: 'What is published stays so until the draft is published in its place.',
    roles: agents,
    params,
    body: PatchArticle,
    answer: ArticleView,
    refusals: ['STALE_VERSION'],
  }),
  submit: declareRoute({
    ...reviewed,
    method: 'POST',
    path: '/v1/articles/{articleId}/submit',
    summary: 'Submit a draft for review',
    refusals: ['TRANSITION_NOT_ALLOWED', 'STALE_VERSION'],
  }),
  approve: declareRoute({
    ...reviewed,
    method: 'POST',
    path: '/v1/articles/{articleId}/approve',
    summary: 'Approve a submitted draft that others have written: supervisors only',
    refusals: ['SELF_APPROVAL', 'TRANSITION_NOT_ALLOWED', 'STALE_VERSION'],
  }),
  publish: declareRoute({
    ...reviewed,
    method: 'POST',
    path: '/v1/articles/{articleId}/publish',
    summary: 'Publish an approved draft: supervisors only',
    refusals: ['TRANSITION_NOT_ALLOWED', 'STALE_VERSION'],
  }),
};

const ofCase = z.object({ caseId: CaseId });
const linkParams = ofCase.extend({ articleId: ArticleId });

/** The routes by which a case meets what is known already. */
export const caseKnowledgeRoutes = {
  similar: declareRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/similar',
    tag,
    summary: 'Cases with the same subject, or one near to it, and words of the same title',
    roles: agents,
    params: ofCase,
    query: SimilarQuery,
    answer: SimilarCases,
  }),
  list: declareRoute({
    method: 'GET',
    path: '/v1/cases/{caseId}/articles',
    tag,
    summary: 'The articles that are linked to a case',
    roles: agents,
    params: ofCase,
    query: z.strictObject(pageQuery),
    answer: LinkedArticles,
  }),
  put: declareRoute({
    method: 'PUT',
    path: '/v1/cases/{caseId}/articles/{articleId}',
    tag,
    summary: 'Link an article to a case, closed or not',
    roles: agents,
    params: linkParams,
    query: FromSearch,
    answer: LinkedArticle,
    refusals: ['CASE_NOT_ACTIVE'],
  }),
  delete: declareRoute({
    method: 'DELETE',
    path: '/v1/cases/{caseId}/articles/{articleId}',
    tag,
    summary: 'Unlink an article from a case',
    roles: agents,
    params: linkParams,
    answer: Unlinked,
    refusals: ['CASE_NOT_ACTIVE'],
  }),
};
