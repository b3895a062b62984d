import { convert } from 'html-to-text';
import { inTime } from './in-time.ts';
import type { Mail } from './read-mail.ts';

/** Longer pages are no letters; what is behind is in the mail itself. */
const LONGEST_HTML = 1_000_000;

/** Pages that nest ten thousand deep take the library minutes; those that people write take it a moment. */
const TIMEOUT_MS = 5_000;
const SHOWN_OF_SOURCE = 10_000;

/** What a mail says, as text; pages are made one, with the addresses of their links and without their pictures. */
export const plainText = ({ text, html }: Pick<Mail, 'text' | 'html'>): string => {
  if (text?.trim()) return text.trim();
  if (!html) return '';
  const read = inTime(TIMEOUT_MS, () => pageAsText(html.slice(0, LONGEST_HTML)));
  return (read ?? html.slice(0, SHOWN_OF_SOURCE)).trim();
};

const pageAsText = (html: string): string =>
  convert(html, {
    wordwrap: false,
    limits: { maxDepth: 100, maxInputLength: LONGEST_HTML, maxBaseElements: 10_000, maxChildNodes: 10_000 },
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
    ],
  });
