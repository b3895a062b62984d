import type { CaseFile, Rules, Versioned } from '../cases/case-file.ts';
import type { Fact } from '../facts/fact.ts';
import type { Instant } from '../time.ts';
import type { Calendar } from './calendar.ts';
import { cancelKpi } from './cancel-kpi.ts';
import type { KpiChange } from './kpi-change.ts';
import { type KpiInstance, type PromisedItem, termsOf } from './kpi-instance.ts';
import { hasEnded } from './kpi-lifecycle.ts';
import { pauseKpi } from './pause-kpi.ts';
import { isHeld, isMet, itemOf, promisedItems, type Seen, startOf } from './promised-items.ts';
import { reopenKpi } from './reopen-kpi.ts';
import { restoreKpi } from './restore-kpi.ts';
import { resumeKpi } from './resume-kpi.ts';
import { type Start, startKpi } from './start-kpi.ts';
import { succeedKpi } from './succeed-kpi.ts';

/** All clocks of a case after a command, and what happened to them. */
export interface Clocks {
  kpis: readonly KpiInstance[];
  facts: readonly Fact[];
}

type Clocked = Pick<CaseFile, 'kpis'>;
type Step = (instance: KpiInstance, calendar: Calendar | undefined) => KpiChange | undefined;

/** Applies a step to each clock; one that the step says nothing about stays as it is. */
export const each = ({ kpis }: Clocked, rules: Rules, step: Step): Clocks => {
  const changes = kpis.map((instance) => step(instance, calendarOf(instance, rules)) ?? { instance, facts: [] });
  if (changes.every(({ instance, successor }, n) => instance === kpis[n] && !successor)) return { kpis, facts: [] };
  return {
    kpis: changes.flatMap(({ instance, successor }) => (successor ? [instance, successor] : [instance])),
    facts: changes.flatMap(({ facts }) => facts),
  };
};

/** As `each`, for the newest clock of each KPI. */
export const eachNewest = (clocked: Clocked, rules: Rules, step: Step): Clocks => {
  const newest = latestGenerations(clocked.kpis);
  return each(clocked, rules, (instance, calendar) =>
    newest.includes(instance) ? step(instance, calendar) : undefined,
  );
};

/** The clocks after several steps, each on what the one before has left. */
export const inTurn = ({ kpis }: Clocked, ...steps: ((clocked: Clocked) => Clocks)[]): Clocks =>
  steps.reduce<Clocks>(
    (before, step) => {
      const after = step(before);
      return { kpis: after.kpis, facts: [...before.facts, ...after.facts] };
    },
    { kpis, facts: [] },
  );

/** A calendar that terms name is not among the rules. Without it a clock would silently run around the clock. */
export class MissingCalendar extends Error {
  override name = 'MissingCalendar';
}

