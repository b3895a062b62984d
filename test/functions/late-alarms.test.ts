import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KpiInstance } from '../../domain/sla/kpi-instance.ts';
import { type Alarm, ringAlarm } from '../../functions/sla/ring-alarm.ts';
import { type Desk, deskOn, recordedTimers } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
const timers = recordedTimers();
let desk: Desk;

/** A minute of Monday morning; cases are opened at nine, warned at half past and breached at ten. */
const at = (time: string) => `2026-03-02T${time}:00.000Z`;

beforeAll(async () => {
  desk = deskOn(local.services, timers);
  await desk.queue('escalations');
  await desk.sla('hourly', {
    name: 'An hour, around the clock',
    isDefault: true,
    items: [
      {
        id: 'all',
        kpi: 'resolve',
        targetMinutes: 60,
        warnMinutes: 30,
        actions: {
          warn: [
            { type: 'notify', to: 'supervisors' },
            { type: 'notify', to: 'owner' },
          ],
          breach: [
            { type: 'notify', to: 'boss@example.org' },
            { type: 'routeToQueue', queueId: 'escalations' },
          ],
        },
      },
    ],
  });
});

beforeEach(() => {
  local.clock.now = at('09:00');
});

const openedAtNine = async (): Promise<{ caseId: string; alarm: Alarm }> => {
  const { case: subject } = await desk.open();
  const { caseId } = subject;
  return { caseId, alarm: { caseId, kpi: 'resolve', generation: 1, epoch: 1, next: at('09:30') } };
};
const ring = (alarm: Alarm) => ringAlarm(local.services, alarm);
const clockOf = async (caseId: string): Promise<KpiInstance> => (await local.services.cases.load(caseId))!.kpis[0]!;

describe('a command between a due instant and its delayed alarm', () => {
  it('finds the warning that was due: a hold', async () => {
    const { caseId, alarm } = await openedAtNine();
    local.clock.now = at('09:45');
    await desk.patch(caseId, { statusReason: 'onHold' });
    const story = [`sla.started ${at('09:00')}`, `sla.warning ${at('09:30')}`, `sla.paused ${at('09:45')}`];
    expect(await desk.story(caseId, 'sla.')).toEqual(story);

    local.clock.now = at('11:00');
    expect(await ring(alarm)).toEqual({ outcome: 'done' });
    expect(await desk.story(caseId, 'sla.')).toEqual(story);
    expect(await clockOf(caseId)).toMatchObject({ status: 'paused', warnedAt: at('09:30') });
  });

  it('finds the breach that was due: a hold comes too late to stop the clock', async () => {
    const { caseId, alarm } = await openedAtNine();
    local.clock.now = at('10:20');
    await desk.patch(caseId, { statusReason: 'onHold' });
    expect(await ring(alarm)).toEqual({ outcome: 'done' });
    expect(await desk.story(caseId, 'sla.')).toEqual([
      `sla.started ${at('09:00')}`,
      `sla.warning ${at('09:30')}`,
      `sla.breached ${at('10:00')}`,
    ]);
    expect(await clockOf(caseId)).toMatchObject({ status: 'noncompliant', breachedAt: at('10:00') });
  });

  it('finds both: a resolve', async () => {
    const { caseId, alarm } = await openedAtNine();
    local.clock.now = at('10:20');
    expect(await desk.resolve(caseId)).toMatchObject({
      status: 'resolved',
      resolution: { sla: [{ kpi: 'resolve', status: 'noncompliant' }] },
    });
    local.clock.now = at('10:40');
    expect(await ring(alarm)).toEqual({ outcome: 'done' });
    expect(await desk.story(caseId, 'sla.')).toEqual([
      `sla.started ${at('09:00')}`,
      `sla.warning ${at('09:30')}`,
      `sla.breached ${at('10:00')}`,
      `sla.succeeded ${at('10:20')}`,
    ]);
    expect(await clockOf(caseId)).toMatchObject({ status: 'noncompliant', succeededAt: at('10:20') });
  });

  it('finds both: a cancel', async () => {
    const { caseId, alarm } = await openedAtNine();
    local.clock.now = at('10:20');
    await desk.cancel(caseId);
    expect(await ring(alarm)).toEqual({ outcome: 'done' });
    expect(await desk.story(caseId, 'sla.')).toEqual([
      `sla.started ${at('09:00')}`,
      `sla.warning ${at('09:30')}`,
      `sla.breached ${at('10:00')}`,
    ]);
    expect(await clockOf(caseId)).toMatchObject({ status: 'noncompliant', cancelledAt: at('10:20') });
  });

  it('finds the warning alone while the deadline is still to come: a resolve is in time', async () => {
    const { caseId } = await openedAtNine();
    local.clock.now = at('09:59');
    await desk.resolve(caseId);
    expect(await desk.story(caseId, 'sla.')).toEqual([
      `sla.started ${at('09:00')}`,
      `sla.warning ${at('09:30')}`,
      `sla.succeeded ${at('09:59')}`,
    ]);
  });

  it('records what it found as of now, and dates it when it was due', async () => {
    const { caseId } = await openedAtNine();
    local.clock.now = at('10:20');
    await desk.cancel(caseId);
    const [breach] = await desk.events(caseId, 'sla.breached');
    expect(breach).toMatchObject({ at: at('10:20'), fact: { occurredAt: at('10:00'), dueAt: at('10:00') } });
  });
});

