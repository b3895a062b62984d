import type { Activity } from '../activities/activity.ts';
import { isMessage } from '../activities/add-activity.ts';
import { Case } from '../cases/case.ts';
import type { CaseFile, Rules } from '../cases/case-file.ts';
import { nameIn } from '../custom-fields/values.ts';
import type { CaseEvent, Fact, FieldChange } from '../facts/fact.ts';
import type { Instant } from '../time.ts';
import {
  askClocks,
  type Clocks,
  cancelClocks,
  inTurn,
  reopenClocks,
  resolveClocks,
  restoreClocks,
  startClocks,
  succeedClock,
} from './clocks.ts';
import { followCase } from './follow-case.ts';
import type { KpiInstance } from './kpi-instance.ts';
import type { Seen } from './promised-items.ts';
import { settleKpi } from './settle-kpi.ts';

/** What has happened to a case. */
export interface Past {
  /** The case as it is. */
  file: CaseFile;
  /** All of its events, in the order in which they were recorded. */
  events: readonly CaseEvent[];
  activities: ReadonlyMap<string, Activity>;
  /** Whether somebody who records is a person: only people answer. */
  isPerson: (userId: string) => boolean;
  /** Where a subject stands in the tree. */
  pathOf: (subjectId: string) => string[] | undefined;
}

/**
 * The clocks that a case would have had under the SLA of `rules`: its past is played again, event by event, by the very
 * decisions that run the real clocks. Fields are taken back to what they were by the audit; the customer, the calendars
 * and what the status reasons mean are as they are now.
 */
export const replayCase = (past: Past, rules: Rules, asOf: Instant): KpiInstance[] => {
  const { file, events } = past;
  const { placement } = file;
  const present: [string, unknown][] = [
    ...Object.entries(file.case),
    ...Object.entries(file.case.customFields ?? {}).map(([name, value]): [string, unknown] => [
      `customFields.${name}`,
      value,
    ]),
    ['queueId', placement?.queueId],
    ['workedBy', placement?.workedBy],
  ];
  const values = events.reduceRight((after, { fact }) => changed(after, fact.changes ?? [], 'old'), new Map(present));
  const state: State = { past, rules, values, customerReplied: false, kpis: [] };
  return events.reduce(played, state).kpis.map((instance) => settleKpi(instance, asOf).instance);
};

type Values = ReadonlyMap<string, unknown>;

interface State {
  past: Past;
  rules: Rules;
  /** The case's fields, by name. */
  values: Values;
  customerReplied: boolean;
  firstRespondedOn?: Instant;
  /** When the customer last wrote: a case that is woken runs on from there. */
  wroteAt?: Instant;
  cancelledAt?: Instant;
  kpis: readonly KpiInstance[];
}

/** An erasure names fields and not what stood in them: what is left of them holds for all of the past. */
const isTold = (change: FieldChange): boolean => change.old !== undefined || change.new !== undefined;

const changed = (values: Values, changes: readonly FieldChange[], to: 'old' | 'new'): Map<string, unknown> =>
  new Map([...values, ...changes.filter(isTold).map((change): [string, unknown] => [change.field, change[to]])]);

/** What was imported is dated as it was; everything else counts from when it was told. */
const toldAt = ({ at, cause, fact }: CaseEvent): Instant => (cause === 'import' ? fact.occurredAt : at);

const played = (before: State, event: CaseEvent): State => {
  const { fact } = event;
  const now = toldAt(event);
  const state: State = { ...before, values: changed(before.values, fact.changes ?? [], 'new') };
  const { rules, past, kpis } = state;
  switch (fact.type) {
    case 'case.created': {
      const answered = fact.firstResponse === true;
      const started = { ...state, ...(answered && { firstRespondedOn: fact.occurredAt }) };
      return withKpis(started, startClocks(seen(started), rules, { answered, now: fact.occurredAt }));
    }
    case 'activity.added':
    case 'activity.updated': {
      const activity = past.activities.get(fact.activityId);
      if (!activity || !isActive(state) || !completes(past, activity, fact)) return state;
      const at = fact.type === 'activity.added' ? fact.occurredAt : now;
      return afterActivity(state, activity, { at, now, isFirst: fact.firstResponse });
    }
    case 'case.resolved':
      return withKpis(
        { ...state, customerReplied: false },
        fact.asBefore
          ? cancelClocks({ kpis }, rules, now, 'resolved as before')
          : resolveClocks({ ...seen(state), kpis }, rules, fact.occurredAt, now),
      );
    case 'case.cancelled':
    case 'case.merged':
      return withKpis({ ...state, customerReplied: false, cancelledAt: now }, cancelClocks({ kpis }, rules, now));
    case 'case.reactivated':
      return followed(withKpis(state, reopenClocks({ ...seen(state), kpis }, rules, now)), now);
    case 'case.unmerged': {
      const stop = { stoppedAt: state.cancelledAt ?? now, now, cause: 'unmerged' };
      return followed(withKpis(state, restoreClocks({ ...seen(state), kpis }, rules, stop)), now);
    }
    default: {
      if (!fact.changes || !isActive(state)) return state;
      const woken = fact.type === 'case.updated' && fact.byReply;
      const resumedAt = woken ? (state.wroteAt ?? now) : fact.occurredAt;
      return followed(state, now, resumedAt);
    }
  }
};

