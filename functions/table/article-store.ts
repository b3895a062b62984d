import { z } from 'zod';
import { Article, type ArticleChange, ArticleLink, ArticleVersion } from '../../domain/articles/article.ts';
import { type ArticleTerm, termsOf } from '../../domain/articles/find-articles.ts';
import type { LinkChange } from '../../domain/articles/link-article.ts';
import {
  ARTICLE_LINK_PREFIX,
  articleKey,
  articleLinkKey,
  articlesBy,
  articleTermKey,
  articleVersionKey,
  caseCollection,
} from './keys.ts';
import type { Page, Table } from './table.ts';
import type { Item, Transaction } from './transaction.ts';

type Paging = { limit: number; after?: string };

/** Articles with their versions, and where they are linked. */
export interface ArticleStore {
  find(articleId: string, options?: { eventually?: boolean }): Promise<Article | undefined>;
  version(articleId: string, version: number): Promise<ArticleVersion | undefined>;
  /** Ids of articles that stand in a list, the newest first. A list may still hold some that have left it. */
  listedUnder(term: ArticleTerm, paging: Paging): Promise<Page<string>>;
  /** What adds to a transaction that a command changes an article, and the lists that it stands in. */
  writer(change: ArticleChange): Promise<(transaction: Transaction) => void>;
  link(caseId: string, articleId: string): Promise<ArticleLink | undefined>;
  linksOf(caseId: string, paging: Paging): Promise<Page<ArticleLink>>;
  /** Adds to a transaction that an article is linked to a case, or no longer, and counts it. */
  writeLink(transaction: Transaction, link: LinkChange): void;
  /** Adds to a transaction that a link is another case's, unless it has changed since it was read; its count stays. */
  moveLink(transaction: Transaction, before: ArticleLink, after: ArticleLink): void;
}

/** A DynamoDB transaction has 100 writes; the rest is for the article, its version, and what goes with them. */
const MAX_TERM_WRITES = 90;

const Listed = z.object({ listed: z.array(z.custom<ArticleTerm>((term) => typeof term === 'string')) });

/** The store on a table. */
export const articleStore = (table: Table): ArticleStore => {
  return {
    async find(articleId, { eventually = false } = {}) {
      const item = await table.get(articleKey(articleId), { consistent: !eventually });
      return item && Article.parse(item);
    },
    async version(articleId, version) {
      const item = await table.get(articleVersionKey(articleId, version));
      return item && ArticleVersion.parse(item);
    },
    async listedUnder(term, paging) {
      const { items, next } = await table.page({ partition: articlesBy(term), descending: true, ...paging });
      return { items: items.map(({ SK }) => String(SK)), ...(next && { next }) };
    },
    async writer({ before, after, version }) {
      const stored = before && (await table.get(articleKey(after.articleId)));
      const listed = stored ? Listed.parse(stored).listed : [];
      const wanted = new Set(wantedTerms(after));
      const joined = [...wanted].filter((term) => !listed.includes(term));
      // What an article is no longer listed under may stay for later: searches test what they find.
      const left = listed.filter((term) => !wanted.has(term)).slice(0, MAX_TERM_WRITES - joined.length);
      const terms = [...listed, ...joined].filter((term) => !left.includes(term));

      return (transaction) => {
        for (const term of joined) {
          transaction.create({ ...articleTermKey(term, after.articleId), entity: 'articleTerm' });
        }
        for (const term of left) transaction.remove(articleTermKey(term, after.articleId));
        if (before) {
          transaction.replace(articleItem(before, listed), articleItem(after, terms), [
            { attribute: 'version', is: 'equal', value: before.version },
            { attribute: 'state', is: 'equal', value: before.state },
          ]);
        } else transaction.create({ ...articleItem(after, terms), usageCount: 0, resolvedByCount: 0 });
        writeVersion(transaction, version, before?.version);
      };
    },
    async link(caseId, articleId) {
      const item = await table.get(articleLinkKey(caseId, articleId));
      return item && ArticleLink.parse(item);
    },
    async linksOf(caseId, paging) {
      const range = { partition: caseCollection(caseId), beginsWith: ARTICLE_LINK_PREFIX, consistent: true };
      const { items, next } = await table.page({ ...range, ...paging });
      return { items: items.map((item) => ArticleLink.parse(item)), ...(next && { next }) };
    },
    moveLink(transaction, before, after) {
      const { resolvedCase } = before;
      const isSame = { attribute: 'resolvedCase', is: 'equal', value: resolvedCase } as const;
      transaction.remove(articleLinkKey(before.caseId, before.articleId), isSame);
      transaction.create({ ...articleLinkKey(after.caseId, after.articleId), entity: 'articleLink', ...after });
    },
    writeLink(transaction, { before, after, counts }) {
      const link = after ?? before;
      if (!link) return;
      const key = articleLinkKey(link.caseId, link.articleId);
      if (!before) transaction.create({ ...key, entity: 'articleLink', ...link });
      else if (!after) transaction.remove(key);
      else transaction.update(key, { set: after, conditions: [{ attribute: 'PK', is: 'present' }] });
      const add = Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== 0));
      transaction.update(articleKey(link.articleId), { add, conditions: [{ attribute: 'PK', is: 'present' }] });
    },
  };
};

const wantedTerms = ({ latest, published }: Article): ArticleTerm[] => [
  ...termsOf(latest),
  ...(published ? termsOf(published) : []),
];

/** Without its counters: they change by addition only, never to what somebody has read. */
const articleItem = (
  { usageCount: _counted, resolvedByCount: _too, ...article }: Article,
  listed: readonly ArticleTerm[],
): Item => ({ ...articleKey(article.articleId), entity: 'article', ...article, listed });

/** A version's content is written once; afterwards only what its review has come to. */
const writeVersion = (transaction: Transaction, version: ArticleVersion, last: number | undefined): void => {
  const key = articleVersionKey(version.articleId, version.version);
  if (version.version !== last) {
    transaction.create({ ...key, entity: 'articleVersion', ...version });
    return;
  }
  const { state, submitted, approved, published } = version;
  transaction.update(key, {
    set: { state, ...(submitted && { submitted }), ...(approved && { approved }), ...(published && { published }) },
  });
};
