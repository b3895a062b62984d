import type { ArticleTerm } from '../../../domain/articles/find-articles.ts';
import { casePk, type Key, padded } from './parts.ts';

const articlePk = (articleId: string): string => `ARTICLE#${articleId}`;
export const ARTICLE_LINK_PREFIX = 'ARTICLE#';
export const articleKey = (articleId: string): Key => ({ PK: articlePk(articleId), SK: 'ARTICLE' });

export const articleVersionKey = (articleId: string, version: number): Key => ({
  PK: articlePk(articleId),
  SK: `VERSION#${padded(version, 8)}`,
});

export const articleLinkKey = (caseId: string, articleId: string): Key => ({
  PK: casePk(caseId),
  SK: articlePosition(articleId),
});

/** Where an article's link stands among those of its case. */
export const articlePosition = (articleId: string): string => `${ARTICLE_LINK_PREFIX}${articleId}`;

export const articlesBy = (term: ArticleTerm): string => `ARTICLES#${term}`;
export const articleTermKey = (term: ArticleTerm, articleId: string): Key => ({ PK: articlesBy(term), SK: articleId });