/** Whether an activity was completed by this: as it was added or, if it was open then, by an edit. */
const completes = (
  { events }: Past,
  { activityId }: Activity,
  fact: Extract<Fact, { type: 'activity.added' | 'activity.updated' }>,
): boolean => {
  const stateIn = ({ changes = [] }: Fact) => changes.find(({ field }) => field === 'state');
  if (fact.type === 'activity.updated') return stateIn(fact)?.new === 'completed';
  const edits = events.filter(
    (event) => event.fact.type === 'activity.updated' && event.fact.activityId === activityId,
  );
  return !edits.some((event) => stateIn(event.fact)?.old === 'open');
};

const followed = (state: State, now: Instant, resumedAt = now): State =>
  withKpis(state, followCase({ ...seen(state), kpis: state.kpis }, state.rules, { now, resumedAt }));

const afterActivity = (
  state: State,
  activity: Activity,
  { at, now, isFirst }: { at: Instant; now: Instant; isFirst?: boolean },
): State => {
  const { rules, past } = state;
  if (!isMessage(activity)) return state;
  if (activity.direction === 'inbound') {
    const written = { ...state, customerReplied: true, wroteAt: at };
    const asked = askClocks({ ...seen(written), kpis: written.kpis }, rules, { at, now });
    return followed(withKpis(written, asked), now);
  }
  if (activity.direction !== 'outbound' || !past.isPerson(activity.createdBy)) return state;
  const answered = { ...state, customerReplied: false, ...(isFirst && { firstRespondedOn: at }) };
  const names = ['nextResponse', ...(isFirst ? ['firstResponse'] : [])];
  const clocks = inTurn(
    state,
    ...names.map((kpi) => (clocked: Pick<State, 'kpis'>) => succeedClock(clocked, rules, { kpi, at, now })),
  );
  return followed(withKpis(answered, clocks), now);
};

const withKpis = (state: State, { kpis }: Clocks): State => ({ ...state, kpis });

const isActive = ({ values }: State): boolean => (values.get('status') ?? 'active') === 'active';

/** The case as it was, as far as conditions look at it. */
const seen = ({ past, values, customerReplied, firstRespondedOn }: State): Seen => {
  const { case: present, activities } = past.file;
  const own = [...values].filter(
    ([name, value]) => value !== undefined && value !== null && nameIn(name) === undefined,
  );
  const custom = [...values].flatMap(([path, value]) => {
    const name = nameIn(path);
    return name !== undefined && value !== undefined && value !== null ? [[name, value]] : [];
  });
  const subjectId = values.get('subjectId');
  const subjectPath = typeof subjectId === 'string' ? past.pathOf(subjectId) : undefined;
  const status = values.get('status') ?? 'active';
  const { createdOn } = present;
  const resolution = {
    resolutionType: String(values.get('statusReason')),
    resolution: '',
    totalMinutes: 0,
    billableMinutes: 0,
    resolvedAt: createdOn,
    resolvedBy: '',
    cause: '',
    sla: [],
  };
  const subject = Case.parse({
    resolution,
    resolvedOn: createdOn,
    cancelledOn: createdOn,
    ...Object.fromEntries(own),
    status,
    subjectPath,
    ...(custom.length > 0 && { customFields: Object.fromEntries(custom) }),
  });
  const [queueId, workedBy] = [values.get('queueId'), values.get('workedBy')];
  return {
    case: subject,
    activities: { ...activities, customerReplied, firstRespondedOn },
    ...(typeof queueId === 'string' && {
      placement: {
        caseId: subject.caseId,
        state: 'queued',
        queueId,
        since: createdOn,
        priorityRank: 0,
        revision: 1,
        ...(typeof workedBy === 'string' && { workedBy }),
      },
    }),
  };
};
