import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CaseEvent } from '../../domain/facts/fact.ts';
import type { Report } from '../../domain/reports/report.ts';
import { reports } from '../../domain/reports/reports.ts';
import { project } from '../../functions/projection/project.ts';
import { reviewQueues } from '../../functions/reports/queue-review.ts';
import { drainedUntil, readReport } from '../../functions/reports/read-report.ts';
import { casesWithWords } from '../../functions/search/cases-with-words.ts';
import { caseIdAt } from '../../functions/table/keys.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';
import { recountByHand, type Tallied } from '../support/recount.ts';

const local = withLocalTable();
let desk: Desk;
const opened: string[] = [];

beforeAll(async () => {
  desk = deskOn(local.services);
  for (const user of ['anna', 'ben', 'sue']) await desk.user(user);
  await desk.queue('second');
  const item = (kpi: string, targetMinutes: number) => ({
    id: kpi,
    kpi,
    targetMinutes,
    warnMinutes: targetMinutes / 2,
  });
  await desk.sla('standard', {
    name: 'Standard',
    isDefault: true,
    items: [item('firstResponse', 60), item('resolve', 240)],
  });
  const stage = (id: string) => ({ id, name: `To ${id}`, maxMinutes: 100, warnMinutes: 50 });
  await desk.flow('support', { name: 'Support', stages: [stage('identify'), stage('research'), stage('repair')] });
});

const minutesLater = (minutes: number): void => {
  local.clock.now = new Date(Date.parse(local.clock.now) + minutes * 60_000).toISOString();
};

/** What somebody may do next; which case it is about is chosen among those there are. */
type Step = { of: number; later: number } & (
  | { does: 'open' | 'openChild' | 'answer' | 'resolve' | 'cancel' | 'reactivate' | 'hold' | 'goOn' }
  | { does: 'assign'; to: string }
  | { does: 'route'; to: string }
  | { does: 'stage'; to: string }
  | { does: 'edit'; product: string }
);

const common = { of: fc.nat(), later: fc.constantFrom(0, 5, 45, 300) };
const Step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    ...common,
    does: fc.constantFrom('open', 'openChild', 'answer', 'resolve', 'cancel', 'reactivate', 'hold', 'goOn'),
  }),
  fc.record({ ...common, does: fc.constant('assign' as const), to: fc.constantFrom('anna', 'ben') }),
  fc.record({ ...common, does: fc.constant('route' as const), to: fc.constantFrom('default', 'second') }),
  fc.record({ ...common, does: fc.constant('stage' as const), to: fc.constantFrom('identify', 'research', 'repair') }),
  fc.record({
    ...common,
    does: fc.constant('edit' as const),
    product: fc.constantFrom('Printer', 'Phone', 'Fax | 9000'),
  }),
);

const follow = async (step: Step, cases: string[]): Promise<void> => {
  const caseId = cases[step.of % cases.length] ?? '';
  if (step.does === 'open' || !caseId)
    cases.push((await desk.open({ origin: step.of % 3 ? 'web' : 'phone' })).case.caseId);
  else if (step.does === 'openChild') {
    const child = await desk.open({ parentId: cases[0] ?? caseId, customerId: undefined }).catch(() => undefined);
    if (child) cases.push(child.case.caseId);
  } else if (step.does === 'answer') {
    await desk.record(caseId, { type: 'email', direction: 'outbound', body: 'Try turning it off and on again' });
  } else if (step.does === 'resolve') await desk.resolve(caseId, { confirmCancelActivities: true });
  else if (step.does === 'cancel') await desk.cancel(caseId);
  else if (step.does === 'reactivate') await desk.reactivate(caseId);
  else if (step.does === 'hold') await desk.patch(caseId, { statusReason: 'onHold' });
  else if (step.does === 'goOn') await desk.patch(caseId, { statusReason: 'inProgress' });
  else if (step.does === 'assign') await desk.assign(caseId, step.to);
  else if (step.does === 'route') await desk.route(caseId, step.to);
  else if (step.does === 'stage') await desk.stage(caseId, step.to);
  else if ('product' in step) await desk.patch(caseId, { product: step.product, title: `About the ${step.product}` });
  minutesLater(step.later);
};

const ask = async (report: Report, groupBy: string): Promise<Record<string, unknown>[]> => {
  const query = { from: '2026-03-01', to: '2026-12-31', groupBy };
  const outcome = await readReport(local.services, report, {
    params: {},
    query,
    body: {},
    caller: { userId: 'sue', roles: ['supervisor'] },
    correlationId: 'test',
  });
  if (!outcome.accepted) throw new Error(outcome.detail);
  return (outcome.body as { items: Record<string, unknown>[] }).items;
};

