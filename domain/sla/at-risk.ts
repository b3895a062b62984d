import { type Instant, MINUTE, toInstant, toMs } from '../time.ts';
import { latestGenerations } from './clocks.ts';
import type { KpiInstance } from './kpi-instance.ts';

/** A clock that gives no warning is at risk when it has this long left. */
const UNWARNED_MS = 60 * MINUTE;

/** The last deadline that makes a clock without a warning one at risk now. */
export const unwarnedUntil = (now: Instant): Instant => toInstant(toMs(now) + UNWARNED_MS);

/**
 * The first deadline of a case's clocks that are at risk: those that have warned and are not missed yet, and those that
 * give no warning and have little time left. Nothing when none is.
 */
export const firstAtRisk = (kpis: readonly KpiInstance[], now: Instant): Instant | undefined =>
  latestGenerations(kpis)
    .flatMap(({ status, warnAt, failAt }) => {
      if (!failAt) return [];
      if (status === 'nearingNoncompliance') return failAt;
      return status === 'inProgress' && !warnAt && failAt <= unwarnedUntil(now) ? failAt : [];
    })
    .sort()[0];
