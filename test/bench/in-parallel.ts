/** Does something so many times, a few at once. */
export const inParallel = async (
  times: number,
  atOnce: number,
  act: (n: number) => Promise<unknown>,
): Promise<void> => {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < times) {
      next += 1;
      await act(next);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
};