/** All that the reports say, named as somebody would who counts by hand. */
const reported = async (): Promise<Tallied> => {
  const tallied: Tallied = {};
  const add = (name: string, n: unknown) => {
    if (n) tallied[name] = (tallied[name] ?? 0) + Number(n);
  };
  for (const of of ['product', 'origin']) {
    for (const item of await ask(reports.productVolume, of)) add(`opened ${of} ${item[of]}`, item.cases);
  }
  for (const of of ['agent', 'queue']) {
    for (const item of await ask(reports.received, of)) {
      add(`received ${of} ${item[of]}`, item.received);
      if (of === 'agent') add(`resolved by ${item.agent}`, item.resolved);
    }
  }
  for (const { reason, closed } of await ask(reports.closedByReason, 'reason')) add(`closed ${reason}`, closed);
  for (const { reason, reopened } of await ask(reports.reopenRate, 'reason')) add(`reopened ${reason}`, reopened);
  for (const { agent, responded, excluded } of await ask(reports.firstResponse, 'agent')) {
    add(`responded ${agent}`, responded);
    add(`excluded ${agent}`, excluded);
  }
  for (const { kpi, compliance: _share, ...outcomes } of await ask(reports.slaCompliance, 'kpi')) {
    for (const [outcome, n] of Object.entries(outcomes)) add(`promised ${kpi} ${outcome}`, n);
  }
  for (const { kpi, breaches } of await ask(reports.breachCauses, 'kpi')) add(`breached ${kpi}`, breaches);
  for (const { stage, visits, minutes } of await ask(reports.timePerStage, 'stage')) {
    add(`visits of ${stage}`, visits);
    add(`minutes in ${stage}`, minutes);
  }
  const review = await reviewQueues(local.services, {
    params: {},
    query: { limit: 100 },
    body: {},
    caller: { userId: 'sue', roles: ['supervisor'] },
    correlationId: 'test',
  });
  if (!review.accepted) throw new Error(review.detail);
  for (const { queueId, waiting, unpicked } of (review.body as { items: Record<string, unknown>[] }).items) {
    add(`waiting ${queueId}`, waiting);
    add(`unpicked ${queueId}`, unpicked);
  }
  return tallied;
};

const told = async (cases: readonly string[]) =>
  Promise.all(
    cases.map(async (caseId) => ({
      file: (await local.services.cases.load(caseId))!,
      events: await desk.events(caseId),
    })),
  );

/** Hands events over as a stream may: in batches, some of them twice, some at the same time, in any order. */
const deliver = async (events: readonly CaseEvent[], order: readonly number[]): Promise<void> => {
  const shuffled = events.flatMap((event, n) => ((order[n % order.length] ?? 0) % 3 === 0 ? [event, event] : [event]));
  shuffled.sort(
    (a, b) => (order[shuffled.indexOf(a) % order.length] ?? 0) - (order[shuffled.indexOf(b) % order.length] ?? 0),
  );
  const size = 1 + ((order[0] ?? 0) % 9);
  const batches = Array.from({ length: Math.ceil(shuffled.length / size) }, (_, n) =>
    shuffled.slice(n * size, (n + 1) * size),
  );
  for (let n = 0; n < batches.length; n += 3) {
    const failures = await Promise.all(batches.slice(n, n + 3).map((batch) => project(local.services, batch)));
    // A record that fails comes again.
    for (const { events: again } of failures.flat()) await project(local.services, again);
  }
};

describe('reports', () => {
  it('say what a recount by hand says, however often and in whatever order the stream brings what happened', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(Step, { minLength: 6, maxLength: 14 }),
        fc.array(fc.nat(1_000), { minLength: 5, maxLength: 40 }),
        async (steps, order) => {
          const cases: string[] = [];
          for (const [n, step] of steps.entries()) {
            await follow(step, cases);
            // Some of it is told while more happens.
            if (n === Math.floor(steps.length / 2)) {
              await deliver(
                (await told(cases)).flatMap(({ events }) => events),
                order,
              );
            }
          }
          opened.push(...cases);
          await deliver(
            (await told(cases)).flatMap(({ events }) => events),
            order.toReversed(),
          );
          const byHand = recountByHand(await told(opened));
          expect(Object.keys(byHand).length).toBeGreaterThan(5);
          expect(await reported()).toEqual(byHand);
        },
      ),
      { numRuns: process.env.NIGHTLY ? 300 : 6 },
    );
  });

  it('tell how far they go: to the oldest fact that is not counted yet', async () => {
    const before = await desk.open({ title: 'Ibex' });
    const since = local.clock.now;
    expect(await drainedUntil(local.services)).toBe(since);
    minutesLater(10);
    await deliver(await desk.events(before.case.caseId), [1]);
    expect(await drainedUntil(local.services)).toBe(local.clock.now);
  });
});

describe('the search index', () => {
  it('ends as the case is, however often and in whatever order it is told what happened', async () => {
    const { caseId } = (await desk.open({ title: 'Alpha lemming' })).case;
    for (const title of ['Beta lemming', 'Gamma lemming', 'Delta lemming']) await desk.patch(caseId, { title });
    const events = await desk.events(caseId);
    const failed = await Promise.all(
      [...events, ...events.toReversed()].map((event) => project(local.services, [event])),
    );
    expect(failed.flat()).toEqual([]);
    const found = async (...words: string[]) => (await casesWithWords(local.table, words)).positions.map(caseIdAt);
    for (const word of ['alpha', 'beta', 'gamma']) expect(await found(word, 'lemming')).toEqual([]);
    expect(await found('delta', 'lemming')).toEqual([caseId]);
  });
});
