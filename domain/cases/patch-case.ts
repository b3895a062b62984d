import { z } from 'zod';
import { valuesAfter, whyNotLeft } from '../custom-fields/fill-fields.ts';
import { changesOfValues, GivenValues } from '../custom-fields/values.ts';
import type { Customer } from '../customers/customer.ts';
import { whyExhausted, withDraws } from '../entitlements/draw.ts';
import type { Entitlement } from '../entitlements/entitlement.ts';
import { changesOf, type Fact, type FieldChange } from '../facts/fact.ts';
import { mergedInto } from '../merge/survivor-of.ts';
import { priorityRank } from '../queues/queue.ts';
import { accept, type Decision, invalid, type Refusal, refuse } from '../refusal.ts';
import { type Catalogue, judgeProduct } from '../settings/product.ts';
import type { Clocks } from '../sla/clocks.ts';
import { followCase } from '../sla/follow-case.ts';
import { Instant } from '../time.ts';
import { Case, CaseFields, type SlaSource } from './case.ts';
import { type Caller, type CaseChange, type CaseFile, type Rules, revised } from './case-file.ts';
import type { Hold } from './hold.ts';
import { isOnHold, permittedTransitions } from './status-reasons.ts';

const {
  title,
  customerId,
  origin,
  contactId,
  severity,
  subjectId,
  caseType,
  product,
  description,
  labels,
  externalId,
  slaId,
  entitlementId,
  doNotDecrement,
  participants,
} = CaseFields.shape;

/** The body of an edit: what is left out stays, `null` clears. */
export const PatchCase = z
  .strictObject({
    title: title.optional(),
    customerId: customerId.optional(),
    origin: origin.optional(),
    priority: CaseFields.shape.priority.unwrap().optional(),
    statusReason: z.string().min(1).optional().describe('Another reason of status active'),
    holdUntil: Instant.nullable().describe('With a reason that is on hold: when the case comes back by itself'),
    contactId: contactId.nullable(),
    severity: severity.nullable(),
    subjectId: subjectId.nullable(),
    caseType: caseType.nullable(),
    product: product.nullable(),
    description: description.nullable(),
    labels: labels,
    externalId: externalId.nullable(),
    slaId: slaId.nullable().describe('Another SLA, by hand; null: what the entitlement, or the default, gives'),
    entitlementId: entitlementId.nullable(),
    doNotDecrement,
    participants: participants,
    customFields: GivenValues.describe('What is left out stays, `null` clears'),
  })
  .partial()
  .meta({ id: 'PatchCase' });
export type PatchCase = z.infer<typeof PatchCase>;

const patchable = [
  'title',
  'customerId',
  'origin',
  'priority',
  'statusReason',
  'contactId',
  'severity',
  'subjectId',
  'caseType',
  'product',
  'description',
  'labels',
  'externalId',
  'slaId',
  'slaSource',
  'entitlementId',
  'doNotDecrement',
  'participants',
] as const;

/** What an edit refers to, looked up before the decision. */
export interface PatchContext {
  rules: Rules;
  caller: Caller;
  now: Instant;
  /** The customer that the case has after the edit. */
  customer: Customer;
  /** The path of the subject that the case has after the edit. */
  subjectPath?: string[];
  /** Looked up where a product is named. */
  catalogue?: Catalogue;
  /** The entitlement that the case is under after the edit; it has been seen to cover it. */
  entitlement?: Entitlement;
  /** Whose word the SLA of `rules` is: the one that the case has after the edit. */
  slaSource?: SlaSource;
}

/**
 * Decides an edit. Changing the reason within active pauses or resumes the clocks; changing anything that the SLA's
 * conditions look at, or the SLA itself, gives each KPI the item that now matches, with the business time already used
 * carried over. Another entitlement, channel or exemption gives back to the old balance and takes from the new one.
 * An edit that changes nothing is accepted and writes nothing.
 */
export const patchCase = (file: CaseFile, patch: PatchCase, context: PatchContext): Decision<CaseChange> => {
  const { rules, now, customer } = context;
  const refusal = whyNotPatched(file, patch, context);
  if (refusal) return refusal;

  const caseType = patch.caseType === undefined ? file.case.caseType : (patch.caseType ?? undefined);
  const values = valuesAfter(file.case.customFields, patch.customFields ?? {}, caseType, rules.customFields);
  if (!values.accepted) return values;

  const edited = editedCase(file, { ...patch, customFields: values.value }, context);
  const wrong = whyNotLeft(file.case, edited, rules.customFields);
  if (wrong) return wrong;
  const until = holdAfter(file, edited, patch);
  const changes = [
    ...changesOf(file.case, edited, patchable),
    ...changesOfValues(file.case.customFields, edited.customFields),
    ...changesOf({ holdUntil: file.hold?.until }, { holdUntil: until }, ['holdUntil']),
  ];
  if (changes.length === 0) return accept({ before: file, after: file, facts: [] });

  const clocks = clocksAfter(file, { ...file, case: edited }, customer, rules, now);
  const { entitlement: _left, ...rest } = file;
  const { placement } = file;
  const reranked = placement && edited.priority !== file.case.priority;
  const change: CaseChange = {
    before: file,
    after: {
      ...rest,
      ...(context.entitlement && { entitlement: context.entitlement }),
      case: { ...edited, ...revised(file.case, now) },
      ...(reranked && {
        placement: { ...placement, priorityRank: priorityRank(edited.priority), revision: placement.revision + 1 },
      }),
      kpis: clocks.kpis,
      hold: until === file.hold?.until ? file.hold : heldUntil(until, file),
    },
    facts: [updated(file, customer, changes, now), ...clocks.facts],
  };
  const drawn = changes.some(({ field }) => drawsOn.includes(field)) ? withDraws(change, now) : change;
  return whyExhausted(drawn) ?? accept(drawn);
};

