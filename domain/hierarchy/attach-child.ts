import { z } from 'zod';
import { Case, CaseId } from '../cases/case.ts';
import { type CaseChange, type CaseFile, type Rules, revised } from '../cases/case-file.ts';
import { changesOf } from '../facts/fact.ts';
import { type Placement, priorityRank } from '../queues/queue.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import type { Instant } from '../time.ts';
import { type Inherited, inheritFields } from './inherit-fields.ts';
import { parentMustBeActive, whyNoChildUnder } from './open-under.ts';

/** The body that attaches a case to a parent. */
export const AttachChild = z.strictObject({ parentId: CaseId }).meta({ id: 'AttachChild' });

/** Decides that an existing case becomes a child. Attaching it to the parent that it has changes nothing. */
export const attachChild = (child: CaseFile, parent: CaseFile, rules: Rules, now: Instant): Decision<CaseChange> => {
  const { case: subject } = child;
  if (subject.parentId === parent.case.caseId) return accept({ before: child, after: child, facts: [] });
  if (subject.parentId) return refuse('ALREADY_HAS_PARENT', `${subject.caseNumber} has a parent already`);
  if (child.family.childCount > 0) return refuse('PARENT_AS_CHILD', `${subject.caseNumber} is a parent itself`);
  if (subject.caseId === parent.case.caseId) return refuse('PARENT_AS_CHILD', 'A case cannot be its own parent');
  const refusal = whyNoChildUnder(parent, rules.caseSettings);
  if (refusal) return refusal;

  const inherited = inheritFields(
    { ...subject, queueId: child.placement?.queueId },
    parent,
    rules.caseSettings.inheritedFields,
  );
  const { queueId, ...fields } = inherited;
  const { caseId: parentId } = parent.case;
  const attached = Case.parse({
    ...subject,
    ...fields,
    ...pathOf(inherited, parent),
    parentId,
    ...revised(subject, now),
  });
  const placement = typeof queueId === 'string' ? inheritedPlacement(child, queueId, now) : child.placement;
  const changed = ['parentId', ...rules.caseSettings.inheritedFields.filter((field) => field !== 'queueId')] as const;
  return accept({
    before: child,
    after: { ...child, case: attached, ...(placement && { placement }) },
    facts: [{ type: 'case.parentChanged', occurredAt: now, changes: changesOf(subject, attached, changed) }],
    fences: [
      { type: 'isNoParent' },
      {
        type: 'childOpens',
        parentId: parent.case.caseId,
        parentVersion: parent.case.version,
        childIsActive: subject.status === 'active',
        parentMustBeActive: parentMustBeActive(rules.caseSettings),
        link: { maxChildren: rules.caseSettings.maxChildren, attachedOn: now },
      },
    ],
  });
};

const pathOf = (inherited: Inherited, parent: CaseFile): Pick<Case, 'subjectPath'> =>
  inherited.subjectId && parent.case.subjectPath ? { subjectPath: parent.case.subjectPath } : {};

/** An active case that stands in no queue goes to its parent's; one that still waits for routing need not wait any more. */
const inheritedPlacement = (child: CaseFile, queueId: string, now: Instant): Placement | undefined => {
  if (child.case.status !== 'active' || child.case.ownerId) return child.placement;
  const revision = (child.placement?.revision ?? 0) + 1;
  const rank = priorityRank(child.case.priority);
  return { caseId: child.case.caseId, state: 'queued', queueId, since: now, priorityRank: rank, revision };
};
