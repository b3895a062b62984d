import { type AttributeValue, BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { CaseEvent, Fact } from '../../domain/facts/fact.ts';
import { KpiInstance } from '../../domain/sla/kpi-instance.ts';
import { type MigrationRun, migrateTable } from '../../functions/migrations/migrate-table.ts';
import { MIGRATIONS } from '../../functions/migrations/migrations.ts';
import { Alarm, ringAlarm } from '../../functions/sla/ring-alarm.ts';
import { kpiItem } from '../../functions/table/case-items.ts';
import { calendarShards, kpiKey } from '../../functions/table/keys.ts';
import type { Table } from '../../functions/table/table.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';
import previous from './previous-release.json' with { type: 'json' };

/**
 * `previous-release.json` is a table as the release before wrote it: all items of some cases in every state (but for
 * reports and search, which are made anew from the rest) on Monday 2 March 2026 at 10:30, and what its running
 * executions carry. Nothing in it was edited by hand.
 */
const local = withLocalTable();
const { cases } = previous;
let desk: Desk;

beforeAll(async () => {
  const items = previous.items as Partial<Record<string, AttributeValue>>[] as Record<string, AttributeValue>[];
  for (let n = 0; n < items.length; n += 25) {
    const requests = items.slice(n, n + 25).map((Item) => ({ PutRequest: { Item } }));
    await local.client.send(new BatchWriteItemCommand({ RequestItems: { [local.name]: requests } }));
  }
  local.clock.now = previous.now;
  desk = deskOn(local.services);
});

const load = async (caseId: string) => (await local.services.cases.load(caseId))!;
const clock = async (caseId: string) => (await load(caseId)).kpis.find(({ kpi }) => kpi === 'resolve')!;
const listed = async (table: Table) =>
  (await Promise.all(calendarShards('desk').map((partition) => table.all({ partition, index: 2 })))).flat();

describe('what the previous release wrote', () => {
  it.each(Object.entries(cases))('is read, of the case that is %s, with its clocks as they stood', async (name, id) => {
    const { kpis } = await load(id);
    const told = Object.entries(previous.clocks).find(([one]) => one === name)![1];
    const stand = kpis.map(({ kpi, status, failAt }) => [kpi, status, failAt]);
    expect(stand.toSorted()).toEqual(
      Object.entries(told)
        .map(([kpi, is]) => [kpi, is.status, 'failAt' in is ? is.failAt : undefined])
        .toSorted(),
    );
  });

  it('is told by the timelines, fact by fact', async () => {
    const told = (await Promise.all(Object.values(cases).map((caseId) => desk.events(caseId)))).flat();
    expect(told.length).toBeGreaterThan(30);
    expect(told.every((event) => CaseEvent.safeParse(event).success)).toBe(true);
  });

  it('has cascades of one round, in the family and in its facts', async () => {
    const { family } = await load(cases.closedParent);
    expect(family.cascade).toMatchObject({ state: 'completed', closed: 2, round: 1, startedOn: expect.any(String) });
    const advanced = {
      type: 'case.cascadeAdvanced',
      occurredAt: previous.now,
      cascadeId: cases.parent,
      closed: 8,
      cursor: 'x',
    };
    expect(Fact.parse(advanced)).toMatchObject({ round: 1 });
  });
});

describe('the migrations', () => {
  const run = (more: Partial<MigrationRun> = {}): MigrationRun => ({
    client: local.client,
    tableName: local.name,
    segments: 1,
    pageSize: 40,
    writesPerSecond: 1000,
    dryRun: false,
    sleep: async () => {},
    progress: () => {},
    ...more,
  });
  const [clocksByCalendar] = MIGRATIONS;

  it('tell in a dry run what they would change, and change nothing', async () => {
    expect(await listed(local.table)).toEqual([]);
    expect(await migrateTable(run({ dryRun: true }), clocksByCalendar!)).toMatchObject({ changed: 4, done: 1 });
    expect(await listed(local.table)).toEqual([]);
  });

  it('go on where they were ended, decide anew about what changes meanwhile, and leave every clock listed', async () => {
    // Somebody takes clocks further between the scan and the writes.
    let raced = false;
    const meanwhile = async () => {
      if (raced) return;
      raced = true;
      for (const id of [cases.held, cases.parent, cases.survivor]) {
        await local.client.send(
          new UpdateCommand({
            TableName: local.name,
            Key: kpiKey(id, 'resolve', 1),
            UpdateExpression: 'ADD epoch :one',
            ExpressionAttributeValues: { ':one': 1 },
          }),
        );
      }
    };
    const ended = () => {
      throw new Error('ended');
    };
    await expect(migrateTable(run({ sleep: meanwhile, progress: ended }), clocksByCalendar!)).rejects.toThrow('ended');
    // Each item once, and its own checkpoint.
    const all = { scanned: previous.items.length + 1, changed: 4, done: 1 };
    expect(await migrateTable(run(), clocksByCalendar!)).toEqual(all);
    expect(raced).toBe(true);
    expect(await migrateTable(run(), clocksByCalendar!)).toEqual(all);
    expect(await listed(local.table)).toHaveLength(4);
    for (const id of Object.values(cases)) {
      for (const instance of (await load(id)).kpis) {
        const stored = await local.table.get(kpiKey(id, instance.kpi, instance.generation));
        const { GSI2PK, GSI2SK } = kpiItem(KpiInstance.parse(stored), previous.now);
        expect([stored!.GSI2PK, stored!.GSI2SK]).toEqual([GSI2PK, GSI2SK]);
      }
    }
    await expect(migrateTable(run({ segments: 2 }), clocksByCalendar!)).rejects.toThrow('begun with 1 segments');
  });
});

describe('what was under way', () => {
  it('rings with the input of the previous release, warns and breaches when it was due, and ends', async () => {
    const carried = previous.executions
      .map((input) => Alarm.parse(input))
      .find(({ caseId }) => caseId === cases.running)!;
    local.clock.now = carried.next;
    const again = await ringAlarm(desk.all, carried);
    expect(again).toEqual({ outcome: 'wait', ...carried, next: (await clock(cases.running)).failAt });
    expect(await clock(cases.running)).toMatchObject({ status: 'nearingNoncompliance', warnedAt: carried.next });
    local.clock.now = '2026-03-02T13:00:00.000Z';
    expect(await ringAlarm(desk.all, { ...carried, next: local.clock.now })).toEqual({ outcome: 'done' });
    expect(await desk.story(cases.running, 'sla.')).toContain('sla.breached 2026-03-02T13:00:00.000Z');
  });

  it('goes on: a held case, a family, a closed case and a merge', async () => {
    await desk.patch(cases.held, { statusReason: 'inProgress' });
    expect(await clock(cases.held)).toMatchObject({ status: 'inProgress', failAt: '2026-03-02T16:00:00.000Z' });
    await desk.reactivate(cases.met);
    expect((await load(cases.met)).case).toMatchObject({ status: 'active', reopenCount: 1 });
    await desk.reactivate(cases.closedParent);
    await desk.resolve(cases.parent);
    expect((await load(cases.parent)).family.cascade).toMatchObject({ state: 'running', total: 1, round: 1 });
    await desk.unmerge(cases.survivor, cases.merged);
    expect((await load(cases.merged)).case.status).toBe('active');
  });
});
