import { z } from 'zod';
import { accept, type Decision, invalid, refuse } from '../refusal.ts';
import { Instant } from '../time.ts';
import { BeyondHorizon } from './business-time.ts';
import { Calendar, neverOpens } from './calendar.ts';
import { cancelKpi } from './cancel-kpi.ts';
import { describeKpi, KpiView, usedMsAsOf } from './describe-kpi.ts';
import type { KpiInstance, KpiTerms } from './kpi-instance.ts';
import { pauseKpi } from './pause-kpi.ts';
import { resumeKpi } from './resume-kpi.ts';
import { retargetKpi } from './retarget-kpi.ts';
import { settleKpi } from './settle-kpi.ts';
import { TargetMinutes, WARNS_IN_TIME, WarnMinutes, warnsInTime } from './sla.ts';
import { startKpi } from './start-kpi.ts';
import { succeedKpi } from './succeed-kpi.ts';

const target = { targetMinutes: TargetMinutes, warnMinutes: WarnMinutes.optional() };

const SimulationEvent = z.discriminatedUnion('action', [
  z.strictObject({ at: Instant, action: z.enum(['pause', 'resume', 'succeed', 'cancel']) }),
  z.strictObject({ at: Instant, action: z.literal('retarget'), ...target }).refine(warnsInTime, WARNS_IN_TIME),
]);
type SimulationEvent = z.infer<typeof SimulationEvent>;

/** A life of a clock to be told without a case. */
export const SimulationRequest = z
  .strictObject({
    calendar: Calendar.optional().describe('Absent: around the clock'),
    startAt: Instant,
    ...target,
    events: z.array(SimulationEvent).max(1000).default([]).describe('In the order of time, none before `startAt`'),
    asOf: Instant.optional().describe('Default: the last event, or the start. Later events are left out'),
  })
  .refine(warnsInTime, WARNS_IN_TIME)
  .superRefine(({ startAt, events, asOf }, context) => {
    let last = startAt;
    for (const [i, { at }] of events.entries()) {
      if (at < last)
        context.addIssue({ code: 'custom', path: ['events', i, 'at'], message: `must not be before ${last}` });
      last = at;
    }
    if (asOf !== undefined && asOf < startAt) {
      context.addIssue({ code: 'custom', path: ['asOf'], message: 'must not be before startAt' });
    }
  })
  .meta({ id: 'SimulationRequest' });
export type SimulationRequest = z.infer<typeof SimulationRequest>;

/** What a clock would show. */
export const SimulationResult = KpiView.pick({
  status: true,
  usedMinutes: true,
  remainingMinutes: true,
  warnAt: true,
  failAt: true,
  warnedAt: true,
  breachedAt: true,
  breachReason: true,
  succeededAt: true,
  pausedAt: true,
  cancelledAt: true,
  segments: true,
  because: true,
})
  .extend({ usedSeconds: z.int().describe('As `usedMinutes`, in whole seconds') })
  .meta({ id: 'SimulationResult' });
export type SimulationResult = z.infer<typeof SimulationResult>;

/** Lets a clock live through a list of events by the very decisions that run the real ones. */
export const simulate = (
  request: SimulationRequest,
): Decision<SimulationResult, 'CALENDAR_NEVER_OPEN' | 'VALIDATION_FAILED'> => {
  if (request.calendar && neverOpens(request.calendar)) {
    return refuse('CALENDAR_NEVER_OPEN', 'The calendar has no weekly window');
  }
  try {
    return accept(outcome(request));
  } catch (fault) {
    if (fault instanceof BeyondHorizon) return invalid('calendar', fault.message);
    throw fault;
  }
};

const outcome = ({
  calendar,
  startAt,
  targetMinutes,
  warnMinutes,
  events,
  asOf,
}: SimulationRequest): SimulationResult => {
  const end = asOf ?? events.at(-1)?.at ?? startAt;
  const terms: KpiTerms = { ...SIMULATED, targetMinutes, warnMinutes };
  let clock = startKpi(terms, calendar, startAt, {
    caseId: 'simulation',
    startedAt: startAt,
    cause: 'started',
  }).instance;
  for (const event of events) {
    if (event.at <= end) clock = afterEvent(clock, calendar, event);
  }
  const settled = settleKpi(clock, end).instance;
  return SimulationResult.parse({
    ...describeKpi(settled, calendar, end),
    usedSeconds: Math.floor(usedMsAsOf(settled, calendar, end) / 1000),
  });
};

const SIMULATED = {
  kpi: 'resolve',
  slaId: 'simulation',
  slaVersion: 1,
  itemId: 'simulation',
  allowPause: true,
  onReopen: 'continue',
} as const;

const afterEvent = (clock: KpiInstance, calendar: Calendar | undefined, event: SimulationEvent): KpiInstance => {
  const { at, action } = event;
  switch (action) {
    case 'pause':
      return pauseKpi(clock, calendar, at, { cause: 'paused' }).instance;
    case 'resume':
      return resumeKpi(clock, calendar, at, { cause: 'resumed' }).instance;
    case 'succeed':
      return succeedKpi(clock, calendar, at).instance;
    case 'cancel':
      return cancelKpi(clock, calendar, at, { cause: 'cancelled' }).instance;
    case 'retarget': {
      const { targetMinutes, warnMinutes } = event;
      const terms = { ...SIMULATED, targetMinutes, warnMinutes };
      const { instance, successor } = retargetKpi(clock, calendar, at, { terms, calendar, cause: 'retargeted' });
      return successor ?? instance;
    }
  }
};
