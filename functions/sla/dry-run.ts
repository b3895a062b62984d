import { z } from 'zod';
import { Activity } from '../../domain/activities/activity.ts';
import { CaseId } from '../../domain/cases/case.ts';
import type { CaseFile, Versioned } from '../../domain/cases/case-file.ts';
import { CaseEvent } from '../../domain/facts/fact.ts';
import { mergedInto } from '../../domain/merge/survivor-of.ts';
import { invalid, refuse } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { isOfFlow, type KpiInstance, KpiStatus } from '../../domain/sla/kpi-instance.ts';
import { replayCase } from '../../domain/sla/replay-case.ts';
import { settleKpi } from '../../domain/sla/settle-kpi.ts';
import type { Sla } from '../../domain/sla/sla.ts';
import { Instant, MINUTE } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { CursorText } from '../api/route.ts';
import { withAccount } from '../references.ts';
import type { Services } from '../services.ts';
import { caseIdOf, statusShards } from '../table/keys.ts';

/** Which past cases an SLA is tried on: those that are closed and were last changed in this span. */
export const SlaDryRun = z
  .strictObject({
    from: Instant,
    to: Instant.optional().describe('Not included; now, when left out'),
    limit: z.int().min(1).max(50).default(20).describe('Cases a page at most'),
    cursor: CursorText.optional().describe('`nextCursor` of the page before'),
  })
  .meta({ id: 'SlaDryRun' });
export type SlaDryRun = z.infer<typeof SlaDryRun>;

const Clock = z.object({
  kpi: z.string(),
  generation: z.int(),
  status: KpiStatus,
  targetMinutes: z.int(),
  usedMinutes: z.int(),
  warnedAt: Instant.optional(),
  breachedAt: Instant.optional(),
  succeededAt: Instant.optional(),
});

const Counts = z.object({ met: z.int(), missed: z.int(), warned: z.int(), void: z.int() });
type Counts = z.infer<typeof Counts>;

/** What a page of a dry run found. Counts are the page's own: add them up. */
export const SlaDryRunResult = z
  .object({
    slaId: z.string(),
    slaVersion: z.int(),
    examined: z.int(),
    leftOut: z.int().describe('Cases with too long a history to be played again'),
    kpis: z.array(z.object({ kpi: z.string(), before: Counts, after: Counts })),
    cases: z.array(
      z.object({
        caseId: CaseId,
        caseNumber: z.string(),
        title: z.string(),
        before: z.array(Clock).describe('The clocks that the case had'),
        after: z.array(Clock).describe('The clocks that it would have had'),
      }),
    ),
    nextCursor: z.string().optional(),
  })
  .meta({ id: 'SlaDryRunResult' });
type Compared = z.infer<typeof SlaDryRunResult>['cases'][number];

/** More than this of one case's past is not read. */
const ENTRIES = 1_000;

/** The lists of closed cases, each in the order of their last change. */
const partitions = ['resolved', 'cancelled'].flatMap(statusShards);

const Position = z.object({ upTo: Instant, partition: z.int(), after: z.string() });
type Position = z.infer<typeof Position>;

type DryRunServices = Pick<Services, 'table' | 'cases' | 'settings' | 'customers' | 'users' | 'now'>;

/**
 * Plays the past of closed cases again under an SLA, default or not, a page of cases at a time, and tells what would
 * have been met, warned of and missed beside what was. By the same decisions as the real clocks; nothing is written.
 */
export const dryRunSla = async (
  services: DryRunServices,
  { params: { id }, body }: Request<{ id: string }, unknown, SlaDryRun>,
): Promise<Outcome> => {
  const { from, to = services.now(), limit, cursor } = body;
  if (from >= to) return invalid('from', 'is not before to');
  const head = await services.settings.head();
  const sla = await services.settings.slas.find(id, head);
  if (!sla) return refuse('NOT_FOUND', `There is nothing called ${id} among the slas`);
  const list = `dry run ${id} ${sla.version} ${from} ${body.to}`;
  const position = decodeCursor(list, cursor, Position);
  if (!position.accepted) return invalid('cursor', 'is not a cursor of this dry run');

  const { caseIds, next } = await pageOfCases(services, position.value ?? { upTo: to, partition: 0, after: from }, {
    from,
    limit,
  });
  const pathOf = await subjectPaths(services, head);
  const found = await Promise.all(caseIds.map((caseId) => compare(services, head, sla, caseId, pathOf)));
  const cases = found.flatMap((one) => (one === undefined || one === 'too long' ? [] : [one]));
  return {
    accepted: true,
    body: {
      slaId: sla.id,
      slaVersion: sla.version,
      examined: cases.length,
      leftOut: found.filter((one) => one === 'too long').length,
      kpis: countByKpi(cases),
      cases,
      ...(next && { nextCursor: encodeCursor(list, next) }),
    },
  };
};

