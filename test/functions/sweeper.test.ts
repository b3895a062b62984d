import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MINUTE, toInstant, toMs } from '../../domain/time.ts';
import { park } from '../../functions/reactions/park.ts';
import { stepFunctionsTimers } from '../../functions/sla/timers.ts';
import { type Swept, sweep } from '../../functions/sweeper/sweep.ts';
import { type Overdue, sweepIndex, sweepShards } from '../../functions/table/keys.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const MACHINE = 'arn:aws:states:eu-west-1:000000000000:stateMachine:sla-timer';

const local = withLocalTable();
const stateMachine = mockClient(SFNClient);
let desk: Desk;
let failures: { what: Overdue; id: string; error: unknown }[];

beforeAll(async () => {
  desk = deskOn(local.services, stepFunctionsTimers(new SFNClient({}), MACHINE));
  const item = (id: string, targetMinutes: number, warnMinutes?: number) => ({
    id,
    kpi: 'resolve',
    targetMinutes,
    warnMinutes,
    when: { field: 'product', op: 'eq' as const, value: id },
  });
  await desk.sla('by-product', {
    name: 'By product',
    isDefault: true,
    items: [item('hourly', 60, 30), item('yearly', 500 * 24 * 60)],
  });
});

beforeEach(() => {
  failures = [];
  stateMachine.reset();
  stateMachine.on(StartExecutionCommand).resolves({});
});

/** The sweeper as its schedule would start it. */
const swept = (): Promise<Swept> => sweep(desk.all, (what, id, error) => failures.push({ what, id, error }));
const pass = (minutes: number) => {
  local.clock.now = toInstant(toMs(local.clock.now) + minutes * MINUTE);
};
const listed = async (what: Overdue): Promise<string[]> => {
  const pages = sweepShards(what).map((partition) => local.table.all({ partition, index: sweepIndex(what) }));
  return (await Promise.all(pages)).flat().map(({ PK }) => String(PK));
};

describe('the sweeper', () => {
  it('finds an alarm that never rang, a minute after it was due, and dates what it finds when it was due', async () => {
    const opened = local.clock.now;
    const { caseId } = (await desk.open({ product: 'hourly', queueId: 'default' })).case;
    pass(30);
    expect((await swept()).timer).toBe(0);
    pass(1);
    expect((await swept()).timer).toBe(1);
    const warned = toInstant(toMs(opened) + 30 * MINUTE);
    expect(await desk.story(caseId, 'sla.')).toEqual([`sla.started ${opened}`, `sla.warning ${warned}`]);
    expect((await swept()).timer).toBe(0);

    pass(60);
    expect((await swept()).timer).toBe(1);
    const breached = toInstant(toMs(opened) + 60 * MINUTE);
    expect(await desk.story(caseId, 'sla.')).toEqual([
      `sla.started ${opened}`,
      `sla.warning ${warned}`,
      `sla.breached ${breached}`,
    ]);
    expect(await listed('timer')).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('routes a case that nobody routed', async () => {
    const { caseId } = (await desk.open()).case;
    expect((await swept()).unrouted).toBe(0);
    pass(1);
    expect((await swept()).unrouted).toBe(1);
    expect((await local.services.cases.load(caseId))?.placement).toMatchObject({
      state: 'queued',
      queueId: 'default',
    });
    expect((await swept()).unrouted).toBe(0);
    expect((await desk.events(caseId, 'case.routed')).length).toBe(1);
  });

  it('goes on with a cascade that has stood still for ten minutes', async () => {
    await desk.settings({ closurePolicy: 'cascadeToChildren' });
    const parent = (await desk.open({ queueId: 'default' })).case;
    const children = [];
    for (let n = 0; n < 3; n += 1) children.push((await desk.open({ parentId: parent.caseId })).case.caseId);
    await desk.resolve(parent.caseId);
    pass(9);
    expect((await swept()).cascade).toBe(0);
    pass(1);
    expect((await swept()).cascade).toBe(1);
    expect((await local.services.cases.load(parent.caseId))?.family).toMatchObject({
      activeChildren: 0,
      cascade: { state: 'completed', closed: 3 },
    });
    for (const child of children) expect((await local.services.cases.load(child))?.case.status).toBe('resolved');
    pass(60);
    expect((await swept()).cascade).toBe(0);
  });

  it('goes on with a broadcast that has stood still for ten minutes', async () => {
    const parent = (await desk.open({ queueId: 'default' })).case;
    const child = (await desk.open({ parentId: parent.caseId })).case;
    await desk.broadcast(parent.caseId, 'Back by noon');
    pass(10);
    expect((await swept()).broadcast).toBe(1);
    expect(await desk.events(child.caseId, 'activity.added')).toHaveLength(1);
    expect((await local.services.cases.load(parent.caseId))?.family.broadcast).toMatchObject({ state: 'completed' });
    pass(60);
    expect((await swept()).broadcast).toBe(0);
  });

  it('tries a parked reaction again after five minutes, and forgets it when it has run', async () => {
    const { caseId } = (await desk.open()).case;
    const [created] = await desk.events(caseId, 'case.created');
    await park(local.services, created!, 'route', new TypeError('cannot read'));
    await desk.react(created!);
    pass(4);
    expect((await swept()).parked).toBe(0);
    pass(1);
    expect((await swept()).parked).toBe(1);
    expect(await listed('parked')).toEqual([]);
    expect((await desk.events(caseId, 'case.routed')).length).toBe(1);
    expect(failures).toEqual([]);
  });

  it('keeps a reaction parked that fails again, ever longer, and goes on with the others', async () => {
    const bad = (await desk.open({ product: 'hourly', queueId: 'default' })).case.caseId;
    const good = (await desk.open({ queueId: 'default' })).case.caseId;
    const [started] = await desk.events(bad, 'sla.started');
    const [created] = await desk.events(good, 'case.created');
    stateMachine.on(StartExecutionCommand).rejects(new Error('no such machine'));
    await park(local.services, started!, 'arm', new TypeError('cannot read'));
    await park(local.services, created!, 'route', new TypeError('cannot read'));
    pass(5);
    expect((await swept()).parked).toBe(2);
    expect(failures).toMatchObject([{ what: 'parked', id: `CASE#${bad}` }]);
    expect(await listed('parked')).toEqual([`CASE#${bad}`]);

    failures = [];
    stateMachine.on(StartExecutionCommand).resolves({});
    pass(9);
    expect((await swept()).parked).toBe(0);
    pass(1);
    expect((await swept()).parked).toBe(1);
    expect(await listed('parked')).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('arms an alarm that was too far away when its clock started, once it has come near', async () => {
    const { caseId } = (await desk.open({ product: 'yearly', queueId: 'default' })).case;
    const [started] = await desk.events(caseId, 'sla.started');
    await desk.react(started!);
    expect(stateMachine.commandCalls(StartExecutionCommand)).toEqual([]);
    pass(199 * 24 * 60);
    expect((await swept()).arm).toBe(0);
    pass(24 * 60);
    stateMachine.on(StartExecutionCommand).rejects(new ExecutionAlreadyExists({ message: '', $metadata: {} }));
    expect((await swept()).arm).toBe(1);
    const [call] = stateMachine.commandCalls(StartExecutionCommand);
    expect(call?.args[0].input.name).toBe(`${caseId}-resolve-1-1`);
    expect(await listed('arm')).toEqual([]);
    expect((await swept()).arm).toBe(0);
    expect(failures).toEqual([]);
  });
});
