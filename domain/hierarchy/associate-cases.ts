import { z } from 'zod';
import { CaseId } from '../cases/case.ts';
import type { CaseChange, CaseFile, Fence } from '../cases/case-file.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { type AttachContext, attachChild } from './attach-child.ts';

/** The body of an association: cases of which one becomes the parent of all others. */
export const AssociateCases = z
  .strictObject({
    parentId: CaseId,
    caseIds: z
      .array(CaseId)
      .min(2)
      .max(25)
      .refine((ids) => new Set(ids).size === ids.length, 'a case is named twice')
      .describe('The cases that were selected; the parent may be among them'),
  })
  .meta({ id: 'AssociateCases' });
export type AssociateCases = z.infer<typeof AssociateCases>;

/** A case that is to become a child, with what attaching it needs. */
export interface Candidate extends Omit<AttachContext, 'now'> {
  file: CaseFile;
}

/** An accepted association. Who was a child of that parent already is not changed. */
export interface Association {
  parent: CaseChange;
  children: CaseChange[];
}

/**
 * Decides that several cases become children of one: all of them or none. A refusal names the case that it is about. The
 * parent tells of all of them in one fact, and the cap must leave room for all: 25 children are 75 writes so, and a
 * transaction holds 100.
 */
export const associateCases = (
  candidates: readonly Candidate[],
  parent: CaseFile,
  now: Instant,
): Decision<Association> => {
  const changes: CaseChange[] = [];
  for (const { file, ...context } of candidates) {
    const decision = attachChild(file, parent, { ...context, now });
    if (!decision.accepted) {
      return { ...decision, details: { ...decision.details, caseId: file.case.caseId } };
    }
    changes.push(decision.value);
  }
  const newcomers = changes.filter(({ before, after }) => before !== after);
  const { family } = parent;
  if (newcomers.length === 0)
    return accept({ parent: { before: parent, after: parent, facts: [] }, children: changes });
  const maxChildren = candidates[0]?.rules.caseSettings.maxChildren ?? 0;
  if (family.childCount + newcomers.length > maxChildren) {
    return refuse('CHILD_LIMIT', `A parent has at most ${maxChildren} children, and this one has ${family.childCount}`);
  }
  return accept({
    parent: {
      before: parent,
      after: {
        ...parent,
        family: {
          ...family,
          childCount: family.childCount + newcomers.length,
          activeChildren: family.activeChildren + newcomers.length,
        },
      },
      facts: [
        {
          type: 'case.childrenAttached',
          occurredAt: now,
          childIds: newcomers.map(({ after }) => after.case.caseId),
        },
      ],
    },
    children: changes.map((change) => ({
      ...change,
      fences: change.fences?.map((fence) => together(fence, change.after, newcomers.length)),
    })),
  });
};

/** The fences of one child, as they are when several come together. */
const together = (fence: Fence, { case: subject }: CaseFile, newcomers: number): Fence => {
  if (fence.type === 'isNoParent' && !subject.hasFamily) return { type: 'hasNoFamily' };
  if (fence.type === 'childOpens' && fence.link) return { ...fence, link: { ...fence.link, together: newcomers } };
  return fence;
};
