import { beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { dryRunSla, SlaDryRun, type SlaDryRunResult } from '../../functions/sla/dry-run.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
let desk: Desk;

const at = (time: string) => `2026-03-02T${time}:00.000Z`;
type Result = z.infer<typeof SlaDryRunResult>;

const tried = async (id: string, body: Partial<z.input<typeof SlaDryRun>> = {}): Promise<Result> => {
  const outcome = await dryRunSla(local.services, {
    params: { id },
    query: {},
    body: SlaDryRun.parse({ from: at('00:00'), ...body }),
    caller: { userId: 'sue', roles: ['admin'] },
    correlationId: 'test',
  });
  if (!outcome.accepted) throw new Error(`${outcome.code}: ${outcome.detail}`);
  return outcome.body as Result;
};

beforeAll(async () => {
  desk = deskOn(local.services);
  await desk.user('sue');
  const solve = { id: 'solve', kpi: 'resolve', targetMinutes: 120 };
  await desk.sla('present', { name: 'Present', isDefault: true, items: [solve] });
  await desk.sla('planned', {
    name: 'Planned',
    items: [
      { ...solve, targetMinutes: 60, warnMinutes: 30 },
      { id: 'answer', kpi: 'firstResponse', targetMinutes: 15 },
    ],
  });
  for (const minutes of ['09:20', '09:45', '10:30']) {
    local.clock.now = at('09:00');
    const { caseId } = (await desk.open()).case;
    local.clock.now = at('09:10');
    await desk.record(caseId, { type: 'email', direction: 'outbound', body: 'We are on it' });
    local.clock.now = at(minutes);
    await desk.resolve(caseId);
  }
  local.clock.now = at('12:00');
  await desk.open();
});

describe('an SLA that is tried on past cases', () => {
  it('tells how many of them it would have met, missed and warned of, beside what was', async () => {
    const { examined, leftOut, kpis, cases } = await tried('planned');
    expect([examined, leftOut]).toEqual([3, 0]);
    const none = { met: 0, missed: 0, warned: 0, void: 0 };
    expect(kpis).toEqual([
      { kpi: 'firstResponse', before: none, after: { ...none, met: 3 } },
      { kpi: 'resolve', before: { ...none, met: 3 }, after: { ...none, met: 2, missed: 1, warned: 2 } },
    ]);
    const missed = cases.find(({ after }) => after.some(({ status }) => status === 'noncompliant'));
    expect(missed?.after).toMatchObject([
      { kpi: 'resolve', warnedAt: at('09:30'), breachedAt: at('10:00'), succeededAt: at('10:30') },
      { kpi: 'firstResponse', status: 'succeeded', usedMinutes: 10 },
    ]);
  });

  it('that they had tells what happened', async () => {
    for (const { before, after } of (await tried('present')).cases) expect(after).toEqual(before);
  });

  it('goes on page by page', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await tried('planned', { limit: 1, to: at('23:00'), cursor });
      seen.push(...page.cases.map(({ caseId }) => caseId));
      cursor = page.nextCursor;
    } while (cursor);
    expect(new Set(seen).size).toBe(3);
    expect(seen).toHaveLength(3);
  });

  it('has to be there, and the span has to be one', async () => {
    await expect(tried('nothing')).rejects.toThrow('NOT_FOUND');
    await expect(tried('planned', { to: at('00:00') })).rejects.toThrow('VALIDATION_FAILED');
  });
});
