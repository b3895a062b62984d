import { describe, expect, it } from 'vitest';
import { customerTerms, isFoundBy } from '../../../domain/search/customer-terms.ts';
import { caseQuery, customerQuery, finds, isAddress } from '../../../domain/search/query.ts';
import { fold, wordsOf } from '../../../domain/search/words.ts';

describe('words', () => {
  it.each([
    ['Müller, Søren & ŁÓDŹ', ['muller', 'soren', 'lodz']],
    ['STRASSE straße Straße', ['strasse']],
    ['Ελλάδος ΕΛΛΆΔΟΣ', ['ελλαδοσ']],
    ['İstanbul ISTANBUL ıstanbul', ['istanbul']],
    ['Привет, МИР', ['привет', 'мир']],
    ['ﬁle № １２', ['file', 'no', '12']],
    ['O’Brien can’t', ['obrien', 'cant']],
    ['a 1 b2', ['b2']],
    ['请重启服务器', ['请重', '重启', '启服', '服务', '务器']],
    ['テスト error', ['テス', 'スト', 'error']],
    ['हिन्दी', ['हिन्दी']],
    ['\ud800broken', ['broken']],
  ])('of %j are %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('are folded the same whether a text is composed or not', () => {
    expect(fold('Ångström'.normalize('NFD'))).toBe(fold('Ångström'.normalize('NFC')));
  });
});

describe('a search for cases', () => {
  it.each(['CASE-000123', 'case-123', 'Case 123', '#123', '123', '[CASE-000123-4F7K]'])(
    'understands %s as a case number',
    (text) => {
      expect(caseQuery(text).exact).toContain('case-000123');
    },
  );

  it('leaves out words that stand in every text', () => {
    expect(caseQuery('The printer is not for you').words).toEqual(['printer', 'is']);
  });

  it('finds beginnings of four letters or more, and shorter words only whole', () => {
    expect([finds('prin', 'printer'), finds('vpn', 'vpn'), finds('vpn', 'vpns')]).toEqual([true, true, false]);
  });

  it.each([
    ['ada@example.com', true],
    ['<ada@example.com>', true],
    ['+44 (0)20 7946 0958', true],
    ['123', false],
    ['printer', false],
  ])('takes %s as an address: %s', (text, is) => {
    expect(isAddress(text)).toBe(is);
  });
});

describe('a customer', () => {
  const ada = {
    customerId: 'ACME-42',
    name: 'Ada Lovelace',
    email: 'Ada.Byron@Example.com',
    phone: '+44 (0)20 7946 0958',
    contactPoints: [{ channel: 'telegram', address: '@countess' }],
  };

  it.each([
    'ada',
    'LOVE',
    'love ada',
    'byron',
    'ada.byron@exa',
    'example.com',
    '+44 20 79',
    '020 7946',
    '2079460958',
    'acme-42',
    'countess',
    '@countess',
  ])('is found by %s', (text) => {
    const query = customerQuery(text);
    expect(isFoundBy(ada, query)).toBe(true);
    expect(customerTerms(ada).some((term) => term.startsWith(query[0] ?? '-'))).toBe(true);
  });

  it.each(['velace', 'ada smith', '0958', 'bob@example.com'])('is not found by %s', (text) => {
    expect(isFoundBy(ada, customerQuery(text))).toBe(false);
  });

  it('whose id nobody chose is not found by it', () => {
    expect(customerTerms({ customerId: '019c0000-0000-7000-8000-000000000000', name: 'Bob' })).toEqual(['bob']);
  });
});
