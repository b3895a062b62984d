import type { z } from 'zod';
import type { Priority } from '../../domain/cases/case.ts';
import type { UserFields } from '../../domain/people/user.ts';
import type { Queue } from '../../domain/queues/queue.ts';
import type { RoutingRuleSet } from '../../domain/routing/rule-set.ts';
import type { Subject } from '../../domain/settings/subject.ts';
import type { Calendar } from '../../domain/sla/calendar.ts';
import type { Sla } from '../../domain/sla/sla.ts';
import { categoryOf, customerOf, problemOf, queueOf, subjectOf, userOf } from './names.ts';
import type { Row } from './rows.ts';

/** A request that prepares the service, made by an admin. Sent again it changes nothing. */
export interface SetUpRequest {
  method: 'PUT' | 'POST';
  path: string;
  body?: object;
}

export interface SetUp {
  /** In an order in which each refers only to what came before. */
  settings: SetUpRequest[];
  /** Customers and users, in any order. */
  people: SetUpRequest[];
  /** Where the rules send a case of this row. */
  routedTo(row: Row): string;
}

export const ESCALATION_QUEUE = 'escalation';
export const PROBLEM_QUEUE = 'problems';
export const PROBLEM_CUSTOMER = 'problem-management';
const CALENDAR = 'office-hours';

/** Business minutes: four hours, a day, five days and ten days of eight hours to resolve. */
const TARGETS: Record<z.infer<typeof Priority>, { firstResponse: number; resolve: number }> = {
  urgent: { firstResponse: 30, resolve: 240 },
  high: { firstResponse: 60, resolve: 480 },
  normal: { firstResponse: 240, resolve: 2_400 },
  low: { firstResponse: 480, resolve: 4_800 },
};

const office = [{ from: '09:00', to: '17:00' }];
const calendar: z.input<typeof Calendar> = {
  name: 'Office hours',
  timeZone: 'Europe/London',
  weekly: { mon: office, tue: office, wed: office, thu: office, fri: office },
  holidays: [
    { date: '2016-03-25', name: 'Good Friday' },
    { date: '2016-03-28', name: 'Easter Monday' },
    { date: '2016-05-02', name: 'Early May' },
    { date: '2016-05-30', name: 'Spring' },
    { date: '2016-08-29', name: 'Summer' },
    { fromDate: '2016-12-26', toDate: '2016-12-27', name: 'Christmas' },
  ],
};

const slaItem = (priority: z.infer<typeof Priority>, kpi: 'firstResponse' | 'resolve') => {
  const targetMinutes = TARGETS[priority][kpi];
  return {
    id: `${kpi}-${priority}`,
    kpi,
    when: { field: 'priority', op: 'eq' as const, value: priority },
    targetMinutes,
    warnMinutes: Math.floor(targetMinutes * 0.75),
    calendarId: CALENDAR,
    onReopen: 'continue' as const,
    actions: {
      warn: [
        { type: 'notify' as const, to: 'owner' },
        { type: 'notify' as const, to: 'queue' },
      ],
      breach: [
        { type: 'notify' as const, to: 'supervisors' },
        { type: 'routeToQueue' as const, queueId: ESCALATION_QUEUE },
      ],
    },
  };
};

const sla: z.input<typeof Sla> = {
  name: 'By priority',
  isDefault: true,
  items: (['urgent', 'high', 'normal', 'low'] as const).flatMap((priority) => [
    slaItem(priority, 'firstResponse'),
    slaItem(priority, 'resolve'),
  ]),
};

