import { beforeAll, expect, it } from 'vitest';
import type { z } from 'zod';
import { reports } from '../../domain/reports/reports.ts';
import { project } from '../../functions/projection/project.ts';
import { readReport } from '../../functions/reports/read-report.ts';
import { type Rebuilding, rebuildReports } from '../../functions/reports/rebuild-reports.ts';
import { reportRows } from '../../functions/table/keys.ts';
import { Transaction } from '../../functions/table/transaction.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
let desk: Desk;

type Rebuilt = z.infer<typeof Rebuilding>;
const admin = { userId: 'root', roles: ['agent' as const, 'supervisor' as const, 'admin' as const] };
const requestOf = <Query, Body>(query: Query, body: Body) => ({
  params: {},
  query,
  body,
  caller: admin,
  correlationId: 'test',
});

const step = async (repair: boolean, cursor?: string): Promise<Rebuilt> => {
  const outcome = await rebuildReports(local.services, requestOf({}, { repair, cursor }));
  if (!outcome.accepted) throw new Error(outcome.detail);
  return outcome.body as Rebuilt;
};

/** Every step of a rebuilding, with something that happens between two of them. */
const rebuild = async (repair: boolean, between: (n: number) => Promise<void> = async () => {}) => {
  const examples: Rebuilt['examples'] = [];
  let answer = await step(repair);
  for (let n = 0; answer.cursor; n += 1) {
    await between(n);
    answer = await step(repair, answer.cursor);
    examples.push(...answer.examples);
  }
  return { ...answer, examples };
};

const told = async (caseId: string): Promise<void> => {
  expect(await project(local.services, await desk.events(caseId))).toEqual([]);
};
const opened = async (origin: string): Promise<string> => {
  const { caseId } = (await desk.open({ origin })).case;
  await desk.stage(caseId, 'research');
  await told(caseId);
  return caseId;
};

const origins = async (): Promise<Record<string, number>> => {
  const query = { from: '2026-03-01', to: '2026-03-31', groupBy: 'origin' };
  const outcome = await readReport(local.services, reports.productVolume, requestOf(query, {}));
  if (!outcome.accepted) throw new Error(outcome.detail);
  const { items } = outcome.body as { items: { origin: string; cases: number }[] };
  return Object.fromEntries(items.map(({ origin, cases }) => [origin, cases]));
};

/** Visits of stages that have ended. */
const visits = async (): Promise<unknown> => {
  const query = { from: '2026-03-01', to: '2026-03-31', groupBy: 'flow' };
  const outcome = await readReport(local.services, reports.timePerStage, requestOf(query, {}));
  if (!outcome.accepted) throw new Error(outcome.detail);
  return (outcome.body as { totals: { visits: number } }).totals.visits;
};

/** Falsifies a row, as no program does. */
const falsify = async (generation: number, by: number): Promise<void> => {
  for (const partition of reportRows(generation, 'opened', '2026-03')) {
    const rows = await local.table.all({ partition });
    const row = rows.find(({ dims }) => dims.join() === 'origin,web');
    if (!row) continue;
    const transaction = new Transaction();
    transaction.update({ PK: row.PK, SK: row.SK }, { add: { 'cases@36': by } });
    return local.table.transact(transaction);
  }
};

beforeAll(async () => {
  desk = deskOn(local.services);
  const stages = ['identify', 'research'].map((id) => ({ id, name: id }));
  await desk.flow('support', { name: 'Support', stages });
  for (const origin of ['web', 'web', 'email']) await opened(origin);
});

it('a recount of right reports finds nothing, and changes nothing', async () => {
  expect(await visits()).toBe(3);
  expect(await rebuild(false)).toMatchObject({ state: 'done', differences: 0, failed: [], repaired: false });
  expect(await origins()).toEqual({ web: 2, email: 1 });
});

it('a recount tells what is wrong, and leaves it as it is unless asked to repair it', async () => {
  await falsify(1, 5);
  const found = await rebuild(false);
  expect(found).toMatchObject({ differences: 1, repaired: false });
  expect(found.examples).toEqual([
    { cube: 'opened', day: '2026-03-02', dims: ['origin', 'web'], measure: 'cases', is: 7, shouldBe: 2 },
  ]);
  expect(await origins()).toEqual({ web: 7, email: 1 });
  expect(await rebuild(true)).toMatchObject({ differences: 1, repaired: true });
  expect(await visits()).toBe(3);
  expect(await origins()).toEqual({ web: 2, email: 1 });
});

it('what happens meanwhile is counted in both, whichever is read in the end', async () => {
  const before = await origins();
  const changed = await opened('chat');
  await rebuild(true, async (n) => {
    if (n < 4) await opened('phone');
    if (n === 1) {
      await desk.patch(changed, { origin: 'sms' });
      await told(changed);
    }
  });
  const all = await origins();
  expect(all).toMatchObject({ ...before, sms: 1 });
  expect(all.chat).toBeUndefined();
  expect((await rebuild(false)).differences).toBe(0);
  await opened('phone');
  expect((await origins()).phone).toBe((all.phone ?? 0) + 1);
});

it('waits for facts that are not counted yet', async () => {
  const { caseId } = (await desk.open({ origin: 'fax' })).case;
  let answer = await step(true);
  while (answer.state === 'counting') answer = await step(true, answer.cursor);
  expect(answer.state).toBe('waiting');
  expect((await step(true, answer.cursor)).state).toBe('waiting');
  await told(caseId);
  while (answer.cursor) answer = await step(true, answer.cursor);
  expect(answer.state).toBe('done');
  expect((await origins()).fax).toBe(1);
});

it('one that was left is taken up, and its old cursor opens nothing when another has ended it', async () => {
  const left = await step(false);
  expect(await rebuild(true)).toMatchObject({ differences: 0, repaired: true });
  await expect(step(false, left.cursor)).rejects.toThrow('somebody else has ended');
  await expect(step(false, 'nonsense')).rejects.toThrow('not a cursor');
});
