import type { Instant } from '../time.ts';
import type { KpiInstance, KpiTerms } from './kpi-instance.ts';

type Warned = Pick<KpiInstance, 'warnAt' | 'warnedAt' | 'warnTimes' | 'warningsGiven'>;

/** After how many minutes a clock warns, in order; most warn once. */
export const warnsAfter = ({ warnings, warnMinutes }: Pick<KpiTerms, 'warnings' | 'warnMinutes'>): readonly number[] =>
  warnings ?? (warnMinutes === undefined ? [] : [warnMinutes]);

/** How many warnings a clock has given. */
export const givenBy = ({ warnedAt, warningsGiven }: Warned): number => warningsGiven ?? (warnedAt ? 1 : 0);

/** When the warnings came that a clock has given. */
export const givenTimes = (clock: Warned): Instant[] =>
  (clock.warnTimes ?? (clock.warnAt ? [clock.warnAt] : [])).slice(0, givenBy(clock));

/** What a clock without a deadline keeps of its warnings: those that were given. */
export const onlyGiven = (clock: Warned): Pick<Warned, 'warnAt' | 'warnTimes'> => {
  const given = givenTimes(clock);
  return { warnAt: given.at(-1), ...(clock.warnTimes && { warnTimes: given }) };
};

/** The warning that a clock has still to give, if it runs. */
export const nextWarning = (clock: Warned): Instant | undefined =>
  clock.warnTimes ? clock.warnTimes[givenBy(clock)] : clock.warnedAt ? undefined : clock.warnAt;
