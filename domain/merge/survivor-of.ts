import type { Case } from '../cases/case.ts';
import type { CaseFile } from '../cases/case-file.ts';
import { MAX_HOPS } from './merges.ts';

/** The case that this one was merged into, if it was. */
export const mergedInto = (subject: Case): string | undefined =>
  subject.status === 'cancelled' ? subject.mergedInto : undefined;

/**
 * The case where things for `file` belong now: itself, or the end of the chain of merges that leads away from it.
 * Nothing when the chain has no end, which merging does not let happen.
 */
export const survivorOf = async (
  file: CaseFile,
  find: (caseId: string) => Promise<CaseFile | undefined>,
): Promise<CaseFile | undefined> => {
  let current: CaseFile | undefined = file;
  for (let hops = 0; current && hops <= MAX_HOPS; hops += 1) {
    const next = mergedInto(current.case);
    if (!next) return current;
    current = await find(next);
  }
  return undefined;
};
