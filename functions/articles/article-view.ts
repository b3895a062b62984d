import { z } from 'zod';
import {
  Article,
  ArticleDigest,
  ArticleFields,
  ArticleState,
  type ArticleVersion,
} from '../../domain/articles/article.ts';
import { Instant } from '../../domain/time.ts';

/** A version that another one has followed is `superseded`, unless it is the one that is published. */
const ShownState = z.enum([...ArticleState.options, 'superseded']);

const common = {
  ...Article.pick({ articleId: true, ownerId: true, sourceCaseId: true, usageCount: true, resolvedByCount: true })
    .shape,
  version: z.int(),
  state: ShownState,
  publishedVersion: z.int().optional(),
};

/** One version of an article, with what is true of the article as a whole. */
export const ArticleView = z
  .object({
    ...common,
    ...ArticleFields.shape,
    writtenBy: z.string(),
    writtenOn: Instant,
    submittedBy: z.string().optional(),
    submittedOn: Instant.optional(),
    approvedBy: z.string().optional(),
    approvedOn: Instant.optional(),
    publishedBy: z.string().optional(),
    publishedOn: Instant.optional(),
    createdOn: Instant,
    createdBy: z.string(),
    modifiedOn: Instant,
  })
  .meta({ id: 'Article' });

/** An article in a list: the version that was found, without its body. */
export const ArticleSummary = z
  .object({ ...common, ...ArticleDigest.omit({ words: true, subjectPath: true }).shape })
  .meta({ id: 'ArticleSummary' });

const shownState = (article: Article, { version, state }: Pick<ArticleVersion, 'version' | 'state'>) => {
  if (version === article.version) return article.state;
  return version === article.published?.version ? state : 'superseded';
};

/** The view of one version of an article. */
export const viewArticle = (article: Article, version: ArticleVersion): z.infer<typeof ArticleView> => {
  const { submitted, approved, published } = version;
  return ArticleView.parse({
    ...article,
    ...version,
    state: shownState(article, version),
    publishedVersion: article.published?.version,
    ...(submitted && { submittedBy: submitted.by, submittedOn: submitted.on }),
    ...(approved && { approvedBy: approved.by, approvedOn: approved.on }),
    ...(published && { publishedBy: published.by, publishedOn: published.on }),
  });
};

/** The view of a found version: the published one, or the last. */
export const summariseArticle = (article: Article, digest: ArticleDigest): z.infer<typeof ArticleSummary> =>
  ArticleSummary.parse({
    ...article,
    ...digest,
    state: digest.version === article.version ? article.state : 'published',
    publishedVersion: article.published?.version,
  });
