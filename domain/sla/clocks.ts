import type { Case } from '../cases/case.ts';
import type { CaseFile, Rules, Versioned } from '../cases/case-file.ts';
import { caseLookup } from '../cases/case-lookup.ts';
import type { Customer } from '../customers/customer.ts';
import type { Fact } from '../facts/fact.ts';
import type { Instant } from '../time.ts';
import type { Calendar } from './calendar.ts';
import { cancelKpi } from './cancel-kpi.ts';
import { chooseItems } from './choose-items.ts';
import type { KpiChange } from './kpi-change.ts';
import { type KpiInstance, type PromisedItem, termsOf } from './kpi-instance.ts';
import { hasEnded } from './kpi-lifecycle.ts';
import { pauseKpi } from './pause-kpi.ts';
import { promiseAgainKpi } from './promise-again-kpi.ts';
import { reopenKpi } from './reopen-kpi.ts';
import { restoreKpi } from './restore-kpi.ts';
import { resumeKpi } from './resume-kpi.ts';
import { retargetKpi } from './retarget-kpi.ts';
import type { SlaItem } from './sla.ts';
import { startKpi } from './start-kpi.ts';
import { succeedKpi } from './succeed-kpi.ts';

/** All clocks of a case after a command, and what happened to them. */
export interface Clocks {
  kpis: readonly KpiInstance[];
  facts: readonly Fact[];
}

type Clocked = Pick<CaseFile, 'kpis'>;
type Step = (instance: KpiInstance, calendar: Calendar | undefined) => KpiChange | undefined;

/** Applies a step to each clock; one that the step says nothing about stays as it is. */
const each = ({ kpis }: Clocked, rules: Rules, step: Step): Clocks => {
  const changes = kpis.map((instance) => step(instance, calendarOf(instance, rules)) ?? { instance, facts: [] });
  return {
    kpis: changes.flatMap(({ instance, successor }) => (successor ? [instance, successor] : [instance])),
    facts: changes.flatMap(({ facts }) => facts),
  };
};

/** A calendar that terms name is not among the rules. Without it a clock would silently run around the clock. */
export class MissingCalendar extends Error {
  override name = 'MissingCalendar';
}

const calendarBy = (rules: Rules, id: string | undefined, version?: number): Versioned<Calendar> | undefined => {
  const calendar = id === undefined ? undefined : rules.calendar(id, version);
  if (id !== undefined && !calendar) throw new MissingCalendar(`${id} ${version ?? ''}`);
  return calendar;
};

/** The calendar that a clock was born with: editing one never moves the deadlines of clocks that run. */
export const calendarOf = ({ calendarId, calendarVersion }: KpiInstance, rules: Rules): Calendar | undefined =>
  calendarBy(rules, calendarId, calendarVersion)?.document;

/** The newest clock of each KPI: the one whose outcome counts. */
export const latestGenerations = (kpis: readonly KpiInstance[]): KpiInstance[] => [
  ...new Map(
    [...kpis].sort((a, b) => a.generation - b.generation).map((instance) => [instance.kpi, instance]),
  ).values(),
];

const itemsFor = (subject: Case, customer: Customer | undefined, rules: Rules): PromisedItem[] => {
  const items: SlaItem[] = rules.sla ? chooseItems(rules.sla.document, caseLookup(subject, customer)) : [];
  return items.map((item) =>
    subject.excludedFromFirstResponse && item.kpi === 'firstResponse'
      ? { ...item, excludedFromStatistics: true }
      : item,
  );
};

const start = (
  item: PromisedItem,
  rules: Rules,
  now: Instant,
  about: Parameters<typeof startKpi>[3],
): KpiChange | undefined => {
  if (!rules.sla) return undefined;
  const calendar = calendarBy(rules, item.calendarId);
  return startKpi(termsOf(rules.sla, item, calendar), calendar?.document, now, about);
};

/** The clocks of a new case, from when it was created. With `answered` the first response is met as it starts. */
export const startClocks = ({
  subject,
  customer,
  rules,
  answered,
  now,
}: {
  subject: Case;
  customer: Customer;
  rules: Rules;
  answered: boolean;
  now: Instant;
}): Clocks => {
  const { caseId, createdOn } = subject;
  const changes = itemsFor(subject, customer, rules).flatMap((item) => {
    const calendar = calendarBy(rules, item.calendarId)?.document;
    // What an answered clock was due for meanwhile cannot matter: it is met at the instant at which it starts.
    const isMet = answered && item.kpi === 'firstResponse';
    const started = start(item, rules, isMet ? createdOn : now, { caseId, startedAt: createdOn });
    if (!started || !isMet) return started ?? [];
    const met = succeedKpi(started.instance, calendar, createdOn);
    return { instance: met.instance, facts: [...started.facts, ...met.facts] };
  });
  return { kpis: changes.map(({ instance }) => instance), facts: changes.flatMap(({ facts }) => facts) };
};

