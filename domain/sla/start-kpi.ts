import type { Instant } from '../time.ts';
import { beginKpi } from './begin-kpi.ts';
import type { Calendar } from './calendar.ts';
import { andThen, type KpiChange } from './kpi-change.ts';
import type { KpiInstance, KpiSegment, KpiTerms } from './kpi-instance.ts';
import { pauseKpi } from './pause-kpi.ts';
import { resumeKpi } from './resume-kpi.ts';
import { settleKpi } from './settle-kpi.ts';

export type Start = {
  caseId: string;
  /** One more than the generation of any clock that the case had for this KPI. */
  generation?: number;
  /** May lie in the past: what has been due since is settled at once, dated when it was due. */
  startedAt: Instant;
  /** Whether the case has been on hold since then. */
  onHold?: boolean;
  /** When the case has waited since then, in order; a wait that lasts has no end. */
  waits?: readonly Pick<KpiSegment, 'from' | 'to' | 'cause'>[];
  cause?: string;
};

/** Starts a clock with nothing used; on a held case it is born paused, if its terms allow pauses. */
export const startKpi = (
  terms: KpiTerms,
  calendar: Calendar | undefined,
  now: Instant,
  { caseId, generation = 1, startedAt, onHold = false, waits = [], cause = 'created' }: Start,
): KpiChange => {
  const held = onHold && terms.allowPause;
  const beginning = { caseId, generation, startedAt, at: startedAt, history: [], held, cause };
  const lived = waits
    .filter(({ to }) => to === undefined || to > startedAt)
    .reduce(
      (before, wait) => andThen(before, (clock) => waited(clock, calendar, startedAt, wait)),
      beginKpi(terms, calendar, beginning),
    );
  return andThen(lived, (clock) => settleKpi(clock, now));
};

const waited = (
  clock: KpiInstance,
  calendar: Calendar | undefined,
  startedAt: Instant,
  { from, to, cause }: Pick<KpiSegment, 'from' | 'to' | 'cause'>,
): KpiChange => {
  const paused = pauseKpi(clock, calendar, from > startedAt ? from : startedAt, { cause });
  return to === undefined
    ? paused
    : andThen(paused, (waiting) => resumeKpi(waiting, calendar, to, { cause: 'resumed' }));
};
