import { type Instant, MINUTE, toInstant, toMs } from '../time.ts';
import { addBusinessTime } from './business-time.ts';
import type { Calendar } from './calendar.ts';
import type { KpiInstance, KpiTerms } from './kpi-instance.ts';

/**
 * When a clock that runs from an instant warns and fails, given what it has used. A threshold that has been passed
 * already is due at once. A warning that was given keeps its date and is never armed again, and none is armed where the
 * target itself is passed: nobody needs to hear that something nears which is there.
 */
export const deadlines = (
  clock: KpiTerms & Pick<KpiInstance, 'usedMs' | 'warnAt' | 'warnedAt'>,
  calendar: Calendar | undefined,
  from: Instant,
): { failAt: Instant; warnAt: Instant | undefined } => {
  const { targetMinutes, warnMinutes, usedMs, warnAt, warnedAt } = clock;
  const reached = (minutes: number): Instant =>
    toInstant(addBusinessTime(calendar, toMs(from), minutes * MINUTE - usedMs));

  const failAt = reached(targetMinutes);
  if (warnedAt !== undefined) return { failAt, warnAt };
  if (warnMinutes === undefined || hasNothingLeft(clock)) return { failAt, warnAt: undefined };
  return { failAt, warnAt: reached(warnMinutes) };
};

/** Whether the ended stretches alone have used up the target. */
export const hasNothingLeft = ({ usedMs, targetMinutes }: Pick<KpiInstance, 'usedMs' | 'targetMinutes'>): boolean =>
  usedMs >= targetMinutes * MINUTE;
