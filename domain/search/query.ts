import { caseNumberIn } from '../cases/case-number.ts';
import { phoneDigits } from './phone.ts';
import { fold, isCommon, lettersIn, wordsOf } from './words.ts';

/** What somebody searches cases for. */
export interface CaseQuery {
  /** All of them must be found; those that stand in every text do not count. */
  words: string[];
  /** What the text may be as a whole. */
  exact: string[];
}

/** A search for cases, from what was typed. */
export const caseQuery = (text: string): CaseQuery => {
  const number = caseNumberIn(text);
  return {
    words: wordsOf(text).filter((word) => !isCommon(word)),
    exact: [...new Set([fold(text).trim(), ...(number ? [fold(number)] : [])])],
  };
};

/**
 * Words of a query of so many letters or more find every word that they begin; shorter ones only find themselves. It is
 * also how many letters of a word lead to it, so that beginnings lead there too.
 */
export const CASE_WORD_LEAD = 4;

/** Whether a word of a search finds a word of a case. */
export const finds = (query: string, word: string): boolean =>
  lettersIn(query) >= CASE_WORD_LEAD ? word.startsWith(query) : word === query;

/** The same for customers: who looks for a person types less. */
export const CUSTOMER_TERM_LEAD = 3;

/** A search for customers, the longest word first: each is the beginning of something that they are found by. */
export const customerQuery = (text: string): string[] => {
  const digits = phoneDigits(text.trim());
  if (digits) return [digits];
  const parts = fold(text).trim().split(/\s+/);
  const words = parts.map(withoutQuotes).flatMap((part) => (part.includes('@') ? part : wordsOf(part)));
  return [...new Set(words)].sort((a, b) => lettersIn(b) - lettersIn(a));
};

/** Addresses are pasted with what mail programs put around them. */
const withoutQuotes = (part: string): string => part.replace(/^[<("']+|[>)"',;.]+$/g, '');

/** Whether a text is a whole e-mail address or phone number, which finds the cases of whoever has it. */
export const isAddress = (text: string): boolean => {
  const trimmed = withoutQuotes(text.trim());
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(trimmed) || (phoneDigits(trimmed)?.length ?? 0) >= SHORTEST_PHONE;
};

const SHORTEST_PHONE = 7;
