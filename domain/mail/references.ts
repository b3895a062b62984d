/** A mail's id as it stands in the headers that name it (RFC 5322, 3.6.4), without the forms that nobody writes. */
const MESSAGE_ID = /^<[!-;=?-~]+@[!-;=?-~]+>$/;

/** Whether a key of a conversation is the id of a mail. */
export const isMessageId = (key: string): boolean => MESSAGE_ID.test(key) && key.length <= 500;

/** Relays refuse headers that go on for ever. */
const MOST = 20;

/**
 * What a mail says it answers: the id of the last mail, and of what came before it in the conversation, the oldest
 * first. Of a long one the middle goes: programs build threads by the first and by the last.
 */
export const answeredMails = (
  conversation: readonly string[],
  last: string | undefined = conversation.findLast(isMessageId),
): { inReplyTo: string; references: string[] } | undefined => {
  if (last === undefined || !isMessageId(last)) return undefined;
  const at = conversation.indexOf(last);
  const before = at < 0 ? conversation : conversation.slice(0, at);
  const [first = last, ...others] = [...new Set([...before.filter(isMessageId), last])];
  return { inReplyTo: last, references: [first, ...others.slice(1 - MOST)] };
};