/** A case went on hold: the clocks that may be paused are. */
export const pauseClocks = (file: Clocked, rules: Rules, at: Instant, cause: string): Clocks =>
  each(file, rules, (instance, calendar) => pauseKpi(instance, calendar, at, { cause }));

/** A case came off hold at `at`, which may lie before now. */
export const resumeClocks = (
  file: Clocked,
  rules: Rules,
  { at, now, cause }: { at: Instant; now: Instant; cause: string },
): Clocks => each(file, rules, (instance, calendar) => resumeKpi(instance, calendar, now, { at, cause }));

/** What one KPI promises was done at `at`. */
export const succeedClock = (file: Clocked, rules: Rules, { kpi, at }: { kpi: string; at: Instant }): Clocks =>
  each(file, rules, (instance, calendar) =>
    isOpen(instance) && instance.kpi === kpi ? succeedKpi(instance, calendar, at) : undefined,
  );

/** A missed clock still counts until what it promised is done. */
const isOpen = (instance: KpiInstance): boolean =>
  !hasEnded(instance) || (instance.status === 'noncompliant' && !instance.succeededAt && !instance.cancelledAt);

/** A case was resolved at `at`: `resolve` is met, what else is open is void. */
export const resolveClocks = (file: Clocked, rules: Rules, at: Instant): Clocks =>
  each(file, rules, (instance, calendar) => {
    if (!isOpen(instance)) return undefined;
    return instance.kpi === 'resolve'
      ? succeedKpi(instance, calendar, at)
      : cancelKpi(instance, calendar, at, { cause: 'resolved' });
  });

/** A case was cancelled, or ended by something else that promises nothing: every open clock is void. */
export const cancelClocks = (file: Clocked, rules: Rules, at: Instant, cause = 'cancelled'): Clocks =>
  each(file, rules, (instance, calendar) =>
    isOpen(instance) ? cancelKpi(instance, calendar, at, { cause }) : undefined,
  );

/** Clocks that were stopped at an instant as if the case had ended, which it had not: each goes on with its credit. */
export const restoreClocks = (
  file: Clocked,
  rules: Rules,
  restoring: { stoppedAt: Instant; now: Instant; onHold: boolean; cause: string },
): Clocks => {
  const newest = latestGenerations(file.kpis);
  return each(file, rules, (instance, calendar) =>
    newest.includes(instance) ? restoreKpi(instance, calendar, restoring) : undefined,
  );
};

/** A closed case is worked on again: the newest clock of each KPI goes on as its terms say. */
export const reopenClocks = (file: Clocked, rules: Rules, now: Instant): Clocks => {
  const newest = latestGenerations(file.kpis);
  return each(file, rules, (instance, calendar) =>
    newest.includes(instance) ? reopenKpi(instance, calendar, now) : undefined,
  );
};

const CASE_CHANGED = 'the case was changed';

/**
 * A case was edited: each KPI has the item that matches now. A clock with other terms is replaced and keeps its credit,
 * one that nothing matches any more is void, and one that ended stays; a KPI that never had a clock gets one that
 * started when the case did.
 */
export const reevaluateClocks = (
  file: Pick<CaseFile, 'case' | 'kpis' | 'activities'>,
  customer: Customer,
  rules: Rules,
  { now, onHold }: { now: Instant; onHold: boolean },
): Clocks => {
  const items = itemsFor(file.case, customer, rules);
  const newest = latestGenerations(file.kpis);
  const isAnswered = (kpi: string): boolean =>
    kpi === 'firstResponse' && file.activities.firstRespondedOn !== undefined;
  const kept = each(file, rules, (instance, calendar) => {
    if (!newest.includes(instance)) return undefined;
    const item = items.find(({ kpi }) => kpi === instance.kpi);
    const cause = CASE_CHANGED;
    if (!item || !rules.sla) return hasEnded(instance) ? undefined : cancelKpi(instance, calendar, now, { cause });
    const next = calendarBy(rules, item.calendarId);
    if (instance.status === 'cancelled') {
      // What was void because the case was closed is the reopening's to promise again, or nobody's.
      const terms = termsOf(rules.sla, item, next);
      return isAnswered(instance.kpi) || instance.cancelCause !== CASE_CHANGED
        ? undefined
        : promiseAgainKpi(instance, calendar, now, { terms, calendar: next?.document, onHold });
    }
    return retargetKpi(instance, calendar, now, {
      terms: termsOf(rules.sla, item, next),
      calendar: next?.document,
      onHold,
      cause,
    });
  });
  const { caseId, createdOn: startedAt } = file.case;
  const added = items
    .filter((item) => !newest.some(({ kpi }) => kpi === item.kpi))
    .filter(({ kpi }) => !isAnswered(kpi))
    .flatMap((item) => start(item, rules, now, { caseId, startedAt, onHold }) ?? []);
  return {
    kpis: [...kept.kpis, ...added.map(({ instance }) => instance)],
    facts: [...kept.facts, ...added.flatMap(({ facts }) => facts)],
  };
};
