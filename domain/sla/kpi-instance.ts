import { z } from 'zod';
import { CaseId } from '../cases/case.ts';
import { Instant } from '../time.ts';
import { KpiName, OnReopen, type SlaItem, warningsOf } from './sla.ts';

/** What a clock was promised, copied when it is born: editing a definition or a calendar rewrites no history. */
export const KpiTerms = z.object({
  kpi: KpiName,
  slaId: z.string(),
  slaVersion: z.int(),
  itemId: z.string(),
  calendarId: z.string().optional(),
  calendarVersion: z.int().optional(),
  targetMinutes: z.int(),
  warnMinutes: z.int().optional(),
  /** Of several warnings, after how many minutes each comes, in order. */
  warnings: z.array(z.number()).optional(),
  warnInBusinessHours: z.boolean().optional(),
  allowPause: z.boolean(),
  onReopen: OnReopen,
  /** The instant from which its item counts, where that is not when the case was created. */
  applicableFrom: Instant.optional(),
  /** Kept, but of no account for how fast people answer (`docs/cases.md`, "Children that agents open"). */
  excludedFromStatistics: z.boolean().optional(),
});
export type KpiTerms = z.infer<typeof KpiTerms>;

/** Clocks of a flow's stages name the flow where others name their SLA; no SLA is called so. */
export const slaIdOfFlow = (flowId: string): string => `flow:${flowId}`;
const OF_FLOW = slaIdOfFlow('');

/** Whether a clock is of a stage: it ends when the stage does, whatever the case's SLA is. */
export const isOfFlow = ({ slaId }: Pick<KpiTerms, 'slaId'>): boolean => slaId.startsWith(OF_FLOW);

/** The flow of a stage's clock. */
export const flowIdIn = (slaId: string): string => slaId.slice(OF_FLOW.length);

/** An item as it applies to a case. */
export type PromisedItem = SlaItem & Pick<KpiTerms, 'excludedFromStatistics'>;

/** The terms that an item of an SLA promises, on a calendar or around the clock. */
export const termsOf = (
  sla: { id: string; version: number },
  item: PromisedItem,
  calendar?: { id: string; version: number },
  startsAt?: Instant,
): KpiTerms => ({
  kpi: item.kpi,
  slaId: sla.id,
  slaVersion: sla.version,
  itemId: item.id,
  calendarId: calendar?.id,
  calendarVersion: calendar?.version,
  targetMinutes: item.targetMinutes,
  warnMinutes: item.warnMinutes,
  ...(item.warnings && { warnings: warningsOf(item) }),
  ...(item.warnInBusinessHours && { warnInBusinessHours: true }),
  allowPause: item.allowPause,
  onReopen: item.onReopen,
  ...(item.applicableFrom && startsAt && { applicableFrom: startsAt }),
  excludedFromStatistics: item.excludedFromStatistics,
});

/**
 * A stretch of a clock's life and why it began. `businessMs` is counted when the stretch ends, by the calendar version
 * that it names (none: around the clock), and never again but by a recomputation that somebody asks for.
 */
export const KpiSegment = z.object({
  from: Instant,
  to: Instant.optional(),
  kind: z.enum(['running', 'paused']),
  businessMs: z.int().optional(),
  cause: z.string(),
  calendarId: z.string().optional(),
  calendarVersion: z.int().optional(),
});
export type KpiSegment = z.infer<typeof KpiSegment>;

/** What somebody said who answers for a breach. */
export const BreachAcknowledgement = z
  .object({ reasonCode: z.string(), note: z.string().optional(), by: z.string(), at: Instant })
  .meta({ id: 'BreachAcknowledgement' });

const Common = z.object({
  ...KpiTerms.shape,
  caseId: CaseId,
  /** Counts the clocks that a case has had for this KPI, from 1: a new target or a reopening starts a new one. */
  generation: z.int().min(1),
  /** The generation with which the promise began that this one goes on with; absent: its own. */
  promise: z.int().min(1).optional(),
  /** Rises whenever an armed alarm becomes stale. */
  epoch: z.int().min(1),
  /** Rises at every change: the optimistic lock. */
  revision: z.int().min(1),
  /** When the clock first started; earlier than its generation where that carries credit. */
  startedAt: Instant,
  /** Business time of the running segments that have ended. */
  usedMs: z.int().min(0),
  segments: z.array(KpiSegment),
  runningSince: Instant.optional(),
  pausedAt: Instant.optional(),
  /** The warning that comes next, or else the last one that was given. */
  warnAt: Instant.optional(),
  failAt: Instant.optional(),
  /** When the last warning was given. */
  warnedAt: Instant.optional(),
  /** Of several warnings, when each came or, while the clock runs, will come. */
  warnTimes: z.array(Instant).optional(),
  /** How many of several warnings have been given. */
  warningsGiven: z.int().optional(),
  breachedAt: Instant.optional(),
  breachReason: z.literal('targetReduced').optional(),
  acknowledgement: BreachAcknowledgement.optional(),
  succeededAt: Instant.optional(),
  cancelledAt: Instant.optional(),
  /** Why it is void: one that the case has only lost may be promised again. */
  cancelCause: z.string().optional(),
});

const absent = z.undefined().optional();

const RunningKpi = Common.extend({
  status: z.enum(['inProgress', 'nearingNoncompliance']),
  runningSince: Instant,
  failAt: Instant,
  pausedAt: absent,
});

/** What is left is frozen: no deadline stands, only a warning that was given is remembered. */
const PausedKpi = Common.extend({
  status: z.literal('paused'),
  pausedAt: Instant,
  runningSince: absent,
  failAt: absent,
});

/** Goes on counting, below zero, until someone succeeds after all or the case is closed. */
const NoncompliantKpi = Common.extend({ status: z.literal('noncompliant'), failAt: Instant, breachedAt: Instant });

const SucceededKpi = Common.extend({ status: z.literal('succeeded'), succeededAt: Instant, runningSince: absent });

const CancelledKpi = Common.extend({ status: z.literal('cancelled'), cancelledAt: Instant, runningSince: absent });

/** One clock of a case: a KPI that is measured against its terms. */
export const KpiInstance = z.discriminatedUnion('status', [
  RunningKpi,
  PausedKpi,
  NoncompliantKpi,
  SucceededKpi,
  CancelledKpi,
]);
export type KpiInstance = z.infer<typeof KpiInstance>;

export const KpiStatus = z.enum([
  'inProgress',
  'nearingNoncompliance',
  'noncompliant',
  'succeeded',
  'paused',
  'cancelled',
]) satisfies z.ZodType<KpiInstance['status']>;
export type KpiStatus = z.infer<typeof KpiStatus>;

/**
 * Which promise a clock is about: one that takes the place of another goes on with the same, one that a reopening or a
 * further message starts begins another. What a clock sets off, it sets off once a promise.
 */
export const promiseOf = ({ promise, generation }: Pick<KpiInstance, 'promise' | 'generation'>): number =>
  promise ?? generation;
