import { z } from 'zod';
import { noActivities } from '../activities/activity.ts';
import { valuesAfter, whyNotFilled } from '../custom-fields/fill-fields.ts';
import type { Customer } from '../customers/customer.ts';
import { whyExhausted, withDraws } from '../entitlements/draw.ts';
import type { Entitlement } from '../entitlements/entitlement.ts';
import { noChildren } from '../hierarchy/family.ts';
import { inheritFields } from '../hierarchy/inherit-fields.ts';
import { parentMustBeActive, whyNoChildUnder } from '../hierarchy/open-under.ts';
import type { LinkChange } from '../links/link.ts';
import type { Owner } from '../people/owner.ts';
import { stageClocks } from '../process/stage-clocks.ts';
import { beginFlow, chooseFlow } from '../process/stages.ts';
import { type Placement, priorityRank } from '../queues/queue.ts';
import { accept, type Decision, invalid, refuse } from '../refusal.ts';
import { type Catalogue, judgeProduct } from '../settings/product.ts';
import { inTurn, startClocks } from '../sla/clocks.ts';
import { Instant } from '../time.ts';
import type { Case } from './case.ts';
import { CaseFields, CaseId, OwnerId, Slug } from './case.ts';
import type { Caller, CaseChange, CaseFile, Fence, Rules } from './case-file.ts';
import { caseLookup } from './case-lookup.ts';
import { IN_PROGRESS } from './status-reasons.ts';

/** The body of a creation. With `parentId`, title and customer may be left out. */
export const CreateCase = CaseFields.partial({ title: true, customerId: true })
  .extend({
    priority: CaseFields.shape.priority.unwrap().optional(),
    parentId: CaseId.optional(),
    ownerId: OwnerId.optional(),
    queueId: Slug.optional(),
    route: z
      .boolean()
      .optional()
      .describe('Default: unless its queue or owner is given. Without either, `false` leaves the case in no queue'),
    applySla: z.boolean().default(true),
    createdOn: Instant.optional().describe('For imports: admins only'),
    outbound: z
      .strictObject({
        channelId: Slug,
        to: z.string().trim().min(1).max(320),
        text: z.string().trim().min(1).max(64_000),
        subject: z.string().trim().min(1).max(400).optional(),
      })
      .optional()
      .describe('The message that the case is opened with, over a channel that can begin'),
  })
  .meta({ id: 'CreateCase' });
export type CreateCase = z.infer<typeof CreateCase>;

/** Fills what a new child takes from its parent; a case without a parent stays as it was asked for. */
export const withInheritance = (command: CreateCase, parent: CaseFile | undefined, rules: Rules): CreateCase =>
  parent ? CreateCase.parse({ ...command, ...inheritFields(command, parent, rules) }) : command;

/** Ids that the new case gets. */
export interface NewCaseIds {
  caseId: string;
  caseNumber: string;
  referenceKey: string;
}

/** What a creation refers to, looked up before the decision. */
export interface CreateCaseContext {
  ids: NewCaseIds;
  customer: Customer;
  parent?: CaseFile;
  /** The case that this one goes on from. */
  previous?: CaseFile;
  subjectPath?: string[];
  /** Looked up where a product is named. */
  catalogue?: Catalogue;
  /** The owner that the command names. */
  owner?: Owner;
  /** The entitlement that the case comes under; it has been seen to cover it. */
  entitlement?: Entitlement;
  /** With the SLA that was chosen by hand, or else the entitlement's, or else the default. */
  rules: Rules;
  caller: Caller;
  now: Instant;
  /** A message opens it, whoever records that: nobody fills in what people must. */
  opensByItself?: boolean;
}

/**
 * Decides a creation; `command` has inherited already. A new case is active and in progress. It waits for routing
 * unless its queue or owner is known, and its clocks start with it: an agent who logs a live call or chat has answered
 * it at that moment. It takes from its entitlement in the same moment, and is refused when that has too little left.
 */
