import { type Instant, MINUTE, toInstant, toMs } from '../time.ts';
import { addBusinessTime } from './business-time.ts';
import type { Calendar } from './calendar.ts';
import type { KpiInstance, KpiTerms } from './kpi-instance.ts';
import { givenBy, givenTimes, warnsAfter } from './warnings.ts';

type Counting = KpiTerms & Pick<KpiInstance, 'usedMs' | 'warnAt' | 'warnedAt' | 'warnTimes' | 'warningsGiven'>;

/**
 * When a clock that runs from an instant warns and fails, given what it has used. A threshold that has been passed
 * already is due at once. A warning that was given keeps its date and is never armed again, and none is armed where the
 * target itself is passed: nobody needs to hear that something nears which is there.
 */
export const deadlines = (
  clock: Counting,
  calendar: Calendar | undefined,
  from: Instant,
): { failAt: Instant } & Pick<KpiInstance, 'warnAt' | 'warnTimes'> => {
  const { targetMinutes, usedMs, warnInBusinessHours } = clock;
  const reached = (minutes: number): number =>
    addBusinessTime(calendar, toMs(from), Math.round(minutes * MINUTE) - usedMs);
  const heard = (ms: number): Instant => toInstant(warnInBusinessHours ? openFrom(calendar, ms) : ms);

  const given = givenBy(clock);
  const coming = hasNothingLeft(clock) ? [] : warnsAfter(clock).slice(given);
  const warnTimes = [...givenTimes(clock), ...coming.map((minutes) => heard(reached(minutes)))];
  return {
    failAt: toInstant(reached(targetMinutes)),
    warnAt: warnTimes[given] ?? warnTimes.at(-1),
    ...(clock.warnings && { warnTimes }),
  };
};

/** The instant itself within business hours, or else the next opening: where the next millisecond of them begins. */
const openFrom = (calendar: Calendar | undefined, ms: number): number => addBusinessTime(calendar, ms, 1) - 1;

/** Whether the ended stretches alone have used up the target. */
export const hasNothingLeft = ({ usedMs, targetMinutes }: Pick<KpiInstance, 'usedMs' | 'targetMinutes'>): boolean =>
  usedMs >= targetMinutes * MINUTE;