/** What an entitlement's balance depends on. */
const drawsOn: readonly string[] = ['customerId', 'entitlementId', 'doNotDecrement', 'origin'];

const updated = (before: CaseFile, customer: Customer, changes: FieldChange[], now: Instant): Fact => ({
  type: 'case.updated',
  occurredAt: now,
  changes,
  ...(customer.customerId !== before.case.customerId && customer.tier && { tier: customer.tier }),
});

/** Who may still change what once a case is closed; everything else needs an active case. */
const closedCaseEditors: Record<string, readonly Caller['roles'][number][]> = {
  labels: ['agent', 'supervisor', 'admin'],
  subjectId: ['supervisor', 'admin'],
  product: ['supervisor', 'admin'],
  customFields: ['supervisor', 'admin'],
};

const whyNotPatched = (
  file: CaseFile,
  patch: PatchCase,
  { rules, caller, now, catalogue = new Map() }: PatchContext,
): Refusal | undefined => {
  const { case: subject } = file;
  if (subject.status !== 'active') {
    const untouchable = Object.keys(patch).filter(
      (field) => !closedCaseEditors[field]?.some((role) => caller.roles.includes(role)),
    );
    if (untouchable.length > 0 || mergedInto(subject)) {
      return refuse(
        'CASE_NOT_ACTIVE',
        `${subject.caseNumber} is ${subject.status}: ${untouchable.join(', ')} cannot change`,
      );
    }
  }
  const named = judgeProduct(patch.product, catalogue, [subject.product]);
  if (!named.accepted) return named;
  if (patch.statusReason && patch.statusReason !== subject.statusReason) {
    const reason = rules.statusModel.reasons[patch.statusReason];
    if (!reason) return invalid('statusReason', `there is no status reason ${patch.statusReason}`);
    if (!reason.enabled) return refuse('REASON_DISABLED', `The reason ${patch.statusReason} is disabled`);
    const permitted = permittedTransitions(rules.statusModel, subject.statusReason).filter(
      (to) => rules.statusModel.reasons[to]?.status === 'active',
    );
    if (!permitted.includes(patch.statusReason)) {
      return refuse(
        'TRANSITION_NOT_ALLOWED',
        `${subject.statusReason} may not become ${patch.statusReason} by an edit`,
        { permitted },
      );
    }
  }
  if (patch.holdUntil) {
    const statusReason = patch.statusReason ?? subject.statusReason;
    if (!isOnHold({ statusReason }, rules)) return invalid('holdUntil', `${statusReason} is not on hold`);
    if (patch.holdUntil <= now) return invalid('holdUntil', 'does not lie ahead');
  }
  return undefined;
};

const editedCase = (file: CaseFile, patch: PatchCase, context: PatchContext): Case => {
  const { customer, subjectPath, rules, entitlement, slaSource } = context;
  const { subjectPath: _old, slaId: _sla, slaVersion: _version, ...fields } = { ...file.case, ...patch };
  const present = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Case.parse({
    ...Object.fromEntries(present),
    accountId: customer.parentId ?? customer.customerId,
    ...(subjectPath && { subjectPath }),
    ...(rules.sla && { slaId: rules.sla.id, slaVersion: rules.sla.version }),
    slaSource,
    entitlementId: entitlement?.entitlementId,
  });
};

/** A case that goes to another reason is told anew how long it stays there. */
const holdAfter = (file: CaseFile, edited: Case, { holdUntil }: PatchCase): Instant | undefined => {
  if (holdUntil !== undefined) return holdUntil ?? undefined;
  return edited.statusReason === file.case.statusReason ? file.hold?.until : undefined;
};

const heldUntil = (until: Instant | undefined, { case: { caseId, version } }: CaseFile): Hold | undefined =>
  until === undefined ? undefined : { caseId, until, epoch: version + 1 };

const clocksAfter = (before: CaseFile, after: CaseFile, customer: Customer, rules: Rules, now: Instant): Clocks => {
  const { statusReason } = after.case;
  const cause = statusReason === before.case.statusReason ? undefined : `status reason ${statusReason}`;
  return followCase(after, { ...rules, customer }, { now, cause });
};