describe('an alarm', () => {
  it('that rings early waits again, warns, waits for the deadline, and is done after it', async () => {
    const { caseId, alarm } = await openedAtNine();
    local.clock.now = at('09:10');
    expect(await ring(alarm)).toEqual({ ...alarm, outcome: 'wait' });
    local.clock.now = at('09:30');
    expect(await ring(alarm)).toEqual({ ...alarm, outcome: 'wait', next: at('10:00') });
    local.clock.now = at('10:00');
    expect(await ring({ ...alarm, next: at('10:00') })).toEqual({ outcome: 'done' });
    expect(await desk.story(caseId, 'sla.')).toEqual([
      `sla.started ${at('09:00')}`,
      `sla.warning ${at('09:30')}`,
      `sla.breached ${at('10:00')}`,
    ]);
  });

  it('that rings an hour late commits the warning and the breach, dated when they were due', async () => {
    const { caseId, alarm } = await openedAtNine();
    local.clock.now = at('11:00');
    expect(await ring(alarm)).toEqual({ outcome: 'done' });
    expect(await desk.story(caseId, 'sla.')).toEqual([
      `sla.started ${at('09:00')}`,
      `sla.warning ${at('09:30')}`,
      `sla.breached ${at('10:00')}`,
    ]);
  });

  it('that rings many times, also at once, warns once and is breached once', async () => {
    const { caseId, alarm } = await openedAtNine();
    local.clock.now = at('09:30');
    await Promise.all([1, 2, 3, 4].map(() => ring(alarm)));
    await ring(alarm);
    local.clock.now = at('10:00');
    await Promise.all([1, 2, 3, 4].map(() => ring({ ...alarm, next: at('10:00') })));
    await ring(alarm);
    expect(await desk.story(caseId, 'sla.')).toEqual([
      `sla.started ${at('09:00')}`,
      `sla.warning ${at('09:30')}`,
      `sla.breached ${at('10:00')}`,
    ]);
  });

  it('of an earlier epoch says nothing: the clock has been on hold since', async () => {
    const { caseId, alarm } = await openedAtNine();
    local.clock.now = at('09:10');
    await desk.patch(caseId, { statusReason: 'onHold' });
    local.clock.now = at('11:10');
    await desk.patch(caseId, { statusReason: 'inProgress' });
    local.clock.now = at('11:20');
    expect(await ring(alarm)).toEqual({ outcome: 'done' });
    expect(await clockOf(caseId)).toMatchObject({ status: 'inProgress', epoch: 3, failAt: at('12:00') });
    expect(await ring({ ...alarm, epoch: 3 })).toMatchObject({ outcome: 'wait', next: at('11:30') });
  });

  it('of a case or a clock that does not exist is done', async () => {
    const { alarm } = await openedAtNine();
    expect(await ring({ ...alarm, generation: 2 })).toEqual({ outcome: 'done' });
    expect(await ring({ ...alarm, caseId: '0196b3a0-0000-7000-8000-00000000dead' })).toEqual({ outcome: 'done' });
  });
});

