import { describe, expect, it } from 'vitest';
import type { ArticleVersion } from '../../../domain/articles/article.ts';
import {
  type ArticleQuery,
  articleWords,
  digestOf,
  isFound,
  MAX_LEADS,
  queryWords,
  termsOf,
  termsToRead,
} from '../../../domain/articles/find-articles.ts';
import { EARLIER } from '../../support/case-builders.ts';

const version = (fields: Partial<ArticleVersion>): ArticleVersion => ({
  articleId: '0196b3a0-0000-7000-8000-00000000000a',
  version: 1,
  state: 'draft',
  title: 'Printers on fire',
  body: '',
  visibility: 'internal',
  writtenBy: 'anna',
  writtenOn: EARLIER,
  ...fields,
});
const found = (fields: Partial<ArticleVersion>, q: string, query: Partial<ArticleQuery> = {}) =>
  isFound(digestOf(version(fields)), { words: queryWords(q), state: 'draft', ...query });

describe('an article is found', () => {
  it.each([
    ['a word of its title', { title: 'The Printer is on fire' }, 'printer'],
    ['the beginning of a word from four letters on', { title: 'Printers' }, 'prin'],
    ['a word of its labels', { labels: ['Hazard'] }, 'hazard'],
    ['a word deep in its body', { body: `${'Lorem ipsum dolor. '.repeat(500)} Ventilator` }, 'ventilator'],
    ['an error code, however long its body', { body: `${lorem(3_000)} E0x80070005` }, 'e0x80070005'],
    ['words that are written with other accents and cases', { title: 'Überhitzung' }, 'uberhitzung'],
    ['all words of several', { title: 'Printer', body: 'toner' }, 'toner printer'],
  ])('by %s', (_, fields, q) => {
    expect(found(fields, q)).toBe(true);
  });

  it.each([
    ['the beginning of a short word', { title: 'Fax' }, 'fa'],
    ['one word of several', { title: 'Printer' }, 'printer scanner'],
  ])('not by %s', (_, fields, q) => {
    expect(found(fields, q)).toBe(false);
  });

  it('under its subject and all above it, in its language and its visibility', () => {
    const fields = { subjectId: 'fuser', subjectPath: ['hardware', 'printer', 'fuser'], language: 'en' };
    for (const subjectId of fields.subjectPath) expect(found(fields, 'fire', { subjectId })).toBe(true);
    expect(found(fields, 'fire', { subjectId: 'billing' })).toBe(false);
    expect(found(fields, 'fire', { language: 'de' })).toBe(false);
    expect(found(fields, 'fire', { visibility: 'external' })).toBe(false);
  });
});

it('what an article is listed under fits into one transaction, however much it says', () => {
  const digest = digestOf(version({ body: lorem(20_000), subjectPath: ['a', 'b', 'c', 'd', 'e'] }));
  expect(termsOf(digest)).toHaveLength(MAX_LEADS + 6);
  expect(articleWords({ title: 'One', body: '' })).toEqual(['one']);
});

it('every list that a search reads holds what it finds', () => {
  const digest = digestOf(version({ title: 'Replace the fuser of a printer', subjectPath: ['hardware'] }));
  const query: ArticleQuery = { words: queryWords('fuse printer'), subjectId: 'hardware', state: 'draft' };
  expect(isFound(digest, query)).toBe(true);
  expect(termsOf(digest)).toEqual(expect.arrayContaining(termsToRead(query)));
  expect(termsToRead({ words: [], state: 'draft' })).toEqual(['all']);
});

/** Many different words. */
function lorem(words: number): string {
  return Array.from({ length: words }, (_, n) => `${letters(n)}um`).join(' ');
}

function letters(n: number): string {
  return [...String(n).padStart(5, '0')].map((digit) => 'bcdfghklmn'[Number(digit)]).join('');
}
