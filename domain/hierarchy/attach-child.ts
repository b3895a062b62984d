import { z } from 'zod';
import { Case, CaseId } from '../cases/case.ts';
import { type CaseChange, type CaseFile, type Fence, type Rules, revised } from '../cases/case-file.ts';
import { changesOfValues } from '../custom-fields/values.ts';
import type { Customer } from '../customers/customer.ts';
import { changesOf } from '../facts/fact.ts';
import { type Placement, priorityRank } from '../queues/queue.ts';
import { accept, type Decision, refuse } from '../refusal.ts';
import { isPlainField } from '../settings/case-settings.ts';
import { followCase } from '../sla/follow-case.ts';
import type { Instant } from '../time.ts';
import { type Inherited, inheritFields } from './inherit-fields.ts';
import { parentMustBeActive, whyNoChildUnder } from './open-under.ts';

/** The body that attaches a case to a parent. */
export const AttachChild = z.strictObject({ parentId: CaseId }).meta({ id: 'AttachChild' });

/** What an attachment needs besides the two cases. */
export interface AttachContext {
  /** Those of the child. */
  rules: Rules;
  /** The child's customer: conditions of its SLA may look at them. */
  customer: Customer;
  now: Instant;
  /** One that waits for routing goes on waiting for it, instead of going to its parent's queue. */
  leaveToRouting?: boolean;
}

/** Decides that an active case becomes a child. Attaching one to the parent that it has changes nothing. */
export const attachChild = (
  child: CaseFile,
  parent: CaseFile,
  { rules, customer, now, leaveToRouting }: AttachContext,
): Decision<CaseChange> => {
  const { case: subject } = child;
  if (subject.parentId === parent.case.caseId) return accept({ before: child, after: child, facts: [] });
  if (subject.status !== 'active') return refuse('CASE_NOT_ACTIVE', `${subject.caseNumber} is ${subject.status}`);
  if (subject.parentId) return refuse('ALREADY_HAS_PARENT', `${subject.caseNumber} has a parent already`);
  if (child.family.childCount > 0) return refuse('PARENT_AS_CHILD', `${subject.caseNumber} is a parent itself`);
  if (subject.caseId === parent.case.caseId) return refuse('PARENT_AS_CHILD', 'A case cannot be its own parent');
  const refusal = whyNoChildUnder(parent, rules.caseSettings);
  if (refusal) return refusal;

  const inherited = inheritFields({ ...subject, queueId: child.placement?.queueId }, parent, rules);
  const { queueId: _place, ...fields } = inherited;
  const { caseId: parentId } = parent.case;
  const attached = Case.parse({
    ...subject,
    ...fields,
    ...pathOf(inherited, parent),
    parentId,
    ...revised(subject, now),
  });
  const waits = leaveToRouting && child.placement?.state === 'awaitingRouting';
  const placement = waits ? child.placement : placementUnder(child, inherited, now);
  const selected = rules.caseSettings.inheritedFields.filter(isPlainField);
  const changed = ['parentId', ...selected.filter((field) => field !== 'queueId')] as const;
  const changes = [
    ...changesOf(subject, attached, changed),
    ...changesOfValues(subject.customFields, attached.customFields),
    ...changesOf<Partial<Placement>>(child.placement ?? {}, placement ?? {}, ['queueId']),
  ];
  // What was inherited may be what the SLA's conditions look at.
  const clocks = followCase({ ...child, case: attached }, { ...rules, customer }, { now });
  return accept({
    before: child,
    after: { ...child, case: attached, kpis: clocks.kpis, ...(placement && { placement }) },
    facts: [{ type: 'case.parentChanged', occurredAt: now, changes }, ...clocks.facts],
    fences: [
      { type: 'isNoParent' },
      ...(attached.ownerId && attached.ownerId !== subject.ownerId
        ? [{ type: 'ownerIsThere', ownerId: attached.ownerId } satisfies Fence]
        : []),
      {
        type: 'childOpens',
        parentId: parent.case.caseId,
        parentVersion: parent.case.version,
        parentMustBeActive: parentMustBeActive(rules.caseSettings),
        link: { maxChildren: rules.caseSettings.maxChildren, attachedOn: now },
      },
    ],
  });
};

const pathOf = (inherited: Inherited, parent: CaseFile): Pick<Case, 'subjectPath'> =>
  inherited.subjectId && parent.case.subjectPath ? { subjectPath: parent.case.subjectPath } : {};

/**
 * An active case that stands in no queue and is nobody's goes to its parent's queue. One that still waits for routing
 * need not wait any more once it has a queue or an owner.
 */
const placementUnder = (
  { case: subject, placement }: CaseFile,
  { queueId, ownerId }: Inherited,
  now: Instant,
): Placement | undefined => {
  if (subject.ownerId) return placement;
  const { caseId } = subject;
  const place = { caseId, since: now, priorityRank: priorityRank(subject.priority) };
  const revision = (placement?.revision ?? 0) + 1;
  if (typeof queueId === 'string') return { ...place, state: 'queued', queueId, revision };
  return ownerId && placement?.state === 'awaitingRouting' ? { ...place, state: 'left', revision } : placement;
};
