/** Things are worked on this many at a time, unless told. */
const AT_ONCE = 8;

/** Does the same with each of many things, some at a time, and answers the results in the things' order. */
export const inParallel = async <Thing, Result>(
  things: readonly Thing[],
  act: (thing: Thing) => Promise<Result>,
  atOnce = AT_ONCE,
): Promise<Result[]> => {
  const left = [...things.entries()];
  const results: Result[] = [];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) results[next[0]] = await act(next[1]);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
};
