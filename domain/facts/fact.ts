import { z } from 'zod';
import { FollowingPosition } from '../customers/following.ts';
import { ErasurePosition } from '../erasure/erasure-position.ts';
import { CaseLink } from '../links/link.ts';
import { HandOverPosition } from '../people/hand-over.ts';
import { RecomputationPosition } from '../sla/recomputation.ts';
import { Instant } from '../time.ts';

/** One field of a case before and after. */
export const FieldChange = z
  .object({ field: z.string(), old: z.unknown().optional(), new: z.unknown().optional() })
  .meta({ id: 'FieldChange' });
export type FieldChange = z.infer<typeof FieldChange>;

/** `occurredAt` is when it happened in the world; when it was recorded is on the stored event. */
const fact = <Type extends string, Shape extends z.core.$ZodShape>(type: Type, shape: Shape) =>
  z.object({ type: z.literal(type), occurredAt: Instant, changes: z.array(FieldChange).optional(), ...shape });

const kpi = {
  kpi: z.string(),
  generation: z.number().int(),
  epoch: z.number().int(),
  cause: z.string().optional(),
  excludedFromStatistics: z.boolean().optional(),
};
/** The deadlines that were set, and why they lie there, in words. */
const alarms = { warnAt: Instant.optional(), failAt: Instant.optional(), because: z.string().optional() };
/** It was the first response to the customer. */
const answering = { firstResponse: z.boolean().optional() };
/** The tier of a customer who is new on the case: reports tell what was so then. */
const newCustomer = { tier: z.string().optional() };
const closing = {
  statusReason: z.string(),
  /** The parent of a child that was closed: it may have been the last one. */
  parentId: z.uuid().optional(),
  cascadeId: z.uuid().optional(),
  forced: z.boolean().optional(),
};

const { otherId, kind, direction } = CaseLink.shape;
const link = { otherId, linkKind: kind, direction };

/**
 * Everything that can happen to a case, one word each. A command's transaction writes its facts beside the new state;
 * timeline, audit, reactions and outbound events are all made from them (`docs/architecture.md`).
 */
