import type { CaseChange, CaseFile, Rules } from '../cases/case-file.ts';
import { fieldsIn } from '../conditions/mentions.ts';
import type { Instant } from '../time.ts';
import type { Calendar } from './calendar.ts';
import { cancelKpi } from './cancel-kpi.ts';
import {
  type Clocks,
  calendarBy,
  eachNewest,
  holdClocks,
  inTurn,
  latestGenerations,
  meetClocks,
  startFor,
} from './clocks.ts';
import { andThen, type KpiChange } from './kpi-change.ts';
import { isOfFlow, type KpiInstance, type KpiSegment, type PromisedItem, termsOf } from './kpi-instance.ts';
import { hasEnded } from './kpi-lifecycle.ts';
import { CASE_CHANGED, NOT_PROMISED, promiseAgainKpi } from './promise-again-kpi.ts';
import { isHeld, isMet, promisedItems, type Seen, startOf } from './promised-items.ts';
import { recalculateKpi } from './recalculate-kpi.ts';
import { promisesTheSame, retargetKpi } from './retarget-kpi.ts';
import { settleKpi } from './settle-kpi.ts';
import { conditionsOf, type Sla } from './sla.ts';

type Followed = Seen & Pick<CaseFile, 'kpis'>;

export type Following = {
  now: Instant;
  /** When a wait that is over ended, if that was before now. */
  resumedAt?: Instant;
  cause?: string;
};

/**
 * An active case is not what it was: its clocks follow (those of a closed one stand). What has come true is met; each
 * KPI has the item that matches
 * now, a clock with other terms is replaced and keeps its credit, one that nothing matches any more is void, one that
 * has ended stays (unless the organisation has terminal ones recalculated), and a KPI that never had a clock gets one;
 * each waits or runs as its conditions say. Doing it again changes nothing.
 */
export const followCase = (file: Followed, rules: Rules, following: Following): Clocks => {
  if (file.case.status !== 'active') return { kpis: file.kpis, facts: [] };
  const { now, resumedAt = now, cause = CASE_CHANGED } = following;
  const meet = ({ kpis }: Pick<CaseFile, 'kpis'>) => meetClocks({ ...file, kpis }, rules, now);
  const hold = ({ kpis }: Pick<CaseFile, 'kpis'>) => holdClocks({ ...file, kpis }, rules, { now, resumedAt, cause });
  const items = promisedItems(file, rules);
  return inTurn(
    file,
    meet,
    hold,
    ({ kpis }) => replaced({ ...file, kpis }, items, rules, now),
    ({ kpis }) => withAdded({ ...file, kpis }, items, rules, now),
    meet,
    hold,
  );
};

/** What was promised by its name is done already. */
const isAnswered = ({ activities }: Seen, { kpi, success }: PromisedItem): boolean => {
  if (success) return false;
  return kpi === 'nextResponse' ? !activities.customerReplied : isFirstAnswered(activities, kpi);
};
const isFirstAnswered = ({ firstRespondedOn }: Seen['activities'], kpi: string): boolean =>
  kpi === 'firstResponse' && firstRespondedOn !== undefined;

const replaced = (file: Followed, items: readonly PromisedItem[], rules: Rules, now: Instant): Clocks =>
  eachNewest(file, rules, (instance, calendar) => {
    if (isOfFlow(instance)) return undefined;
    const item = items.find(({ kpi }) => kpi === instance.kpi);
    const startsAt = item && (item.kpi === 'nextResponse' ? instance.startedAt : startOf(item, file, rules));
    if (!item || !startsAt || !rules.sla) {
      return hasEnded(instance) ? undefined : cancelKpi(instance, calendar, now, { cause: CASE_CHANGED });
    }
    return followed(instance, calendar, item, { file, rules, now, startsAt });
  });

const followed = (
  instance: KpiInstance,
  calendar: Calendar | undefined,
  item: PromisedItem,
  { file, rules, now, startsAt }: { file: Followed; rules: Rules; now: Instant; startsAt: Instant },
): KpiChange | undefined => {
  if (!rules.sla) return undefined;
  const next = calendarBy(rules, item.calendarId);
  const onHold = isHeld(item.kpi, item, file, rules);
  const again = {
    terms: termsOf(rules.sla, item, next, startsAt),
    calendar: next?.document,
    startsAt,
    onHold,
    cause: CASE_CHANGED,
  };
  if (instance.status === 'cancelled') {
    // What was void because the case was closed is the reopening's to promise again, or nobody's.
    const isLost = instance.cancelCause === CASE_CHANGED && !isAnswered(file, item) && !isMet(item, file, rules);
    return isLost ? promiseAgainKpi(instance, calendar, now, again) : undefined;
  }
  if (promisesTheSame(instance, again.terms)) return undefined;
  const settled = settleKpi(instance, now);
  if (!hasEnded(settled.instance)) return retargetKpi(instance, calendar, now, again);
  return rules.caseSettings.recalculateOnTerminal
    ? andThen(settled, (ended) => recalculateKpi(ended, calendar, now, again))
    : settled;
};

const withAdded = (file: Followed, items: readonly PromisedItem[], rules: Rules, now: Instant): Clocks => {
  const newest = latestGenerations(file.kpis);
  const waits = waitsIn(newest);
  const added = items
    .filter((item) => !newest.some(({ kpi }) => kpi === item.kpi))
    .filter((item) => item.kpi !== 'nextResponse' && !isAnswered(file, item) && !isMet(item, file, rules))
    .flatMap((item) => {
      const startedAt = startOf(item, file, rules);
      if (!startedAt) return [];
      const held = waits ? { waits } : { onHold: isHeld(item.kpi, item, file, rules) };
      return startFor(item, rules, now, { caseId: file.case.caseId, startedAt, ...held }) ?? [];
    });
  return {
    kpis: added.length > 0 ? [...file.kpis, ...added.map(({ instance }) => instance)] : file.kpis,
    facts: added.flatMap(({ facts }) => facts),
  };
};

/** When the case has waited, as the clock knows that has counted longest; nothing when it has none that may wait. */
const waitsIn = (newest: readonly KpiInstance[]): KpiSegment[] | undefined =>
  newest
    .filter(({ allowPause }) => allowPause)
    .toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1))[0]
    ?.segments.filter(({ kind, cause }) => kind === 'paused' && cause !== NOT_PROMISED);

/** The fields on which the clocks of a case depend; a reason that is on hold matters to all, those of stages too. */
export const fieldsBehind = (sla: Sla | undefined): string[] => [
  'statusReason',
  ...(sla ? conditionsOf(sla).flatMap(fieldsIn) : []),
  ...(sla?.items ?? []).flatMap(({ applicableFrom }) => applicableFrom ?? []),
];

const OF_CUSTOMER = 'customer.';

/** The fields of the customer that conditions of an SLA look at. */
export const customerFieldsIn = (sla: Sla): string[] =>
  conditionsOf(sla)
    .flatMap(fieldsIn)
    .flatMap((field) => (field.startsWith(OF_CUSTOMER) ? [field.slice(OF_CUSTOMER.length)] : []));

/** A change of which the clocks have been followed, with clocks. */
export const withClocks = (change: CaseChange, clocks: Clocks): CaseChange => ({
  ...change,
  after: { ...change.after, kpis: clocks.kpis },
  facts: [...change.facts, ...clocks.facts],
});
