import { z } from 'zod';
import type { Case } from '../../domain/cases/case.ts';
import type { Customer } from '../../domain/customers/customer.ts';
import { caseTerms } from '../../domain/search/case-terms.ts';
import { customerTerms } from '../../domain/search/customer-terms.ts';
import { CASE_WORD_LEAD, CUSTOMER_TERM_LEAD } from '../../domain/search/query.ts';
import { firstLetters } from '../../domain/search/words.ts';
import type { WriteCondition } from './expression.ts';
import { caseTermsKey, customerPostingKey, exactPostingKey, type Key, wordPostingKey } from './keys.ts';
import type { Table } from './table.ts';
import { Transaction } from './transaction.ts';

/** What a case has postings for, kept beside it, so that the next change takes away what no longer holds. */
const IndexedTerms = z.object({
  caseId: z.uuid(),
  /** The version of the case that the postings follow. */
  caseVersion: z.int(),
  words: z.array(z.string()),
  exact: z.array(z.string()),
  revision: z.int(),
});
type IndexedTerms = z.infer<typeof IndexedTerms>;

/** A posting leads from some text to a case; words with the same first letters share one. */
interface Posting {
  key: Key;
  words?: string[];
  exact?: string;
}

const postingsOf = (subject: Case, { words, exact }: Pick<IndexedTerms, 'words' | 'exact'>): Posting[] => [
  ...[...Map.groupBy(words, (word) => firstLetters(word, CASE_WORD_LEAD))].map(([lead, some]) => ({
    key: wordPostingKey(subject, lead),
    words: some.sort(),
  })),
  ...exact.map((value) => ({ key: exactPostingKey(subject, value), exact: value })),
];

const textOf = ({ key, words = [] }: Posting): string => [key.PK, ...words].join(' ');

/** How many postings change in one transaction: it takes 100 writes, and the list of terms is one. */
const POSTINGS = 90;

/**
 * Makes the postings of a case follow it. What it had is compared with what it should have under a lock of its own, so
 * that however often and in whatever order changes are told, the postings end as those of the newest version. Throws
 * `LostRace` when somebody else does the same just now.
 */
export const indexCase = async (table: Table, subject: Case): Promise<void> => {
  const { caseId, version } = subject;
  const item = await table.get(caseTermsKey(caseId));
  const before = item && IndexedTerms.parse(item);
  if (before && before.caseVersion >= version) return;
  const has = new Map(postingsOf(subject, before ?? { words: [], exact: [] }).map((one) => [one.key.PK, one]));
  const wanted = new Map(postingsOf(subject, caseTerms(subject)).map((one) => [one.key.PK, one]));
  const changed = [...new Set([...wanted.keys(), ...has.keys()])].filter((pk) => {
    const [old, next] = [has.get(pk), wanted.get(pk)];
    return !old || !next || textOf(old) !== textOf(next);
  });
  let { revision, caseVersion } = before ?? { revision: 0, caseVersion: 0 };
  do {
    const transaction = new Transaction();
    for (const pk of changed.splice(0, POSTINGS)) {
      const [old, next] = [has.get(pk), wanted.get(pk)];
      if (next) {
        transaction.update(next.key, { set: { entity: 'posting', ...(next.words && { words: next.words }) } });
        has.set(pk, next);
      } else if (old) {
        transaction.forget(old.key);
        has.delete(pk);
      }
    }
    if (changed.length === 0) caseVersion = version;
    writeTerms(transaction, { caseId, caseVersion, revision: revision + 1, ...termsIn([...has.values()]) });
    await table.transact(transaction);
    revision += 1;
  } while (changed.length > 0);
};

const termsIn = (postings: readonly Posting[]): Pick<IndexedTerms, 'words' | 'exact'> => ({
  words: postings.flatMap(({ words = [] }) => words),
  exact: postings.flatMap(({ exact }) => exact ?? []),
});

const writeTerms = (transaction: Transaction, terms: IndexedTerms): void => {
  const before: WriteCondition =
    terms.revision === 1
      ? { attribute: 'PK', is: 'absent' }
      : { attribute: 'revision', is: 'equal', value: terms.revision - 1 };
  transaction.update(caseTermsKey(terms.caseId), { set: { entity: 'terms', ...terms }, conditions: [before] });
};

/** The words that each of some cases is found by, by case. */
export const wordsOfCases = async (table: Table, caseIds: readonly string[]): Promise<Map<string, string[]>> => {
  const items = await table.many(caseIds.map(caseTermsKey));
  return new Map(items.map((item) => IndexedTerms.parse(item)).map(({ caseId, words }) => [caseId, words]));
};

/** Adds to a transaction that a customer is found as it is after it, and no longer as it was before. */
export const indexCustomer = (
  transaction: Transaction,
  before: Customer | undefined,
  after: Customer | undefined,
): void => {
  const keys = (customer: Customer | undefined): Map<string, Key> =>
    new Map(
      customer &&
        customerTerms(customer).map((term) => [
          term,
          customerPostingKey(customer.customerId, term, firstLetters(term, CUSTOMER_TERM_LEAD)),
        ]),
    );
  const [had, wanted] = [keys(before), keys(after)];
  for (const [term, key] of wanted) if (!had.has(term)) transaction.update(key, { set: { entity: 'posting' } });
  for (const [term, key] of had) if (!wanted.has(term)) transaction.forget(key);
};
