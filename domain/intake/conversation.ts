/** Longer conversations keep the keys by which they began, and the last ones. */
const MOST = 50;
const BEGINNING = 2;

/** The keys of a conversation with those that are new, the oldest first. */
export const withKeys = (conversation: readonly string[], news: readonly string[]): string[] => {
  const keys = [...new Set([...conversation, ...news])];
  return keys.length <= MOST ? keys : [...keys.slice(0, BEGINNING), ...keys.slice(BEGINNING - MOST)];
};