export const Fact = z.discriminatedUnion('type', [
  fact('case.created', {
    parentId: z.uuid().optional(),
    previousCaseId: z.uuid().optional(),
    receivedBy: z.string().optional(),
    excludedFromFirstResponse: z.boolean().optional(),
    ...answering,
    ...newCustomer,
  }),
  /** `byReply`: a customer's message moved the case, nobody chose to. */
  fact('case.updated', { byReply: z.boolean().optional(), ...newCustomer }),
  fact('case.notified', { about: z.enum(['holdEnded', 'customerReplied']), recipients: z.array(z.string()) }),
  fact('case.assigned', {}),
  fact('case.routed', {
    queueId: z.string().optional(),
    ownerId: z.string().optional(),
    ruleSetId: z.string().optional(),
    ruleSetVersion: z.number().int().optional(),
    ruleId: z.string().optional(),
    spam: z.boolean().optional(),
    because: z.string(),
  }),
  fact('case.picked', { queueId: z.string() }),
  fact('case.released', {
    queueId: z.string().optional(),
    /** On the last case of a page: where the hand-over of somebody who has left goes on. */
    handOver: HandOverPosition.optional(),
  }),
  /** `asBefore`: the reopening before it was for nothing, and the resolution before that holds on. */
  fact('case.resolved', {
    ...closing,
    resolution: z.string(),
    articleId: z.uuid().optional(),
    asBefore: z.boolean().optional(),
  }),
  fact('case.cancelled', { ...closing, note: z.string().optional() }),
  /** A parent that would have been resolved with its last child, and why it was not. */
  fact('case.stayedOpen', { childId: z.uuid(), code: z.string(), because: z.string() }),
  fact('case.reactivated', {}),
  /** A visit of a stage has ended, with how long it was, or one has begun, or both. */
  fact('case.stageChanged', {
    flowId: z.string(),
    flowVersion: z.int(),
    from: z.string().optional(),
    to: z.string().optional(),
    minutes: z.int().optional(),
    businessMinutes: z.int().optional(),
  }),
  fact('case.parentChanged', { reparentedFrom: z.uuid().optional() }),
  fact('case.childAttached', { childId: z.uuid() }),
  fact('case.childrenAttached', { childIds: z.array(z.uuid()) }),
  fact('case.childDetached', { childId: z.uuid() }),
  fact('case.linked', link),
  fact('case.unlinked', link),
  fact('case.cascadeStarted', { cascadeId: z.uuid(), total: z.number().int() }),
  fact('case.cascadeResumed', { cascadeId: z.uuid(), round: z.number().int(), failed: z.number().int() }),
  fact('case.cascadeAdvanced', {
    cascadeId: z.uuid(),
    /** Facts that were written before there were rounds have none. */
    round: z.number().int().default(1),
    closed: z.number().int(),
    cursor: z.string(),
  }),
  fact('case.cascadeStopped', { cascadeId: z.uuid() }),
  fact('case.cascadeCompleted', {
    cascadeId: z.uuid(),
    state: z.enum(['completed', 'partial']),
    total: z.number().int(),
    closed: z.number().int(),
    skipped: z.number().int(),
    failed: z.number().int(),
  }),
  fact('case.broadcastStarted', { broadcastId: z.uuid(), visibility: z.string(), total: z.number().int() }),
  fact('case.broadcastAdvanced', { broadcastId: z.uuid(), delivered: z.number().int(), cursor: z.string() }),
  fact('case.broadcastCompleted', {
    broadcastId: z.uuid(),
    state: z.enum(['completed', 'partial']),
    total: z.number().int(),
    delivered: z.number().int(),
    skipped: z.number().int(),
    failed: z.number().int(),
  }),
  /** The clocks followed an edit of `fields` of the customer; on the last case of a page: where that goes on. */
  fact('case.customerChanged', {
    customerId: z.string(),
    fields: z.array(z.string()),
    following: FollowingPosition.optional(),
  }),
  fact('case.converted', { to: z.enum(['lead', 'opportunity', 'article', 'template']), targetId: z.string() }),
  /** Its texts were taken away; `erasure` is where the erasure of its customer goes on. */
  fact('case.erased', { erasure: ErasurePosition }),
  fact('article.linked', { articleId: z.uuid() }),
  fact('article.unlinked', { articleId: z.uuid() }),
  fact('case.merged', { mergedInto: z.uuid(), moveId: z.uuid() }),
  fact('case.mergeReceived', { caseIds: z.array(z.uuid()) }),
  fact('case.unmerged', { unmergedFrom: z.uuid(), moveId: z.uuid() }),
  fact('case.mergeReleased', { unmergedId: z.uuid() }),
  fact('case.moveAdvanced', { moveId: z.uuid(), position: z.number().int() }),
  fact('case.moveCompleted', {
    moveId: z.uuid(),
    from: z.uuid(),
    to: z.uuid(),
    children: z.number().int(),
    activities: z.number().int(),
  }),
  /** A message that its queue lets reopen nothing; its sender is to be told so. */
  fact('activity.rejected', { activityId: z.uuid(), because: z.string(), autoReplyDue: z.boolean() }),
  /** A message that names another case as well, and why it was added here. */
  fact('activity.ambiguous', { activityId: z.uuid(), otherId: z.uuid(), because: z.string() }),
  fact('activity.added', {
    activityId: z.uuid(),
    activityType: z.string(),
    visibility: z.string(),
    /** The channel that it came over, or is to leave by. */
    channelId: z.string().optional(),
    delivery: z.literal('queued').optional(),
    ...answering,
  }),
  fact('activity.sent', { activityId: z.uuid(), channelId: z.string().optional() }),
  fact('activity.failed', {
    activityId: z.uuid(),
    channelId: z.string().optional(),
    reason: z.string(),
    attempts: z.int(),
  }),
  fact('activity.updated', { activityId: z.uuid(), ...answering }),
  fact('activity.redacted', { activityId: z.uuid(), note: z.string().optional() }),
  fact('activity.moved', { activityId: z.uuid(), fromCaseId: z.uuid(), toCaseId: z.uuid() }),
  fact('activity.cancelled', { activityIds: z.array(z.uuid()) }),
  fact('entitlement.exhausted', {
    entitlementId: z.string(),
    customerId: z.string(),
    origin: z.string().optional(),
    remaining: z.number().int(),
  }),
  fact('sla.started', { ...kpi, ...alarms, slaId: z.string() }),
  fact('sla.paused', kpi),
  fact('sla.resumed', { ...kpi, ...alarms }),
  /** `warning`: of several warnings, which one, from 0. */
  /** `before` is what stood; `continued`, on a page's last clock, says where the recomputation goes on. */
  fact('sla.recomputed', {
    ...kpi,
    ...alarms,
    isMoved: z.boolean(),
    before: z.object({ calendarVersion: z.int().optional(), warnAt: Instant.optional(), failAt: Instant.optional() }),
    continued: RecomputationPosition.optional(),
  }),
  fact('sla.warning', { ...kpi, dueAt: Instant, warning: z.number().int().optional() }),
  fact('sla.breached', { ...kpi, dueAt: Instant, reason: z.string().optional() }),
  fact('sla.acknowledged', { ...kpi, reasonCode: z.string(), note: z.string().optional() }),
  fact('sla.succeeded', { ...kpi, late: z.boolean().optional() }),
  fact('sla.cancelled', kpi),
  fact('sla.notified', {
    ...kpi,
    alarm: z.enum(['warning', 'breach', 'success']),
    to: z.string(),
    recipients: z.array(z.string()),
  }),
  /** An alarm's action sends the alarm's event to a subscription, whatever that has subscribed to. */
  fact('sla.webhookCalled', {
    ...kpi,
    alarm: z.enum(['warning', 'breach', 'success']),
    subscriptionId: z.string(),
    alarmEventId: z.uuid(),
  }),
  fact('sla.actionFailed', {
    ...kpi,
    alarm: z.enum(['warning', 'breach', 'success']),
    action: z.string(),
    because: z.string(),
  }),
]);
export type Fact = z.infer<typeof Fact>;
export type FactType = Fact['type'];

