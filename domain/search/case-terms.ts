import type { Case } from '../cases/case.ts';
import type { Fact } from '../facts/fact.ts';
import { fold, isCommon, lettersIn, wordsOf } from './words.ts';

/** What a case is found by. */
export interface CaseTerms {
  words: string[];
  /** What finds it only as a whole: its number and what other systems call it. */
  exact: string[];
}

/** Each word costs a write, so that a case is found by so many at most. */
export const MAX_CASE_WORDS = 64;

/** The fields of a case that it is found by. */
const FIELDS: readonly string[] = ['title', 'labels', 'product', 'description', 'externalId'];

/**
 * What a case is found by: all words of its title, labels and product and, of its description, the longest until there
 * are `MAX_CASE_WORDS`, because long words tell texts apart.
 */
export const caseTerms = ({ title, labels = [], product = '', description = '', ...subject }: Case): CaseTerms => {
  const first = wordsOf([title, ...labels, product].join('\n'));
  const rest = wordsOf(description).sort((a, b) => lettersIn(b) - lettersIn(a));
  const words = new Set([...first, ...rest].filter((word) => !isCommon(word)));
  return { words: [...words].slice(0, MAX_CASE_WORDS), exact: exactTerms(subject) };
};

/** What finds a case only as a whole. */
export const exactTerms = ({ caseNumber, externalId }: Pick<Case, 'caseNumber' | 'externalId'>): string[] => [
  ...new Set([caseNumber, externalId].flatMap((value) => (value ? fold(value).trim() : []))),
];

/** Whether a fact may have changed what its case is found by. */
export const changesTerms = ({ type, changes = [] }: Fact): boolean =>
  type === 'case.created' || changes.some(({ field }) => FIELDS.includes(field));
