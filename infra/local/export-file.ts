import { z } from 'zod';
import { checkpointIn } from './checkpoint.ts';
import { growingFile } from './growing-file.ts';
import { HostProblem } from './host-problem.ts';
import type { Remote } from './remote.ts';

const State = z.object({ first: z.string(), next: z.string(), bytes: z.int(), rows: z.int() });

export interface ExportOptions {
  /** The address of the first page. */
  first: string;
  out: string;
  /** Called with how many rows the file has. */
  onRows?: (rows: number) => void;
}

/**
 * Writes the pages of an export into a file, one behind the other. What is certain is kept in `<out>.checkpoint`: ended
 * at any instant, the next run goes on behind the last page that is in the file as a whole.
 */
export const exportToFile = async (remote: Remote, { first, out, onRows }: ExportOptions): Promise<number> => {
  const checkpoint = checkpointIn(`${out}.checkpoint`, State);
  const before = checkpoint.read();
  if (before && before.first !== first) {
    throw new HostProblem(
      `${out} was begun as another export (${before.first}). Remove ${out}.checkpoint to begin anew.`,
    );
  }
  let { next, bytes, rows } = before ?? { next: first, bytes: 0, rows: 0 };
  const file = growingFile(out, bytes);
  try {
    for (let isMore = true; isMore; ) {
      const response = await remote.send(next);
      const text = await response.text();
      bytes = file.add(text);
      rows += Number(response.headers.get('docket-rows'));
      onRows?.(rows);
      const link = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1];
      isMore = link !== undefined;
      next = link ?? next;
      if (isMore) checkpoint.write({ first, next, bytes, rows });
    }
    checkpoint.clear();
    return rows;
  } finally {
    file.close();
  }
};