/** A fact as it is stored and streamed: immutable, with who did it, why, and when it was recorded. */
export const CaseEvent = z.object({
  /** UUIDv7 whose time is `occurredAt`, so that the timeline's sort key is its order. */
  eventId: z.uuid(),
  caseId: z.uuid(),
  /** The case's version once the fact's transaction had been committed. */
  caseVersion: z.number().int(),
  at: Instant,
  actor: z.string(),
  cause: z.string(),
  correlationId: z.string(),
  /** Whose the case was, and which queue it stood in or had left last, once the fact's transaction had been committed. */
  ownerId: z.string().optional(),
  queueId: z.string().optional(),
  fact: Fact,
});
export type CaseEvent = z.infer<typeof CaseEvent>;

/** Why the rules' decision about a new case was made. */
export const ROUTING_CAUSE = 'routing';

/** Who did something and why: `cause` is `user`, or what made the system do it (`cascade:<id>`, `sla:<kpi>`, `routing`). */
export interface Authorship {
  actor: string;
  cause: string;
  correlationId: string;
}

/** The changed fields of an object as audit rows; `fields` fixes which are looked at and in which order. */
export const changesOf = <Thing extends object>(
  before: Thing,
  after: Thing,
  fields: readonly (keyof Thing & string)[],
): FieldChange[] =>
  fields
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field, old: before[field], new: after[field] }));
