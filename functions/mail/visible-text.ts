import EmailReplyParser from 'email-reply-parser';
import { inTime } from './in-time.ts';

/** The library’s expressions look again and again where a text is made for it; this long and no longer. */
const TIMEOUT_MS = 250;
/** Nobody writes more above what they quote. */
const LONGEST = 100_000;

/** A line that says who wrote what is quoted below it, in a language that the library does not know. */
const LONGEST_ATTRIBUTION = 1_000;
const ATTRIBUTION = /\n[^\n]*(?:\n[^\n]*)?@[^\n]*:\s*$/;

/**
 * What somebody wrote, without the mail that they answer, which programs put below it or above. What stands between
 * their own words stays. Of an answer the signature goes too. The whole text where nothing would be left.
 */
export const visibleText = (text: string, isAnswer: boolean): string => {
  const fragments = inTime(TIMEOUT_MS, () => new EmailReplyParser().read(text.slice(0, LONGEST)).getFragments());
  if (!fragments) return text;
  const isHidden = (n: number): boolean => {
    const fragment = fragments[n];
    return !fragment || fragment.isQuoted() || fragment.isEmpty() || (isAnswer && fragment.isSignature());
  };
  let first = 0;
  let last = fragments.length - 1;
  while (last >= 0 && isHidden(last)) last -= 1;
  while (isAnswer && first < last && isHidden(first)) first += 1;
  if (text.length > LONGEST && last === fragments.length - 1) return text;
  const isCut = fragments.slice(last + 1).some((fragment) => fragment.isQuoted());
  const said = fragments.slice(first, last + 1).map((fragment) => fragment.getContent());
  const visible = said.join('\n').trimEnd();
  const [head, tail] = [visible.slice(0, -LONGEST_ATTRIBUTION), visible.slice(-LONGEST_ATTRIBUTION)];
  return (isCut ? head + tail.replace(ATTRIBUTION, '') : visible).trim() || text;
};
