/** A date, and what makes it unique: 22 bytes; each answer adds five (MS-OXOMSG, 2.2.1.3). */
const ROOT_BYTES = 22;
const ROOT_CHARACTERS = Math.ceil((ROOT_BYTES * 4) / 3);

/** What all mails of a conversation have in common that Exchange and Outlook keep together; nothing when it is none. */
export const conversationOf = (threadIndex = ''): string | undefined => {
  const packed = threadIndex.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]{30,4000}={0,2}$/.test(packed)) return undefined;
  // Two bits of the thirtieth character belong to what follows.
  const root = packed.slice(0, ROOT_CHARACTERS - 1);
  return `thread-index ${root}`;
};
