import { noActivities } from '../../domain/activities/activity.ts';
import { Case, type CaseFields, type Resolution } from '../../domain/cases/case.ts';
import type { Caller, CaseChange, CaseFile, Rules } from '../../domain/cases/case-file.ts';
import { DEFAULT_STATUS_MODEL, type StatusModel } from '../../domain/cases/status-reasons.ts';
import type { Customer } from '../../domain/customers/customer.ts';
import { noChildren } from '../../domain/hierarchy/family.ts';
import type { Placement } from '../../domain/queues/queue.ts';
import type { Decision } from '../../domain/refusal.ts';
import { CaseSettings } from '../../domain/settings/case-settings.ts';
import type { KpiInstance, KpiTerms } from '../../domain/sla/kpi-instance.ts';
import { startKpi } from '../../domain/sla/start-kpi.ts';
import { terms } from './sla-builders.ts';

export const NOW = '2026-03-09T12:00:00.000Z';
export const EARLIER = '2026-03-09T09:00:00.000Z';
export const CASE = '0196b3a0-0000-7000-8000-000000000001';
export const PARENT = '0196b3a0-0000-7000-8000-000000000002';
export const CASCADE = '0196b3a0-0000-4000-8000-00000000000c';

export const anna: Caller = { userId: 'anna', roles: ['agent'] };
export const sue: Caller = { userId: 'sue', roles: ['agent', 'supervisor'] };
export const machine: Caller = { userId: 'erp', roles: ['integration'] };

export const ada: Customer = {
  customerId: 'ada',
  name: 'Ada Lovelace',
  kind: 'contact',
  createdOn: EARLIER,
  createdBy: 'anna',
  modifiedOn: EARLIER,
  version: 1,
};

const resolution: Resolution = {
  resolutionType: 'problemSolved',
  resolution: 'Done',
  totalMinutes: 0,
  billableMinutes: 0,
  resolvedAt: EARLIER,
  resolvedBy: 'anna',
  cause: 'user',
  sla: [],
};

type Fields = Partial<CaseFields> & {
  caseId?: string;
  statusReason?: string;
  ownerId?: string;
  parentId?: string;
  subjectPath?: string[];
  slaVersion?: number;
  mergedInto?: string;
  reopenCount?: number;
  version?: number;
};

const common = ({ caseId = CASE, ...fields }: Fields) => ({
  caseId,
  caseNumber: `CASE-00000${caseId.at(-1)}`,
  referenceKey: `CASE-00000${caseId.at(-1)}-4F7K`,
  title: 'No network',
  customerId: 'ada',
  accountId: 'ada',
  origin: 'web',
  priority: 'normal',
  reopenCount: 0,
  createdOn: EARLIER,
  createdBy: 'anna',
  modifiedOn: EARLIER,
  version: 1,
  ...fields,
});

export const activeCase = (fields: Fields = {}): Case =>
  Case.parse({ status: 'active', statusReason: 'inProgress', ...common(fields) });
export const resolvedCase = (fields: Fields = {}): Case =>
  Case.parse({
    status: 'resolved',
    statusReason: 'problemSolved',
    resolvedOn: EARLIER,
    resolution,
    ...common(fields),
  });
export const cancelledCase = (fields: Fields = {}): Case =>
  Case.parse({ status: 'cancelled', statusReason: 'cancelled', cancelledOn: EARLIER, ...common(fields) });

/** A case's file with no children, activities or clocks, in no queue, but for what is given. */
export const fileOf = (subject: Case = activeCase(), parts: Partial<Omit<CaseFile, 'case'>> = {}): CaseFile => ({
  case: subject,
  family: noChildren(subject.caseId),
  activities: noActivities(subject.caseId),
  kpis: [],
  ...parts,
});

export const queued = (changed: Partial<Placement> = {}): Placement => ({
  caseId: CASE,
  state: 'queued',
  queueId: 'default',
  since: EARLIER,
  priorityRank: 2,
  revision: 1,
  ...changed,
});

/** So many children, so many of them active. */
export const childrenOf = (caseId: string, activeChildren: number, childCount = activeChildren) => ({
  caseId,
  childCount,
  activeChildren,
});

export const openTasks = (n: number, caseId = CASE) => ({
  ...noActivities(caseId),
  open: Array.from({ length: n }, (_, index) => ({
    activityId: `0196b3a0-0000-7000-8000-0000000001${String(index).padStart(2, '0')}`,
    type: 'task' as const,
  })),
  revision: 1,
});

/** A clock around the clock that has run since the case was opened; its terms are those of `terms`, but for what is given. */
export const runningClock = (changed: Partial<KpiTerms> = {}): KpiInstance =>
  startKpi(terms(changed), undefined, EARLIER, { caseId: CASE, startedAt: EARLIER }).instance;

/** What a closing rests on besides its case: nobody has anything against it. */
export const closingBy = (caller: Caller, rules: Rules = rulesOf()) => ({
  rules,
  caller,
  now: NOW,
  cascadeId: CASCADE,
  openActivitiesOfChildren: 0,
});

/** The settings of a fresh service, but for what is given. */
export const rulesOf = (
  settings: Partial<CaseSettings> = {},
  { statusModel = DEFAULT_STATUS_MODEL, ...rest }: Partial<Omit<Rules, 'caseSettings'>> = {},
): Rules => ({
  caseSettings: CaseSettings.parse(settings),
  statusModel,
  customFields: [],
  flows: [],
  calendar: () => undefined,
  ...rest,
});

/** The default transition graph without some of its edges. */
export const withoutEdges = (...edges: [from: string, to: string][]): StatusModel => ({
  ...DEFAULT_STATUS_MODEL,
  transitions: {
    enabled: true,
    allow: Object.fromEntries(
      Object.entries(DEFAULT_STATUS_MODEL.transitions.allow).map(([from, targets]) => [
        from,
        targets.filter((to) => !edges.some(([one, other]) => one === from && other === to)),
      ]),
    ),
  },
});

/** What a decision led to, in a word each, or the code of its refusal. */
export const told = (decision: Decision<CaseChange>): string =>
  decision.accepted ? decision.value.facts.map(({ type }) => type).join(', ') : decision.code;

/** The change of an accepted decision. */
export const changeOf = (decision: Decision<CaseChange>): CaseChange => {
  if (!decision.accepted) throw new Error(`${decision.code}: ${decision.detail}`);
  return decision.value;
};
