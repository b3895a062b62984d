import { z } from 'zod';
import { CaseId } from '../../domain/cases/case.ts';
import type { Versioned } from '../../domain/cases/case-file.ts';
import { invalid, refuse } from '../../domain/refusal.ts';
import type { RoutingRuleSet } from '../../domain/routing/rule-set.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { Instant } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { decodeCursor, encodeCursor } from '../api/cursor.ts';
import { CursorText } from '../api/route.ts';
import type { Services } from '../services.ts';
import type { RoutedEvent } from '../table/routed-cases.ts';
import { chooseTarget } from './choose-target.ts';
import { RoutingAnswer } from './simulate.ts';

/** Which past cases a rule set is tried on: those that the rules of their time routed in this span. */
export const DryRun = z
  .strictObject({
    from: Instant,
    to: Instant.optional().describe('Not included; now, when left out'),
    limit: z.int().min(1).max(100).default(100).describe('Cases a page at most'),
    cursor: CursorText.optional().describe('`nextCursor` of the page before'),
  })
  .meta({ id: 'DryRun' });
export type DryRun = z.infer<typeof DryRun>;

/** What a page of a dry run found. Counts are the page's own: add them up. */
export const DryRunResult = z
  .object({
    ruleSetId: z.string(),
    ruleSetVersion: z.int(),
    examined: z.int(),
    queues: z.array(
      z.object({
        queueId: z.string().optional().describe('Absent for cases that went to an owner only, or were spam'),
        before: z.int(),
        after: z.int(),
      }),
    ),
    moved: z.array(
      z.object({
        caseId: CaseId,
        caseNumber: z.string(),
        title: z.string(),
        routedOn: Instant,
        before: RoutingAnswer,
        after: RoutingAnswer,
      }),
    ),
    nextCursor: z.string().optional(),
  })
  .meta({ id: 'DryRunResult' });
export type DryRunResult = z.infer<typeof DryRunResult>;

type DryRunServices = Pick<Services, 'settings' | 'users' | 'customers' | 'cases' | 'routedCases' | 'now'>;

/**
 * Compares where the rules of their time sent past cases with where a rule set would send them, a page of cases at a
 * time. Cases are looked at as they are now, by the same code as the real routing; nothing is written.
 */
export const dryRunRules = async (
  services: DryRunServices,
  { params: { id }, body }: Request<{ id: string }, unknown, DryRun>,
): Promise<Outcome> => {
  const { from, to = services.now(), limit, cursor } = body;
  if (from >= to) return invalid('from', 'is not before to');
  const head = await services.settings.head();
  const ruleSet = await services.settings.ruleSets.find(id, head);
  if (!ruleSet) return refuse('NOT_FOUND', `There is nothing called ${id} among the routing-rule-sets`);
  const list = `dry run ${id} ${ruleSet.version} ${from} ${body.to}`;
  const position = decodeCursor(list, cursor, z.string());
  if (!position.accepted) return invalid('cursor', 'is not a cursor of this dry run');

  const { items, next } = await services.routedCases.page({ from, to, limit, after: position.value });
  const compared = await Promise.all(items.map((event) => compare(services, head, ruleSet, event)));
  const found = compared.flatMap((one) => one ?? []);
  const result: DryRunResult = {
    ruleSetId: ruleSet.id,
    ruleSetVersion: ruleSet.version,
    examined: found.length,
    queues: countByQueue(found),
    moved: found.filter(({ before, after }) => differ(before, after)),
    ...(next && { nextCursor: encodeCursor(list, next) }),
  };
  return { accepted: true, body: result };
};

type Compared = DryRunResult['moved'][number];

const compare = async (
  { cases, customers, ...services }: DryRunServices,
  head: SettingsHead,
  ruleSet: Versioned<RoutingRuleSet>,
  { caseId, fact }: RoutedEvent,
): Promise<Compared | undefined> => {
  const file = await cases.load(caseId, { eventually: true });
  if (!file) return undefined;
  const { case: subject, family } = file;
  const customer = await customers.find(subject.customerId);
  const routable = { case: subject, customer, activeChildren: family.activeChildren };
  const { target: after } = await chooseTarget(services, head, ruleSet, routable);
  const { caseNumber, title } = subject;
  return { caseId, caseNumber, title, routedOn: fact.occurredAt, before: RoutingAnswer.parse(fact), after };
};

const differ = (a: Compared['before'], b: Compared['after']): boolean =>
  a.queueId !== b.queueId || a.ownerId !== b.ownerId || a.spam !== b.spam;

const countByQueue = (found: readonly Compared[]): DryRunResult['queues'] => {
  const queues = new Map<string | undefined, { before: number; after: number }>();
  const count = (queueId: string | undefined, when: 'before' | 'after'): void => {
    const counts = queues.get(queueId) ?? { before: 0, after: 0 };
    counts[when] += 1;
    queues.set(queueId, counts);
  };
  for (const { before, after } of found) {
    count(before.queueId, 'before');
    count(after.queueId, 'after');
  }
  return [...queues]
    .map(([queueId, counts]) => ({ ...(queueId && { queueId }), ...counts }))
    .sort((a, b) => b.after - a.after || b.before - a.before);
};
