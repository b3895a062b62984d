/** How mail programs and people begin the subject of an answer, in the languages that they do it in: `AW[2]: Re:`. */
const ANSWERED = /^(?:(?:re|aw|antw|sv|vs|ref|rif|odp|ynt|回复|答复)\s*(?:\[\d+\])?\s*[:：]\s*)+/iu;

/** Another case's key, which a merge has left behind. */
const ANY_KEY = /\[[A-Z]+-\d+-[0-9A-Z]+\]/g;

const plain = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();

/**
 * The subject of a mail about a case: what it is about, the case's key in brackets exactly once, and `Re:` exactly once
 * if it answers. It is one line whatever was handed in.
 */
export const mailSubject = (subject: string | undefined, referenceKey: string, isAnswer: boolean): string => {
  const key = `[${referenceKey}]`;
  const ours = (subject ?? '').toWellFormed().replace(ANY_KEY, (found) => (found === key ? found : ' '));
  const about = plain(ours).replace(ANSWERED, '');
  // With and without brackets, as a template may have written it.
  const [before = '', ...behind] = about.split(key).flatMap((part) => part.split(referenceKey));
  const keyed = behind.length > 0 ? `${before}${key}${behind.join(' ')}` : `${before} ${key}`;
  return plain(`${isAnswer ? 'Re: ' : ''}${keyed}`);
};
