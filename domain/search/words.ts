/** Letters that Unicode does not take apart although people leave out what makes them special. */
const PLAIN: Readonly<Record<string, string>> = {
  ς: 'σ',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  ħ: 'h',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
};

/** Accents, Hebrew points and Arabic vowel signs. Marks of other scripts are letters there and stay. */
const ACCENTS = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670]/g;

/** A text as it is compared: without case, accents and the forms of letters that only look different. */
export const fold = (text: string): string =>
  text
    .toWellFormed()
    .normalize('NFKD')
    .replace(ACCENTS, '')
    // To capitals first: only so do ß and ss become equal.
    .toUpperCase()
    .toLowerCase()
    .replace(/[ςøđðłħæœþ]/g, (letter) => PLAIN[letter] ?? letter)
    .normalize('NFC');

/** Scripts that write no spaces between words. */
const UNSPACED =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}ー';
const RUN = new RegExp(`[${UNSPACED}]+|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])+`, 'gu');
const isUnspaced = new RegExp(`^[${UNSPACED}]`, 'u');
const APOSTROPHE = /(?<=\p{L})['’](?=\p{L})/gu;

/** Nobody types a longer word; what is longer is an encoded file or a key. */
const MAX_LETTERS = 40;

/**
 * The different words of a text, folded, in order. Scripts without spaces give each pair of neighbouring characters, as
 * search engines do where they have no dictionary. Single letters and digits are no words.
 */
export const wordsOf = (text: string): string[] => {
  const runs = fold(text).replace(APOSTROPHE, '').match(RUN) ?? [];
  return [...new Set(runs.flatMap((run) => (isUnspaced.test(run) ? pairs(run) : lettered(run))))];
};

const pairs = (run: string): string[] => {
  const letters = [...run];
  return letters.length === 1 ? letters : letters.slice(1).map((letter, n) => `${letters[n]}${letter}`);
};

const lettered = (run: string): string[] => {
  const letters = [...run].slice(0, MAX_LETTERS);
  return letters.length > 1 ? [letters.join('')] : [];
};

/** The first letters of a word; `count` may be more than it has. */
export const firstLetters = (word: string, count: number): string => [...word].slice(0, count).join('');

/** How many letters a word has, as people count them. */
export const lettersIn = (word: string): number => [...word].length;

const COMMON = new Set(
  `the and for are was were with this that from have has had been will would can not but our your you they them their
   what when where which how der die das und nicht ist mit für ein eine einen sich auf dem den les des une est pour dans
   avec que las los una por para con del`
    .split(/\s+/)
    .map(fold),
);

/** Whether a word stands in nearly every text of some language and so finds nothing. */
export const isCommon = (word: string): boolean => COMMON.has(word);
