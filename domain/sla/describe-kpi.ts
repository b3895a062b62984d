import { z } from 'zod';
import { Instant, MINUTE, toMs } from '../time.ts';
import { businessTimeBetween } from './business-time.ts';
import type { Calendar } from './calendar.ts';
import { explainDeadline } from './explain-deadline.ts';
import { BreachAcknowledgement, type KpiInstance, type KpiSegment, KpiStatus, KpiTerms } from './kpi-instance.ts';
import { usedIn } from './segments.ts';
import { givenBy } from './warnings.ts';

const KpiSegmentView = z.object({
  from: Instant,
  to: Instant.optional().describe('Absent while the stretch lasts'),
  kind: z.enum(['running', 'paused']),
  businessMinutes: z.int().describe('Whole minutes, rounded down'),
  cause: z.string().describe('What began the stretch'),
  calendarId: z.string().optional().describe('By which calendar its minutes are counted; absent: around the clock'),
  calendarVersion: z.int().optional(),
});

/** What the API shows of a clock. Only what has happened and what stands is present: a paused clock has no `failAt`. */
export const KpiView = z
  .object({
    ...KpiTerms.omit({ warnings: true }).shape,
    generation: z.int(),
    status: KpiStatus,
    startedAt: Instant,
    usedMinutes: z.int().describe('Business time that counted, in whole minutes, rounded down'),
    remainingMinutes: z.int().describe('Target less used; negative once overdue'),
    warnAt: Instant.optional(),
    failAt: Instant.optional(),
    warnedAt: Instant.optional(),
    warnings: z
      .array(z.object({ minutes: z.number(), at: Instant.optional(), given: z.boolean() }))
      .optional()
      .describe('Of several warnings, each with when it came or will come'),
    breachedAt: Instant.optional(),
    breachReason: z.string().optional(),
    acknowledgement: BreachAcknowledgement.optional(),
    succeededAt: Instant.optional(),
    pausedAt: Instant.optional(),
    cancelledAt: Instant.optional(),
    cancelCause: z.string().optional(),
    segments: z.array(KpiSegmentView).describe('Why this deadline: every stretch of the clock and what began it'),
    because: z.string().describe('Why this deadline, as a sentence in the local time of the calendar'),
  })
  .meta({ id: 'KpiView' });
export type KpiView = z.infer<typeof KpiView>;

/**
 * A clock as it is shown. The stretch that lasts is counted up to `asOf`; the status is the committed one, so settle
 * the instance first to see it as of an instant that its alarm has not reached.
 */
export const describeKpi = (instance: KpiInstance, calendar: Calendar | undefined, asOf: Instant): KpiView => {
  const segments = countedTo(instance.segments, calendar, asOf);
  const usedMinutes = wholeMinutes(usedIn(segments));
  const { caseId, promise, epoch, revision, usedMs, runningSince, warnings, warnTimes, warningsGiven, ...shown } =
    instance;
  return {
    ...shown,
    ...(warnings && {
      warnings: warnings.map((minutes, n) => ({ minutes, at: warnTimes?.[n], given: n < givenBy(instance) })),
    }),
    usedMinutes,
    remainingMinutes: instance.targetMinutes - usedMinutes,
    because: explainDeadline(instance, calendar),
    segments: segments.map(({ businessMs = 0, ...segment }) => ({
      ...segment,
      businessMinutes: wholeMinutes(businessMs),
    })),
  };
};

/** The business time that has counted against the target up to an instant, to the millisecond. */
export const usedMsAsOf = (instance: KpiInstance, calendar: Calendar | undefined, asOf: Instant): number =>
  usedIn(countedTo(instance.segments, calendar, asOf));

const countedTo = (segments: readonly KpiSegment[], calendar: Calendar | undefined, asOf: Instant): KpiSegment[] =>
  segments.map((segment) =>
    segment.to === undefined
      ? { ...segment, businessMs: businessTimeBetween(calendar, toMs(segment.from), toMs(asOf)) }
      : segment,
  );

const wholeMinutes = (ms: number): number => Math.floor(ms / MINUTE);
