import { type Instant, toMs } from '../../domain/time.ts';
import { problemOf } from './names.ts';
import type { Entry, Found } from './read-back.ts';
import type { ReplayedCase, Sent } from './run.ts';

/** Something that is not as it was acknowledged. */
export interface Finding {
  externalId: string;
  kind: 'missing' | 'doubled' | 'not acknowledged' | 'different';
  what: string;
}

/** What has fired, and how many of it later than the second after it was due. */
export interface Alarms {
  warnings: Map<string, number>;
  breaches: Map<string, number>;
  late: number;
}

export interface Checked {
  acknowledged: number;
  findings: Finding[];
  alarms: Alarms;
}

/** What a user's command leaves in the audit; clocks and the other side of a kinship are looked at by themselves. */
const COMMANDED = [
  'case.created',
  'case.updated',
  'case.assigned',
  'case.routed',
  'case.resolved',
  'case.cancelled',
  'case.reactivated',
  'case.parentChanged',
  'activity.added',
];

/** An alarm is armed for the next whole second. */
const PUNCTUAL_MS = 1_000;

/** Compares what was acknowledged with what the service says: each change once and no other, and the state it leads to. */
export const check = (cases: readonly ReplayedCase[], found: ReadonlyMap<ReplayedCase, Found>): Checked => {
  const caseIds = new Map(cases.map(({ externalId, known }) => [externalId, known.caseId]));
  const alarms: Alarms = { warnings: new Map(), breaches: new Map(), late: 0 };
  const findings: Finding[] = [];
  let acknowledged = 0;
  for (const replayed of cases) {
    const changes = replayed.sent.filter(({ outcome }) => outcome !== 'unsent' && outcome.acknowledged);
    acknowledged += changes.length;
    if (changes.length === 0) continue;
    const one = found.get(replayed);
    const finding = (kind: Finding['kind'], what: string) =>
      void findings.push({ externalId: replayed.externalId, kind, what });
    if (!one) {
      finding('missing', `the case ${replayed.known.caseId} is not there`);
      continue;
    }
    checkChanges(changes, one, caseIds, finding);
    checkState(replayed, one, caseIds, finding);
    checkRouting(changes, one, finding);
    checkAlarms(one, alarms, finding);
  }
  return { acknowledged, findings, alarms };
};

type Report = (kind: Finding['kind'], what: string) => void;
type Ids = ReadonlyMap<string, string | undefined>;

/** How often each thing is there. */
const counted = (things: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const thing of things) counts.set(thing, (counts.get(thing) ?? 0) + 1);
  return counts;
};

const checkChanges = (
  changes: readonly Sent[],
  { entries, activities, sameExternalId }: Found,
  ids: Ids,
  finding: Report,
) => {
  const expected = counted(changes.map((change) => expectedEntry(change, ids)));
  const actual = counted(
    entries.filter(({ cause, action }) => cause === 'user' && COMMANDED.includes(action)).map(entryText),
  );
  for (const text of new Set([...expected.keys(), ...actual.keys()])) {
    const [wanted, there] = [expected.get(text) ?? 0, actual.get(text) ?? 0];
    if (there < wanted) finding('missing', `${text} is ${there} times in the audit, acknowledged ${wanted} times`);
    else if (there > wanted && wanted > 0)
      finding('doubled', `${text} is ${there} times in the audit, acknowledged ${wanted} times`);
    else if (there > wanted) finding('not acknowledged', `${text} is in the audit`);
  }

  const recorded = counted(activities.map(({ activityId }) => activityId));
  for (const { command, outcome } of changes) {
    if ((command.part !== 'ask' && command.part !== 'note') || outcome === 'unsent' || !outcome.acknowledged) continue;
    if (recorded.get(outcome.id ?? '') !== 1) finding('missing', `the activity ${outcome.id} is not on the timeline`);
  }
  for (const [body, n] of counted(activities.map(({ body }) => body)))
    if (n > 1) finding('doubled', `the activity “${body}” is ${n} times on the timeline`);
  if (sameExternalId !== 1) finding('doubled', `${sameExternalId} cases have its external id`);
};

const entryText = ({ at, action, changes, post }: Entry): string => {
  if (action === 'case.routed') return [at, action, `queueId=${post?.queueId}`].join(' ');
  if (action === 'case.reactivated' || action === 'case.created' || action === 'activity.added')
    return `${at} ${action}`;
  // What a child inherits when it is attached is no part of what was asked for.
  const asked = changes.filter(({ field }) => action !== 'case.parentChanged' || field === 'parentId');
  return [at, action, ...asked.map(({ field, new: value }) => `${field}=${value ?? ''}`).sort()].join(' ');
};

