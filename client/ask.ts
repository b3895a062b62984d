/** What a command was refused with, in a line; the exit code is 1 then. */
export class Refused extends Error {}

type Answered<Data> = Promise<{ data?: Data; error?: unknown; response: Response }>;

/** What was answered, or the problem's own words. */
export const answered = async <Data>(asked: Answered<Data>): Promise<Data> => {
  const { data, error, response } = await asked.catch((cause: unknown) => {
    throw new Refused(`The service does not answer: ${cause instanceof Error ? cause.message : cause}`);
  });
  if (data !== undefined) return data;
  throw new Refused(`${response.status} ${typeof error === 'object' ? JSON.stringify(error) : error}`);
};

/** Items of a list over its pages, until there are as many as wanted. */
export const upTo = async <Item>(
  wanted: number,
  page: (cursor: string | undefined) => Promise<{ items: Item[]; nextCursor?: string }>,
): Promise<Item[]> => {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const { items: more, nextCursor } = await page(cursor);
    items.push(...more);
    cursor = nextCursor;
  } while (cursor && items.length < wanted);
  return items.slice(0, wanted);
};
