import type { Case } from '../cases/case.ts';
import { isCommon, lettersIn, wordsOf } from '../search/words.ts';
import type { Subject } from '../settings/subject.ts';

type Compared = Pick<Case, 'title' | 'subjectId' | 'subjectPath'>;

/** What two cases have in common. */
export interface Likeness {
  sharedWords: string[];
  /** The subject of both, or the lowest one that both stand under. */
  sharedSubjectId?: string;
  score: number;
}

const SAME_SUBJECT = 2;

/**
 * How like one case is to another: a point for each level of the tree that their subjects share and two more for the
 * same subject, two points for each word that their titles share.
 */
export const likeness = (one: Compared, other: Compared): Likeness => {
  const words = new Set(titleWords(other.title));
  const sharedWords = titleWords(one.title).filter((word) => words.has(word));
  const path = other.subjectPath ?? [];
  const shared = (one.subjectPath ?? []).filter((id, level) => path[level] === id);
  const isSame = one.subjectId !== undefined && one.subjectId === other.subjectId;
  return {
    sharedWords,
    ...(shared.length > 0 && { sharedSubjectId: shared.at(-1) }),
    score: shared.length + (isSame ? SAME_SUBJECT : 0) + 2 * sharedWords.length,
  };
};

/** Which words of a title say what it is about. */
export const titleWords = (title: string): string[] => wordsOf(title).filter((word) => !isCommon(word));

/** The words of a title that tell most, as far as a bounded search follows them. */
export const tellingWords = (title: string, count: number): string[] =>
  titleWords(title)
    .sort((a, b) => lettersIn(b) - lettersIn(a))
    .slice(0, count);

/** The subjects nearest to one in its branch: itself, what stands below it, what it stands under, and its siblings. */
export const nearestSubjects = (subjectId: string, tree: ReadonlyMap<string, Subject>, count: number): string[] => {
  const parentId = tree.get(subjectId)?.parentId;
  const below = (id: string | undefined) => (id ? [...tree].filter(([, node]) => node.parentId === id) : []);
  const near = [subjectId, ...ids(below(subjectId)), ...(parentId ? [parentId] : []), ...ids(below(parentId))];
  return [...new Set(near)].slice(0, count);
};

const ids = (nodes: readonly (readonly [string, Subject])[]): string[] => nodes.map(([id]) => id);

/** The likest first; among equals those whose answer is known, then the newest. */
export const bySimilarity = (a: { case: Case; score: number }, b: { case: Case; score: number }): number => {
  if (a.score !== b.score) return b.score - a.score;
  if (a.case.status !== b.case.status)
    return Number(b.case.status === 'resolved') - Number(a.case.status === 'resolved');
  return a.case.createdOn < b.case.createdOn ? 1 : -1;
};