/** The calendar of an id, in its present version or another; none for those who count around the clock. */
export const calendarBy = (rules: Rules, id: string | undefined, version?: number): Versioned<Calendar> | undefined => {
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

/** A clock for an item, in the present version of its calendar. */
export const startFor = (item: PromisedItem, rules: Rules, now: Instant, about: Start): KpiChange | undefined => {
  if (!rules.sla) return undefined;
  const calendar = calendarBy(rules, item.calendarId);
  return startKpi(termsOf(rules.sla, item, calendar, about.startedAt), calendar?.document, now, about);
};

/**
 * The clocks of a new case, each from when its item counts; a next response is owed only once the customer has written.
 * With `answered` the first response is met as it starts, and so is what is true from the beginning.
 */
export const startClocks = (
  seen: Seen,
  rules: Rules,
  { answered, now }: { answered: boolean; now: Instant },
): Clocks => {
  const { caseId } = seen.case;
  const changes = promisedItems(seen, rules).flatMap((item) => {
    const startedAt = startOf(item, seen, rules);
    if (item.kpi === 'nextResponse' || !startedAt) return [];
    const calendar = calendarBy(rules, item.calendarId)?.document;
    const isAnswer = answered && item.kpi === 'firstResponse' && !item.success;
    // What a met clock was due for meanwhile cannot matter: it is met at the instant at which it starts.
    const met = isAnswer || isMet(item, seen, rules);
    const onHold = isHeld(item.kpi, item, seen, rules);
    const started = startFor(item, rules, met ? startedAt : now, { caseId, startedAt, onHold });
    if (!started || !met) return started ?? [];
    const after = succeedKpi(started.instance, calendar, startedAt);
    return { instance: after.instance, facts: [...started.facts, ...after.facts] };
  });
  return { kpis: changes.map(({ instance }) => instance), facts: changes.flatMap(({ facts }) => facts) };
};

/**
 * Each clock waits or runs as its conditions say. It runs on from `resumedAt`, which may lie before now. What the clocks
 * are counts, not what the case was before: whether a reason holds may have been changed meanwhile.
 */
export const holdClocks = (
  file: Seen & Clocked,
  rules: Rules,
  { now, resumedAt = now, cause }: { now: Instant; resumedAt?: Instant; cause: string },
): Clocks =>
  each(file, rules, (instance, calendar) =>
    isHeld(instance.kpi, itemOf(instance, rules), file, rules)
      ? pauseKpi(instance, calendar, now, { cause })
      : resumeKpi(instance, calendar, now, { at: resumedAt, cause }),
  );

/** What one KPI promises was done at `at`; one that is met by a condition is not met by this. */
export const succeedClock = (
  file: Clocked,
  rules: Rules,
  { kpi, at, now }: { kpi: string; at: Instant; now: Instant },
): Clocks =>
  each(file, rules, (instance, calendar) =>
    isOpen(instance) && instance.kpi === kpi && !itemOf(instance, rules)?.success
      ? succeedKpi(instance, calendar, at, now)
      : undefined,
  );

/** What a condition calls success has come true: the clocks that waited for it are met. */
export const meetClocks = (file: Seen & Clocked, rules: Rules, at: Instant): Clocks =>
  each(file, rules, (instance, calendar) =>
    isOpen(instance) && isMet(itemOf(instance, rules), file, rules) ? succeedKpi(instance, calendar, at) : undefined,
  );

/** The customer wrote at `at`: unless an answer is owed already, one is from then on, in a generation of its own. */
export const askClocks = (file: Seen & Clocked, rules: Rules, { at, now }: { at: Instant; now: Instant }): Clocks => {
  const item = promisedItems(file, rules).find(({ kpi }) => kpi === 'nextResponse');
  const last = latestGenerations(file.kpis).find(({ kpi }) => kpi === 'nextResponse');
  if (!item || (last && isOpen(last))) return { kpis: file.kpis, facts: [] };
  const started = startFor(item, rules, now, {
    caseId: file.case.caseId,
    generation: (last?.generation ?? 0) + 1,
    startedAt: at,
    onHold: isHeld(item.kpi, item, file, rules),
    cause: 'the customer wrote',
  });
  return started ? { kpis: [...file.kpis, started.instance], facts: started.facts } : { kpis: file.kpis, facts: [] };
};

/** A missed clock still counts until what it promised is done. */
export const isOpen = (instance: KpiInstance): boolean =>
  !hasEnded(instance) || (instance.status === 'noncompliant' && !instance.succeededAt && !instance.cancelledAt);

const RESOLUTIONS: readonly string[] = ['resolve', 'totalResolution'];

/** A case was resolved at `at` (`file` shows it so): what a resolution promises is met, what else is open is void. */
export const resolveClocks = (file: Seen & Clocked, rules: Rules, at: Instant, now: Instant): Clocks =>
  each(file, rules, (instance, calendar) => {
    if (!isOpen(instance)) return undefined;
    const item = itemOf(instance, rules);
    const isDone = item?.success ? isMet(item, file, rules) : RESOLUTIONS.includes(instance.kpi);
    return isDone
      ? succeedKpi(instance, calendar, at, now)
      : cancelKpi(instance, calendar, at, { cause: 'resolved', now });
  });

/** A case was cancelled, or ended by something else that promises nothing: every open clock is void. */
export const cancelClocks = (file: Clocked, rules: Rules, at: Instant, cause = 'cancelled'): Clocks =>
  each(file, rules, (instance, calendar) =>
    isOpen(instance) ? cancelKpi(instance, calendar, at, { cause }) : undefined,
  );

/**
 * Clocks that were stopped at an instant as if the case had ended, which it had not (`file` shows it active): each goes
 * on with its credit.
 */
export const restoreClocks = (
  file: Seen & Clocked,
  rules: Rules,
  stop: { stoppedAt: Instant; now: Instant; cause: string },
): Clocks =>
  eachNewest(file, rules, (instance, calendar) => {
    const onHold = isHeld(instance.kpi, itemOf(instance, rules), file, rules);
    return restoreKpi(instance, calendar, { ...stop, onHold });
  });

/**
 * A closed case is worked on again (`file` shows it so): the newest clock of each KPI goes on as its terms say, and
 * waits where its conditions say so. What is so already is not promised again.
 */
export const reopenClocks = (file: Seen & Clocked, rules: Rules, now: Instant): Clocks =>
  eachNewest(file, rules, (instance, calendar) => {
    const item = itemOf(instance, rules);
    if (isMet(item, file, rules)) return undefined;
    return reopenKpi(instance, calendar, now, { onHold: isHeld(instance.kpi, item, file, rules) });
  });
