import type { CaseChange, CaseFile } from '../cases/case-file.ts';
import { mergedInto } from '../merge/survivor-of.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import type { ArticleLink } from './article.ts';

/** What becomes of a link, and what its article's counters gain by it. */
export interface LinkChange {
  readonly before?: ArticleLink;
  readonly after?: ArticleLink;
  readonly counts: { readonly usageCount?: number; readonly resolvedByCount?: number };
}

/** A link that changes together with its case. */
export interface Linked {
  readonly change: CaseChange;
  readonly link?: LinkChange;
}

interface LinkContext {
  articleId: string;
  /** The link as it is, if there is one. */
  link?: ArticleLink;
  by: string;
  now: Instant;
}

/** Decides that an article is of use to a case. A closed case may be linked as well, a merged one not. */
export const linkArticle = (file: CaseFile, { articleId, link, by, now }: LinkContext): Decision<Linked> => {
  const refusal = whyNotLinked(file);
  if (refusal) return refusal;
  if (link) return accept({ change: { before: file, after: file, facts: [] } });
  return accept({
    change: recorded(file, [{ type: 'article.linked', occurredAt: now, articleId }]),
    link: { after: newLink(file, { articleId, by, now }), counts: { usageCount: 1 } },
  });
};

/** Decides that an article is of no use to a case. Resolutions go on naming it, and it goes on counting them. */
export const unlinkArticle = (file: CaseFile, { articleId, link, now }: LinkContext): Decision<Linked> => {
  const refusal = whyNotLinked(file);
  if (refusal) return refusal;
  if (!link) return refuse('NOT_FOUND', `The article ${articleId} is not linked to ${file.case.caseNumber}`);
  return accept({
    change: recorded(file, [{ type: 'article.unlinked', occurredAt: now, articleId }]),
    link: { before: link, counts: { usageCount: -1 } },
  });
};

/** Adds to a resolution that this article resolved the case; it is linked if it was not. */
export const resolvedByArticle = (change: CaseChange, { articleId, link, by, now }: LinkContext): Linked => {
  const after: ArticleLink = { ...(link ?? newLink(change.after, { articleId, by, now })), resolvedCase: true };
  return {
    change: link
      ? change
      : { ...change, facts: [{ type: 'article.linked', occurredAt: now, articleId }, ...change.facts] },
    link: { ...(link && { before: link }), after, counts: { resolvedByCount: 1, ...(!link && { usageCount: 1 }) } },
  };
};

const whyNotLinked = ({ case: subject }: CaseFile) =>
  mergedInto(subject)
    ? refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is merged: its articles cannot change`)
    : undefined;

/** The case itself stays as it is; what happened is told all the same. */
const recorded = (file: CaseFile, facts: CaseChange['facts']): CaseChange => ({
  before: file,
  after: { ...file },
  facts,
  fences: [{ type: 'isNotMerged' }],
});

const newLink = (file: CaseFile, { articleId, by, now }: LinkContext): ArticleLink => ({
  caseId: file.case.caseId,
  articleId,
  linkedBy: by,
  linkedOn: now,
  resolvedCase: false,
});