export const createCase = (
  command: CreateCase,
  {
    ids,
    customer,
    parent,
    previous,
    subjectPath,
    catalogue = new Map(),
    owner,
    entitlement,
    rules,
    caller,
    now,
    opensByItself,
  }: CreateCaseContext,
): Decision<CaseChange> => {
  const { title, customerId, queueId, route, applySla, slaId: _chosen, createdOn = now, outbound, ...fields } = command;
  if (!title) return invalid('title', 'is required');
  if (!customerId) return invalid('customerId', 'is required');
  if (createdOn > now) return invalid('createdOn', 'lies in the future');
  if (command.createdOn && !caller.roles.includes('admin')) return refuse('FORBIDDEN', 'Only admins set createdOn');
  const refusal = parent && whyNoChildUnder(parent, rules.caseSettings);
  if (refusal) return refusal;
  // What a message or another system opens is not lost for a name.
  const named = isPerson(caller)
    ? judgeProduct(fields.product, catalogue, [parent?.case.product, previous?.case.product])
    : accept(undefined);
  if (!named.accepted) return named;
  const values = valuesAfter(undefined, fields.customFields ?? {}, fields.caseType, rules.customFields);
  if (!values.accepted) return values;

  const opened: Case = {
    ...fields,
    customFields: values.value,
    ...ids,
    title,
    customerId,
    accountId: customer.parentId ?? customer.customerId,
    priority: fields.priority ?? 'normal',
    ...(subjectPath && { subjectPath }),
    ...(applySla && rules.sla && { slaId: rules.sla.id, slaVersion: rules.sla.version }),
    ...(outbound && { excludedFromFirstResponse: true }),
    ...(isOpenedByAgent(command, caller) && { excludedFromFirstResponse: true, receivedBy: caller.userId }),
    ...slaSourceOf(command, entitlement, rules),
    entitlementId: entitlement?.entitlementId,
    status: 'active',
    statusReason: IN_PROGRESS,
    reopenCount: 0,
    createdOn,
    createdBy: caller.userId,
    modifiedOn: now,
    version: 1,
  };
  const flow = chooseFlow(rules.flows, caseLookup(opened, customer));
  const { case: subject, facts: staged } = beginFlow(opened, flow, createdOn);
  const mustFill = isPerson(caller) && !command.createdOn && !opensByItself;
  const unfilled = whyNotFilled(subject, rules.customFields, mustFill);
  if (unfilled) return unfilled;
  const answered = answeredByLogging(subject.origin, caller);
  const placement = firstPlacement(subject, { queueId: queueId ?? owner?.defaultQueueId, route, now });
  const activities = { ...noActivities(ids.caseId), ...(answered && { firstRespondedOn: createdOn }) };
  const promised = { ...rules, customer, sla: applySla ? promisedBy(rules.sla, outbound !== undefined) : undefined };
  const seen = { case: subject, placement, activities };
  const clocks = inTurn(
    { kpis: [] },
    () => startClocks(seen, promised, { answered, now }),
    ({ kpis }) => (applySla ? stageClocks(undefined, { ...seen, kpis }, { ...rules, flow }, now) : { kpis, facts: [] }),
  );

  const change: CaseChange = {
    after: {
      case: subject,
      ...(placement && { placement }),
      family: noChildren(ids.caseId),
      activities,
      kpis: clocks.kpis,
      ...(entitlement && { entitlement }),
    },
    facts: [
      {
        type: 'case.created',
        occurredAt: createdOn,
        ...(subject.parentId && { parentId: subject.parentId }),
        ...(subject.receivedBy && { receivedBy: subject.receivedBy, excludedFromFirstResponse: true }),
        ...(subject.previousCaseId && { previousCaseId: subject.previousCaseId }),
        ...(answered && { firstResponse: true }),
        ...(customer.tier && { tier: customer.tier }),
      },
      ...staged,
      ...clocks.facts,
    ],
    ...(previous && { links: [linkToPrevious(subject, previous, caller)] }),
    fences: [
      ...(owner ? [{ type: 'ownerIsThere', ownerId: owner.ownerId } satisfies Fence] : []),
      ...(parent
        ? [
            {
              type: 'childOpens',
              parentId: parent.case.caseId,
              parentVersion: parent.case.version,
              parentMustBeActive: parentMustBeActive(rules.caseSettings),
              link: { maxChildren: rules.caseSettings.maxChildren, attachedOn: now },
            } satisfies Fence,
          ]
        : []),
    ],
  };
  const drawn = withDraws(change, now);
  return whyExhausted(drawn) ?? accept(drawn);
};

/** Who is written to first waits for no first answer. */
const promisedBy = (sla: Rules['sla'], isOutward: boolean): Rules['sla'] =>
  sla && isOutward
    ? { ...sla, document: { ...sla.document, items: sla.document.items.filter(({ kpi }) => kpi !== 'firstResponse') } }
    : sla;

/** A child that a person opens was asked for by no customer; an imported one was, or nobody knows. */
const isOpenedByAgent = ({ parentId, createdOn }: CreateCase, { roles }: Caller): boolean =>
  parentId !== undefined && createdOn === undefined && !roles.includes('integration');

const linkToPrevious = ({ caseId, createdOn }: Case, { case: previous }: CaseFile, { userId }: Caller): LinkChange => ({
  after: {
    caseId,
    otherId: previous.caseId,
    kind: 'previous',
    direction: 'outgoing',
    linkedOn: createdOn,
    linkedBy: userId,
  },
  otherVersion: previous.version,
});

const slaSourceOf = (
  { applySla, slaId }: CreateCase,
  entitlement: Entitlement | undefined,
  { sla }: Rules,
): Pick<Case, 'slaSource'> => {
  if (!applySla || slaId) return { slaSource: 'manual' };
  return sla ? { slaSource: sla.id === entitlement?.slaId ? 'entitlement' : 'default' } : {};
};

const liveOrigins: readonly string[] = ['phone', 'chat'];
const isPerson = ({ roles }: Caller): boolean => !roles.includes('integration');
const answeredByLogging = (origin: string, caller: Caller): boolean => liveOrigins.includes(origin) && isPerson(caller);

const firstPlacement = (
  subject: Case,
  { queueId, route, now }: { queueId?: string; route?: boolean; now: Instant },
): Placement | undefined => {
  const place = { caseId: subject.caseId, since: now, priorityRank: priorityRank(subject.priority), revision: 1 };
  if (route ?? (!queueId && !subject.ownerId)) return { ...place, state: 'awaitingRouting' };
  return queueId ? { ...place, state: 'queued', queueId } : undefined;
};
