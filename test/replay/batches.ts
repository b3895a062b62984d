/** So many things are done at once: what falls on one instant is sent together for different cases. */
const PARALLEL = 4;

/** Things by their key, in the order in which the keys come. */
export const groupBy = <Thing, Key>(things: readonly Thing[], keyOf: (thing: Thing) => Key): Map<Key, Thing[]> => {
  const groups = new Map<Key, Thing[]>();
  for (const thing of things) {
    const group = groups.get(keyOf(thing));
    if (group) group.push(thing);
    else groups.set(keyOf(thing), [thing]);
  }
  return groups;
};

/** Does something with each thing, a few at a time. */
export const inParallel = async <Thing>(
  things: readonly Thing[],
  work: (thing: Thing) => Promise<unknown>,
): Promise<void> => {
  const left = things.values();
  const worker = async (): Promise<void> => {
    for (const thing of left) await work(thing);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, things.length) }, worker));
};