const expectedEntry = ({ at, command }: Sent, ids: Ids): string => {
  switch (command.part) {
    case 'open':
      return `${at} case.created`;
    case 'reactivate':
      return `${at} case.reactivated`;
    case 'detach':
      return `${at} case.parentChanged parentId=`;
    case 'attach':
      return `${at} case.parentChanged parentId=${ids.get(problemOf(command.problem))}`;
    case 'edit':
      return [
        at,
        'case.updated',
        ...Object.entries(command.body)
          .map(([field, value]) => `${field}=${value}`)
          .sort(),
      ].join(' ');
    case 'route':
      return `${at} case.routed queueId=${command.queueId}`;
    case 'assign':
      return `${at} case.assigned ownerId=${command.ownerId}`;
    case 'reason':
      return `${at} case.updated statusReason=${command.statusReason}`;
    case 'resolve':
      return `${at} case.resolved status=resolved statusReason=${command.body.resolutionType}`;
    case 'ask':
    case 'note':
      return `${at} activity.added`;
  }
};

const checkState = ({ known, children }: ReplayedCase, { view }: Found, ids: Ids, finding: Report): void => {
  const expected = {
    status: known.status,
    statusReason: known.statusReason,
    priority: known.priority,
    ownerId: known.ownerId,
    subjectId: known.subjectId,
    parentId: known.problem && ids.get(problemOf(known.problem)),
    childCount: children,
  };
  const actual = new Map<string, unknown>(Object.entries(view));
  for (const [field, value] of Object.entries(expected))
    if (actual.get(field) !== value)
      finding('different', `${field} is ${actual.get(field)}, acknowledged was ${value}`);
};

/** A case that nobody placed is routed by the rules, once; an active one stands where it was routed to last. */
const checkRouting = (changes: readonly Sent[], { view, entries }: Found, finding: Report): void => {
  const opening = changes.find(({ command }) => command.part === 'open')?.command;
  const given = opening?.part === 'open' ? opening.body.queueId : undefined;
  const routed = entries.filter(({ action }) => action === 'case.routed');
  const byRules = routed.filter(({ cause }) => cause === 'routing').length;
  if (!given && byRules === 0) finding('missing', 'it was never routed');
  if (byRules > (given ? 0 : 1)) finding('doubled', `it was routed by the rules ${byRules} times`);
  const last = routed.at(-1)?.post?.queueId ?? given;
  if (view.status === 'active' && view.queueId !== last)
    finding('different', `it stands in ${view.queueId ?? 'no queue'}, routed it was to ${last}`);
};

const checkAlarms = ({ kpis, entries }: Found, alarms: Alarms, finding: Report): void => {
  const of = (action: string) => entries.filter((entry) => entry.action === action);
  const [warnings, breaches] = [of('sla.warning'), of('sla.breached')];
  for (const [fired, counts] of [
    [warnings, alarms.warnings],
    [breaches, alarms.breaches],
  ] as const) {
    for (const { post, at, action } of fired) {
      counts.set(post?.kpi ?? '', (counts.get(post?.kpi ?? '') ?? 0) + 1);
      if (post?.dueAt !== post?.occurredAt) finding('different', `${action} is not dated when it was due`);
      if (toMs(at) - toMs(post?.dueAt ?? at) > PUNCTUAL_MS) alarms.late += 1;
    }
    for (const [clock, n] of counted(fired.map(({ action, post }) => `${action} of ${post?.kpi} ${post?.generation}`)))
      if (n > 1) finding('doubled', `${clock} fired ${n} times`);
  }

  for (const { kpi, generation, breachedAt, warnedAt } of kpis) {
    const fired = (some: Entry[], dueAt: Instant, upTo = generation) =>
      some.some(({ post }) => post?.kpi === kpi && post.dueAt === dueAt && (post.generation ?? 0) <= upTo);
    if (breachedAt && !fired(breaches, breachedAt)) finding('missing', `the breach of ${kpi} at ${breachedAt}`);
    // A later generation may carry the warning that an earlier one gave.
    if (warnedAt && !fired(warnings, warnedAt)) finding('missing', `the warning of ${kpi} at ${warnedAt}`);
  }

  const notified = of('sla.notified');
  const told = (alarm: string) => notified.filter(({ post }) => post?.alarm === alarm).length;
  const escalated = entries.filter(({ action, cause }) => action === 'case.routed' && cause.startsWith('sla:')).length;
  const failed = of('sla.actionFailed').length;
  const actions = [
    ['notifications of warnings', told('warning'), warnings.length * 2],
    ['notifications of breaches', told('breach'), breaches.length],
    ['escalations', escalated + failed, breaches.length],
  ] as const;
  for (const [what, there, wanted] of actions)
    if (there !== wanted) finding(there < wanted ? 'missing' : 'doubled', `${there} ${what} instead of ${wanted}`);
};
