import { CASE_WORD_LEAD, finds } from '../search/query.ts';
import { firstLetters, isCommon, lettersIn, wordsOf } from '../search/words.ts';
import type { ArticleDigest, ArticleState, ArticleVersion } from './article.ts';

/** Each lead costs a write, and an edit must fit into one transaction of 100 whatever it changes. */
export const MAX_LEADS = 70;

const EXCERPT = 240;

/**
 * What a version is found by: the words of its title and labels first, then those of its body, words with digits (error
 * codes, models) before the others and long ones before short ones, as many as `MAX_LEADS` leads lead to.
 */
export const articleWords = ({
  title,
  body,
  labels = [],
}: Pick<ArticleVersion, 'title' | 'body' | 'labels'>): string[] => {
  const first = wordsOf([title, ...labels].join('\n'));
  const rest = wordsOf(body).sort((a, b) => Number(hasDigit(b)) - Number(hasDigit(a)) || lettersIn(b) - lettersIn(a));
  const leads = new Set<string>();
  return [...new Set([...first, ...rest])].filter((word) => {
    if (isCommon(word)) return false;
    const lead = leadOf(word);
    if (!leads.has(lead) && leads.size === MAX_LEADS) return false;
    leads.add(lead);
    return true;
  });
};

const hasDigit = (word: string): boolean => /\p{N}/u.test(word);
const leadOf = (word: string): string => firstLetters(word, CASE_WORD_LEAD);

/** As much of a version as is kept with its article. */
export const digestOf = (version: ArticleVersion): ArticleDigest => ({
  version: version.version,
  title: version.title,
  excerpt: firstLetters(version.body.trim().replaceAll(/\s+/g, ' '), EXCERPT),
  ...(version.subjectId && { subjectId: version.subjectId }),
  ...(version.subjectPath && { subjectPath: version.subjectPath }),
  visibility: version.visibility,
  ...(version.language && { language: version.language }),
  ...(version.labels && { labels: version.labels }),
  words: articleWords(version),
});

/** A list that an article stands in: those with a word that begins so, those under a subject, or all. */
export type ArticleTerm = `word:${string}` | `subject:${string}` | 'all';

/** The lists that a version stands in. */
export const termsOf = ({ words, subjectPath = [] }: ArticleDigest): ArticleTerm[] => [
  'all',
  ...subjectPath.map(underSubject),
  ...new Set(words.map((word): ArticleTerm => `word:${leadOf(word)}`)),
];

/** The list of the articles about a subject and everything below it. */
export const underSubject = (subjectId: string): ArticleTerm => `subject:${subjectId}`;

/** What somebody looks for. */
export interface ArticleQuery {
  /** All of them must be found. */
  words: string[];
  subjectId?: string;
  /** Published versions are looked at, or the last versions in another state. */
  state: ArticleState;
  visibility?: ArticleDigest['visibility'];
  language?: string;
}

/** How many words of a search count: each costs a read. */
const MAX_QUERY_WORDS = 5;

/** The words of what was typed that a search goes by, the longest first, since it tells most. */
export const queryWords = (text: string): string[] =>
  wordsOf(text)
    .filter((word) => !isCommon(word))
    .sort((a, b) => lettersIn(b) - lettersIn(a))
    .slice(0, MAX_QUERY_WORDS);

/** The lists that hold everything a query finds, each of them. */
export const termsToRead = ({ words, subjectId }: ArticleQuery): ArticleTerm[] => {
  const terms = [
    ...words.map((word): ArticleTerm => `word:${leadOf(word)}`),
    ...(subjectId ? [underSubject(subjectId)] : []),
  ];
  return terms.length > 0 ? [...new Set(terms)] : ['all'];
};

/** Whether a version is what a query looks for; the lists may lag behind. */
export const isFound = (digest: ArticleDigest, query: ArticleQuery): boolean =>
  query.words.every((wanted) => digest.words.some((word) => finds(wanted, word))) &&
  (!query.subjectId || digest.subjectPath?.includes(query.subjectId) === true) &&
  (!query.visibility || query.visibility === digest.visibility) &&
  (!query.language || query.language === digest.language);
