import { z } from 'zod';
import { Slug } from '../cases/case.ts';
import { accept, type Decision, refuse } from '../refusal.ts';

/** A node of the subject tree. One that is not enabled stays on the cases that have it, and no other case gets it. */
export const Subject = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    parentId: Slug.optional(),
    enabled: z.boolean().default(true),
  })
  .meta({ id: 'Subject' });
export type Subject = z.infer<typeof Subject>;

/** A subject tree may be this deep. */
export const MAX_SUBJECT_DEPTH = 5;

/** Trees that are deeper than this are picked from wrongly; whoever makes one is warned. */
export const ADVISED_SUBJECT_DEPTH = 3;

/**
 * The ids from the root down to `subjectId`, or nothing when it or something above it does not exist.
 * `find` reads one subject; the walk ends after as many steps as a legal tree has levels.
 */
export const subjectPath = async (
  subjectId: string,
  find: (id: string) => Promise<Subject | undefined>,
): Promise<string[] | undefined> => {
  const path: string[] = [];
  for (let id: string | undefined = subjectId; id && path.length < MAX_SUBJECT_DEPTH; ) {
    const subject: Subject | undefined = await find(id);
    if (!subject) return undefined;
    path.unshift(id);
    id = subject.parentId;
  }
  return path;
};

/**
 * Decides whether `subjectId` may stand where `subject` says, given the whole tree as it is.
 * Refuses a parent that does not exist, a parent below itself, and a branch that would become deeper than five.
 */
export const placeSubject = (
  subjectId: string,
  subject: Subject,
  tree: ReadonlyMap<string, Subject>,
): Decision<Subject, 'VALIDATION_FAILED' | 'SUBJECT_CYCLE' | 'SUBJECT_TOO_DEEP'> => {
  const proposed = new Map(tree).set(subjectId, subject);
  let above = 0;
  for (let id = subject.parentId; id; id = proposed.get(id)?.parentId) {
    if (id === subjectId) return refuse('SUBJECT_CYCLE', `${subjectId} would stand below itself`);
    if (!proposed.has(id)) {
      const message = `there is no subject ${id}`;
      return { ...refuse('VALIDATION_FAILED', message), errors: [{ path: 'parentId', message }] };
    }
    above += 1;
  }
  if (above + heightOf(subjectId, proposed) > MAX_SUBJECT_DEPTH) {
    return refuse('SUBJECT_TOO_DEEP', `A subject tree has at most ${MAX_SUBJECT_DEPTH} levels`);
  }
  return accept(subject);
};

/** How many levels a subject stands deep in the tree, itself included. */
export const depthOf = (subjectId: string, tree: ReadonlyMap<string, Subject>): number => {
  let depth = 0;
  for (let id: string | undefined = subjectId; id && depth < tree.size; id = tree.get(id)?.parentId) depth += 1;
  return depth;
};

const heightOf = (subjectId: string, tree: ReadonlyMap<string, Subject>): number => {
  const children = [...tree].filter(([, { parentId }]) => parentId === subjectId);
  return 1 + Math.max(0, ...children.map(([id]) => heightOf(id, tree)));
};