const pageOfCases = async (
  { table }: DryRunServices,
  start: Position,
  { from, limit }: { from: Instant; limit: number },
): Promise<{ caseIds: string[]; next?: Position }> => {
  const caseIds: string[] = [];
  let position = start;
  for (;;) {
    const partition = partitions[position.partition];
    if (partition === undefined) return { caseIds };
    if (caseIds.length >= limit) return { caseIds, next: position };
    const { upTo, after } = position;
    const page = await table.page({ index: 3, partition, after, upTo, limit: limit - caseIds.length });
    caseIds.push(...page.items.map(({ PK }) => caseIdOf(String(PK))));
    position = page.next ? { ...position, after: page.next } : { upTo, partition: position.partition + 1, after: from };
  }
};

const subjectPaths = async (
  { settings }: DryRunServices,
  head: SettingsHead,
): Promise<(subjectId: string) => string[] | undefined> => {
  const parents = new Map((await settings.subjects.all(head)).map(({ id, document }) => [id, document.parentId]));
  const pathOf = (subjectId: string): string[] | undefined => {
    if (!parents.has(subjectId)) return undefined;
    const parentId = parents.get(subjectId);
    return parentId === undefined ? [subjectId] : [...(pathOf(parentId) ?? []), subjectId];
  };
  return pathOf;
};

const compare = async (
  services: DryRunServices,
  head: SettingsHead,
  sla: Versioned<Sla>,
  caseId: string,
  pathOf: (subjectId: string) => string[] | undefined,
): Promise<Compared | 'too long' | undefined> => {
  const { cases, customers, settings, users, now } = services;
  const file = await cases.load(caseId, { eventually: true });
  if (!file || mergedInto(file.case)) return undefined;
  const { items, next } = await cases.timeline(caseId, { limit: ENTRIES });
  if (next) return 'too long';
  const [rules, customer] = await Promise.all([
    settings.rulesFor(head, file),
    customers.find(file.case.customerId).then((found) => found && withAccount({ customers }, found)),
  ]);
  const events = items
    .filter(({ entity }) => entity === 'event')
    .map((item) => CaseEvent.parse(item))
    .sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  const activities = new Map(
    items
      .filter(({ entity }) => entity === 'activity')
      .map((item) => Activity.parse(item))
      .map((activity): [string, Activity] => [activity.activityId, activity]),
  );
  const authors = [...new Set([...activities.values()].map(({ createdBy }) => createdBy))];
  const known = await Promise.all(authors.map((userId) => users.known(userId, head)));
  const people = new Set(authors.filter((_, n) => known[n] !== undefined));

  const { caseNumber, title } = file.case;
  const past = { file, events, activities, pathOf, isPerson: (userId: string) => people.has(userId) };
  const after = replayCase(past, { ...rules, sla, customer: customer?.customer }, now());
  return { caseId, caseNumber, title, before: clocksOf(file, now()), after: after.map(shown) };
};

const clocksOf = ({ kpis }: CaseFile, now: Instant): Compared['before'] =>
  kpis.filter((instance) => !isOfFlow(instance)).map((instance) => shown(settleKpi(instance, now).instance));

const shown = (instance: KpiInstance): Compared['before'][number] =>
  Clock.parse({ ...instance, usedMinutes: Math.floor(instance.usedMs / MINUTE) });

/** Of each case and KPI the latest clock counts that is not void, as in the reports. */
const countByKpi = (cases: readonly Compared[]) => {
  const names = [...new Set(cases.flatMap(({ before, after }) => [...before, ...after].map(({ kpi }) => kpi)))].sort();
  return names.map((kpi) => ({
    kpi,
    before: counted(cases.map(({ before }) => before.filter((clock) => clock.kpi === kpi))),
    after: counted(cases.map(({ after }) => after.filter((clock) => clock.kpi === kpi))),
  }));
};

const counted = (cases: readonly Compared['before'][]): Counts => {
  const last = cases.flatMap((clocks) => {
    const valid = clocks.filter(({ status }) => status !== 'cancelled');
    return (valid.length > 0 ? valid : clocks).toSorted((a, b) => b.generation - a.generation)[0] ?? [];
  });
  const number = (is: (clock: (typeof last)[number]) => boolean) => last.filter(is).length;
  return {
    met: number(({ status }) => status === 'succeeded'),
    missed: number(({ status }) => status === 'noncompliant'),
    warned: number(({ warnedAt }) => warnedAt !== undefined),
    void: number(({ status }) => status === 'cancelled'),
  };
};
