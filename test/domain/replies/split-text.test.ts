import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitText } from '../../../domain/replies/split-text.ts';

describe('a text that is too long for a provider', () => {
  it.each([
    [
      'between paragraphs',
      'One, two.\nThree.\n\nFour, five, six, seven.',
      30,
      ['One, two.\nThree.', 'Four, five, six, seven.'],
    ],
    ['between lines', 'First line here\nSecond line here', 20, ['First line here', 'Second line here']],
    ['between sentences', 'It is out. Nobody was hurt.', 20, ['It is out.', 'Nobody was hurt.']],
    ['between words', 'the printer is on fire', 12, ['the printer', 'is on fire']],
    ['between letters', 'abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['not within what is seen as one sign', 'aaa👩‍👩‍👧‍👦b', 12, ['aaa', '👩‍👩‍👧‍👦b']],
    ['not at all when it fits', ' as it is ', 10, ['as it is']],
  ])('is broken %s', (_, text, longest, parts) => {
    expect(splitText(text, longest)).toEqual(parts);
  });

  it('comes whole, in order, in parts that fit; only white space at the breaks is lost', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(' ', '\n', '\n\n', '. ', '👩‍👩‍👧‍👦', 'e\u0301', 'word '),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 2, max: 50 }), (pieces, longest) => {
        const text = pieces.join('').toWellFormed();
        const parts = splitText(text, longest);
        const dense = (one: string) => one.replaceAll(/\s+/g, '');
        expect(dense(parts.join(''))).toBe(dense(text));
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(longest);
          expect(part.isWellFormed()).toBe(true);
        }
        expect(parts.slice(0, -1).every((part) => part.length > 0)).toBe(true);
      }),
    );
  });
});
