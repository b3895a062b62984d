/** Where a text is broken, the best places first: between paragraphs, lines, sentences, words. */
const PLACES = [/\n[^\S\n]*\n\s*/g, /\n\s*/g, /(?<=[.!?…。！？])\s+/gu, /\s+/g];

/** Parts are at least half full, or a worse place is taken. */
const LEAST = 0.5;

/** A family of emoji has 25; it is seen whole only with what follows it. */
const LONGEST_SIGN = 100;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Breaks a text into parts of at most `longest` characters (UTF-16), in order, at the most sensible places there are.
 * Nothing is lost but the white space at the breaks, and no sign that people see as one is torn unless it is longer.
 */
export const splitText = (text: string, longest: number): string[] => {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest.length > longest) {
    const { end, next } = breakIn(rest, longest);
    parts.push(rest.slice(0, end));
    rest = rest.slice(next);
  }
  return [...parts, rest];
};

/** Where a part ends, and where the next one begins. */
const breakIn = (text: string, longest: number): { end: number; next: number } => {
  const window = text.slice(0, longest + 1);
  for (const place of PLACES) {
    const last = [...window.matchAll(place)].findLast(({ index }) => index >= longest * LEAST && index <= longest);
    if (last) {
      // The white space may go on behind the window.
      const behind = text.slice(last.index + last[0].length);
      return { end: last.index, next: text.length - behind.trimStart().length };
    }
  }
  const signs = [...graphemes.segment(text.slice(0, longest + LONGEST_SIGN))].map(({ index }) => index);
  const whole = signs.findLast((index) => index > 0 && index <= longest);
  const end = whole ?? (isTorn(text, longest) && longest > 1 ? longest - 1 : longest);
  return { end, next: end };
};

const isTorn = (text: string, at: number): boolean => (text.codePointAt(at - 1) ?? 0) > 0xffff;
