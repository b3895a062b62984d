import { z } from 'zod';
import { accept, type Decision, invalid } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { type Article, type ArticleChange, ArticleFields, type ArticleVersion } from './article.ts';
import { digestOf } from './find-articles.ts';

/** The body that begins an article. */
export const CreateArticle = ArticleFields.extend({ body: ArticleFields.shape.body.min(1) }).meta({
  id: 'CreateArticle',
});
export type CreateArticle = z.infer<typeof CreateArticle>;

const { title, body, subjectId, visibility, language, labels } = ArticleFields.shape;

/** The body of an edit: what is left out stays, `null` clears. */
export const PatchArticle = z
  .strictObject({
    title,
    body,
    subjectId: subjectId.nullable(),
    visibility,
    language: language.nullable(),
    labels,
  })
  .partial()
  .meta({ id: 'PatchArticle' });
export type PatchArticle = z.infer<typeof PatchArticle>;

/** Who writes, when, and where the article's subject stands. */
export interface WritingContext {
  by: string;
  now: Instant;
  subjectPath?: string[];
}

/** Begins an article as a draft of its author's; `ownerId` when it is somebody else's. */
export const createArticle = (
  fields: ArticleFields,
  { articleId, ownerId, sourceCaseId, ...context }: WritingContext & Partial<Article> & { articleId: string },
): ArticleChange => {
  const { by, now } = context;
  const version = versionOf(articleId, 1, fields, context);
  return {
    after: {
      articleId,
      ownerId: ownerId ?? by,
      ...(sourceCaseId && { sourceCaseId }),
      version: 1,
      state: 'draft',
      authors: [by],
      latest: digestOf(version),
      usageCount: 0,
      resolvedByCount: 0,
      createdOn: now,
      createdBy: by,
      modifiedOn: now,
    },
    version,
  };
};

/**
 * Decides an edit: the article gets a draft as its next version, whatever the state of the last one; what is published
 * stays so until the draft has been reviewed and takes its place. The same again is no new version.
 */
export const editArticle = (
  article: Article,
  last: ArticleVersion,
  patch: PatchArticle,
  context: WritingContext,
): Decision<ArticleChange> => {
  const before = fieldsOf(last);
  const present = Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null && value !== undefined);
  const fields = ArticleFields.safeParse(Object.fromEntries(present));
  if (!fields.success) return invalid('', 'leaves no article');
  if (JSON.stringify(fields.data) === JSON.stringify(before))
    return accept({ before: article, after: article, version: last });

  const { by, now } = context;
  const version = versionOf(article.articleId, article.version + 1, fields.data, context);
  const authors = article.state === 'published' ? [by] : [...new Set([...article.authors, by])];
  const after: Article = {
    ...article,
    version: version.version,
    state: 'draft',
    authors,
    latest: digestOf(version),
    modifiedOn: now,
  };
  return accept({ before: article, after, version });
};

const fieldsOf = (version: ArticleVersion): ArticleFields => ArticleFields.strip().parse(version);

const versionOf = (
  articleId: string,
  version: number,
  fields: ArticleFields,
  { by, now, subjectPath }: WritingContext,
): ArticleVersion => ({
  ...fields,
  articleId,
  version,
  state: 'draft',
  ...(subjectPath && { subjectPath }),
  writtenBy: by,
  writtenOn: now,
});
