/** How programs begin the subject of what they forward, in the languages that they do it in. */
const FORWARDED = /^\s*(?:fwd?|fw|wg|tr|rv|enc|doorst|vb|inoltra|pd|переслать|转发)\s*(?:\[\d+\])?\s*[:：]/iu;

/** How they begin the subject of an answer. */
const ANSWERED = /^\s*(?:re|r|aw|antw?|sv|ref|odp|ynt|vá|bls|回复|答复|ответ)\s*(?:\[\d+\])?\s*[:：]/iu;

/** What other systems put before it: a ticket of theirs, a warning about the outside, a list’s name. */
const TAG = /^\s*\[[^\]\n]{1,60}\]\s*/u;

const withoutTags = (subject: string): string => {
  let rest = subject;
  for (let n = 0; n < 5 && TAG.test(rest); n += 1) rest = rest.replace(TAG, '');
  return rest;
};

/** Whether a mail hands on what somebody else wrote, by its subject; what answers a forwarded one is an answer. */
export const isForwarded = (subject = ''): boolean => FORWARDED.test(withoutTags(subject));

/** Whether a mail answers another, by its subject. */
export const isAnswer = (subject = ''): boolean => ANSWERED.test(withoutTags(subject));