/** All that the rows refer to: customers, users, queues, the subject tree, and rules that send each category to its desk. */
export const setUpFor = (rows: readonly Row[]): SetUp => {
  const desks = desksOf(rows);
  const put = <Body extends object>(path: string, body: Body): SetUpRequest => ({ method: 'PUT', path, body });
  const queue = (id: string, name: string): SetUpRequest =>
    put<z.input<typeof Queue>>(`/v1/queues/${id}`, { name, visibility: 'public' });
  const customer = (id: string, name: string, kind: 'contact' | 'account'): SetUpRequest => ({
    method: 'POST',
    path: '/v1/customers',
    body: { id, name, kind },
  });
  const groups = unique(rows.flatMap(({ group }) => group ?? []));
  const ruleSet: z.input<typeof RoutingRuleSet> = {
    name: 'By category',
    rules: [...desks.byCategory].map(([category, queueId]) => ({
      id: category,
      when: { field: 'subjectId', op: 'under', value: category },
      queueId,
    })),
    defaultQueueId: desks.first,
  };
  const problems = unique(rows.flatMap(({ problem }) => problem ?? []));
  return {
    settings: [
      put(`/v1/settings/calendars/${CALENDAR}`, calendar),
      queue(ESCALATION_QUEUE, 'Escalation'),
      queue(PROBLEM_QUEUE, `Problems: ${problems.map(problemOf).join(', ') || 'none'}`.slice(0, 200)),
      ...groups.map((group) => queue(queueOf(group), group)),
      put('/v1/settings/slas/by-priority', sla),
      ...subjectsOf(rows).map(([id, subject]) => put(`/v1/settings/subjects/${id}`, subject)),
      put('/v1/settings/routing-rule-sets/by-category', ruleSet),
      { method: 'POST', path: '/v1/settings/routing-rule-sets/by-category/activate' },
    ],
    people: [
      ...unique(rows.flatMap(({ assignee, resolver }) => [assignee ?? [], resolver ?? []].flat())).map((name) =>
        put<z.input<typeof UserFields>>(`/v1/users/${userOf(name)}`, { name }),
      ),
      customer(PROBLEM_CUSTOMER, 'Problem management', 'account'),
      ...new Map(
        rows.map((row) => [customerOf(row), customer(customerOf(row), row.caller ?? 'Unknown caller', 'contact')]),
      ).values(),
    ],
    routedTo: (row) => desks.byCategory.get(categoryOf(row) ?? '') ?? desks.first,
  };
};

const unique = (words: string[]): string[] => [...new Set(words)].sort();

/** Categories before their subcategories. */
const subjectsOf = (rows: readonly Row[]): [string, z.input<typeof Subject>][] => {
  const subjects = new Map<string, z.input<typeof Subject>>();
  for (const row of rows) {
    const [category, subject] = [categoryOf(row), subjectOf(row)];
    if (!category || !subject || !row.category) continue;
    subjects.set(category, { name: row.category });
    if (subject !== category) subjects.set(subject, { name: row.subcategory ?? row.category, parentId: category });
  }
  return [...subjects].sort(([, a], [, b]) => Number(a.parentId !== undefined) - Number(b.parentId !== undefined));
};

/**
 * The desk that takes up most incidents is the first line. A category has a rule where more than half of its incidents
 * began with one other group: there the log shows a habit.
 */
const desksOf = (rows: readonly Row[]): { first: string; byCategory: Map<string, string> } => {
  const firstRows = [...new Map([...rows].reverse().map((row) => [row.number, row])).values()];
  const count = (some: readonly Row[]): [string, number][] => {
    const counts = new Map<string, number>();
    for (const { group } of some) if (group) counts.set(queueOf(group), (counts.get(queueOf(group)) ?? 0) + 1);
    return [...counts].sort(([idA, a], [idB, b]) => b - a || (idA < idB ? -1 : 1));
  };
  const first = count(firstRows)[0]?.[0] ?? 'default';
  const byCategory = new Map<string, string>();
  for (const category of unique(firstRows.flatMap((row) => categoryOf(row) ?? []))) {
    const those = firstRows.filter((row) => categoryOf(row) === category);
    const [top] = count(those);
    if (top && top[0] !== first && top[1] * 2 > those.length) byCategory.set(category, top[0]);
  }
  return { first, byCategory };
};
