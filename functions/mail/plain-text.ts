import { convert } from 'html-to-text';
import type { Mail } from './read-mail.ts';

/** Longer pages are no letters; what is behind is in the mail itself. */
const LONGEST_HTML = 1_000_000;

/** What a mail says, as text; pages are made one, with the addresses of their links and without their pictures. */
export const plainText = ({ text, html }: Pick<Mail, 'text' | 'html'>): string => {
  if (text?.trim()) return text.trim();
  if (!html) return '';
  return convert(html.slice(0, LONGEST_HTML), {
    wordwrap: false,
    limits: { maxDepth: 100, maxInputLength: LONGEST_HTML, maxBaseElements: 10_000, maxChildNodes: 10_000 },
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
    ],
  }).trim();
};
