import { type Instant, toMs } from '../time.ts';
import { beginKpi } from './begin-kpi.ts';
import { businessTimeBetween } from './business-time.ts';
import type { Calendar } from './calendar.ts';
import { hasNothingLeft } from './deadlines.ts';
import { andThen, type KpiChange, unchanged } from './kpi-change.ts';
import { type KpiInstance, type KpiSegment, KpiTerms } from './kpi-instance.ts';
import { hasEnded } from './kpi-lifecycle.ts';
import { countedBy } from './segments.ts';
import { settleKpi } from './settle-kpi.ts';
import { onlyGiven } from './warnings.ts';

export type Reopening = { onHold?: boolean; cause?: string };

/**
 * What a case that is worked on again owes. The old clock keeps its outcome; by its terms a new generation continues
 * with what was left, the closed time counted as a wait and a warning not repeated, or restarts with all of it, or there
 * is none. A first response is promised once; an open clock, and one with nothing left to continue, stays as it is.
 */
export const reopenKpi = (
  instance: KpiInstance,
  calendar: Calendar | undefined,
  now: Instant,
  { onHold = false, cause = 'reopened' }: Reopening = {},
): KpiChange =>
  andThen(settleKpi(instance, now), (settled) => {
    if (!mayGoOn(settled)) return unchanged(settled);
    const begun = beginKpi(KpiTerms.parse(settled), calendar, {
      ...(settled.onReopen === 'restart' ? { startedAt: now, history: [] } : continued(settled, calendar, now)),
      caseId: settled.caseId,
      generation: settled.generation + 1,
      at: now,
      held: onHold && settled.allowPause,
      cause,
    });
    const { instance: successor, facts } = andThen(begun, (clock) => settleKpi(clock, now));
    return { instance: settled, successor, facts };
  });

/** A first response is promised once; another one is owed when the customer writes again. */
const ANSWERS: readonly string[] = ['firstResponse', 'nextResponse'];

const mayGoOn = (instance: KpiInstance): boolean => {
  const { kpi, onReopen, status } = instance;
  if (!hasEnded(instance) || ANSWERS.includes(kpi) || onReopen === 'keep') return false;
  return onReopen === 'restart' || !(status === 'noncompliant' || hasNothingLeft(instance));
};

/** What a successor goes on from: the time that was used, the pause since then, and a warning that was given. */
export const continued = (instance: KpiInstance, calendar: Calendar | undefined, now: Instant, cause = 'closed') => {
  const { startedAt, warnedAt, warningsGiven } = instance;
  const given = { warnedAt, ...onlyGiven(instance), ...(warningsGiven && { warningsGiven }) };
  const warning = warnedAt ? given : undefined;
  return { startedAt, history: withClosedTime(instance, calendar, now, cause), warning };
};

/** A clock's stretches with the time from its end up to `to` as a wait. */
export const withClosedTime = (
  instance: Pick<KpiInstance, 'segments' | 'calendarId' | 'calendarVersion'>,
  calendar: Calendar | undefined,
  to: Instant,
  cause = 'closed',
): readonly KpiSegment[] => {
  const { segments } = instance;
  const from = segments.at(-1)?.to;
  if (from === undefined || from >= to) return segments;
  const businessMs = businessTimeBetween(calendar, toMs(from), toMs(to));
  return [...segments, { from, to, kind: 'paused', businessMs, cause, ...countedBy(instance) }];
};