describe('what an alarm sets off', () => {
  const breached = async () => {
    const { caseId, alarm } = await openedAtNine();
    local.clock.now = at('10:00');
    await ring(alarm);
    const [warning, breach] = await desk.events(caseId, 'sla.warning', 'sla.breached');
    return { caseId, warning: warning!, breach: breach! };
  };

  it('happens once, however often the event comes', async () => {
    const { caseId, warning, breach } = await breached();
    await Promise.all([desk.react(warning), desk.react(warning), desk.react(breach)]);
    for (const event of [breach, warning, breach]) await desk.react(event);

    const notified = await desk.events(caseId, 'sla.notified');
    expect(notified.map(({ fact }) => 'alarm' in fact && 'to' in fact && `${fact.alarm} ${fact.to}`).sort()).toEqual([
      'breach boss@example.org',
      'warning owner',
      'warning supervisors',
    ]);
    const routed = await desk.events(caseId, 'case.routed');
    expect(routed.map(({ fact, cause }) => [cause, 'because' in fact && fact.because])).toEqual([
      ['sla:resolve', 'breach of resolve'],
    ]);
    expect((await local.services.cases.load(caseId))?.placement).toMatchObject({
      state: 'queued',
      queueId: 'escalations',
    });
  });

  it('tells the owner as of when it is told', async () => {
    const { caseId, warning } = await breached();
    await desk.patch(caseId, { labels: ['late'] });
    await desk.react(warning);
    const facts = (await desk.events(caseId, 'sla.notified')).map(({ fact }) => fact);
    expect(facts).toMatchObject([
      { alarm: 'warning', to: 'supervisors', recipients: ['group:supervisor'] },
      { alarm: 'warning', to: 'owner', recipients: [] },
    ]);
  });

  it('says so where it cannot be done: a closed case stands in no queue', async () => {
    const { caseId, breach } = await breached();
    await desk.resolve(caseId);
    await desk.react(breach);
    await desk.react(breach);
    const failed = await desk.events(caseId, 'sla.actionFailed');
    expect(failed.map(({ fact }) => fact)).toMatchObject([{ action: 'routeToQueue', alarm: 'breach' }]);
  });

  it('waits for an event whose transaction cannot be read yet', async () => {
    const { caseId, alarm } = await openedAtNine();
    const [started] = await desk.events(caseId, 'sla.started');
    const { kpi, generation, epoch } = alarm;
    const early = {
      ...started!,
      fact: { type: 'sla.warning' as const, occurredAt: at('09:30'), dueAt: at('09:30'), kpi, generation, epoch },
    };
    await expect(desk.react(early)).rejects.toThrow('resolve of');
    expect(await desk.events(caseId, 'sla.notified')).toEqual([]);
  });
});

describe('arming', () => {
  it('follows a start and a resume, and is called off by a pause', async () => {
    const { caseId } = await openedAtNine();
    const before = timers.armed.length;
    local.clock.now = at('09:10');
    await desk.patch(caseId, { statusReason: 'onHold' });
    local.clock.now = at('09:50');
    await desk.patch(caseId, { statusReason: 'inProgress' });
    for (const event of await desk.events(caseId)) if (event.fact.type.startsWith('sla.')) await desk.react(event);
    expect(timers.armed.slice(before)).toEqual([`resolve 1 3 ${at('10:10')}`]);
    expect(timers.disarmed).toContain('resolve 1 1');
  });
});
