/** The ids that a header such as References names, in their order; some systems leave out the brackets. */
export const messageIdsIn = (value = ''): string[] => {
  const bracketed = value.match(/<[^<>\s]{1,500}>/g);
  if (bracketed) return [...new Set(bracketed)];
  const bare = value.split(/[\s,]+/).filter((word) => /^[^<>\s@]{1,250}@[^<>\s@]{1,250}$/.test(word));
  return [...new Set(bare.map((word) => `<${word}>`))];
};

/** A thread may be years long; its beginning and its last messages are the ones that we know. */
const MOST = 50;

/** The messages that a mail answers, the closest first: what it says it replies to, then the thread from its end. */
export const answeredBy = ({ inReplyTo, references }: { inReplyTo?: string; references?: string }): string[] => {
  const thread = messageIdsIn(references).reverse();
  const ids = [...new Set([...messageIdsIn(inReplyTo), ...thread])];
  return ids.length > MOST ? [...ids.slice(0, MOST - 1), ...ids.slice(-1)] : ids;
};
