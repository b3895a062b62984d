import type { Instant } from '../time.ts';
import { beginKpi } from './begin-kpi.ts';
import type { Calendar } from './calendar.ts';
import { andThen, type KpiChange } from './kpi-change.ts';
import type { KpiTerms } from './kpi-instance.ts';
import { settleKpi } from './settle-kpi.ts';

export type Start = {
  caseId: string;
  /** One more than the generation of any clock that the case had for this KPI. */
  generation?: number;
  /** May lie in the past: what has been due since is settled at once, dated when it was due. */
  startedAt: Instant;
  /** Whether the case has been on hold since then. */
  onHold?: boolean;
  cause?: string;
};

/** Starts a clock with nothing used; on a held case it is born paused, if its terms allow pauses. */
export const startKpi = (
  terms: KpiTerms,
  calendar: Calendar | undefined,
  now: Instant,
  { caseId, generation = 1, startedAt, onHold = false, cause = 'created' }: Start,
): KpiChange => {
  const held = onHold && terms.allowPause;
  const beginning = { caseId, generation, startedAt, at: startedAt, history: [], held, cause };
  return andThen(beginKpi(terms, calendar, beginning), (begun) => settleKpi(begun, now));
};
