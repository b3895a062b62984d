import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endHold } from '../../functions/cases/end-hold.ts';
import { sweep } from '../../functions/sweeper/sweep.ts';
import { type Desk, deskOn, recordedTimers } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
const timers = recordedTimers();
let desk: Desk;

const at = (time: string) => `2026-03-02T${time}:00.000Z`;

beforeAll(async () => {
  desk = deskOn(local.services, timers);
  await desk.user('anna');
  await desk.sla('hourly', {
    name: 'An hour',
    isDefault: true,
    items: [{ id: 'all', kpi: 'resolve', targetMinutes: 60 }],
  });
});

beforeEach(() => {
  local.clock.now = at('09:00');
  timers.armed.length = 0;
});

/** On hold since 09:20, until eleven. */
const held = async (): Promise<{ caseId: string; epoch: number }> => {
  const { caseId } = (await desk.open({ ownerId: 'anna' })).case;
  local.clock.now = at('09:20');
  await desk.patch(caseId, { statusReason: 'onHold', holdUntil: at('11:00') });
  return { caseId, epoch: (await fileOf(caseId)).hold!.epoch };
};
const fileOf = async (caseId: string) => (await local.services.cases.load(caseId))!;
const stateOf = async (caseId: string) => {
  const { case: subject, kpis } = await fileOf(caseId);
  return [subject.statusReason, kpis[0]!.status, kpis[0]!.failAt];
};
const ring = (alarm: { caseId: string; epoch: number }) => endHold(local.services, alarm);

describe('a case on hold until an instant', () => {
  it('is back in progress at that instant, its clock runs on, and its owner is told', async () => {
    const alarm = await held();
    const [updated] = await desk.events(alarm.caseId, 'case.updated');
    await desk.react(updated!);
    expect(timers.armed).toContain(`hold-until 1 ${alarm.epoch} ${at('11:00')}`);
    local.clock.now = at('11:00');
    expect(await ring(alarm)).toEqual({ outcome: 'done' });
    expect(await stateOf(alarm.caseId)).toEqual(['inProgress', 'inProgress', at('11:40')]);
    const [told] = await desk.events(alarm.caseId, 'case.notified');
    expect(told).toMatchObject({ cause: 'holdUntil', fact: { about: 'holdEnded', recipients: ['anna'] } });
    await ring(alarm);
    expect(await desk.events(alarm.caseId, 'case.notified')).toHaveLength(1);
  });

  it('waits again when the alarm is early, and runs on from the instant itself when it is late', async () => {
    const alarm = await held();
    local.clock.now = at('10:59');
    expect(await ring(alarm)).toMatchObject({ outcome: 'wait', kpi: 'hold-until', next: at('11:00') });
    local.clock.now = at('11:30');
    await ring(alarm);
    expect(await stateOf(alarm.caseId)).toEqual(['inProgress', 'inProgress', at('11:40')]);
  });

  it('is found by the sweeper when the alarm is lost', async () => {
    const { caseId } = await held();
    local.clock.now = at('11:01');
    expect((await sweep(desk.all, (_what, _id, error) => expect.fail(String(error)))).hold).toBe(1);
    expect(await stateOf(caseId)).toEqual(['inProgress', 'inProgress', at('11:40')]);
  });

  it.each([
    ['moves to another reason', (caseId: string) => desk.patch(caseId, { statusReason: 'waitingForDetails' })],
    ['is held longer', (caseId: string) => desk.patch(caseId, { holdUntil: at('12:00') })],
    ['is held without an end', (caseId: string) => desk.patch(caseId, { holdUntil: null })],
    ['is resolved', (caseId: string) => desk.resolve(caseId)],
  ])('that %s before is left alone at that instant', async (_, command) => {
    const alarm = await held();
    local.clock.now = at('10:00');
    await command(alarm.caseId);
    const before = await stateOf(alarm.caseId);
    local.clock.now = at('11:00');
    expect(await ring(alarm)).toEqual({ outcome: 'done' });
    expect(await stateOf(alarm.caseId)).toEqual(before);
  });

  it('that the customer wakes is not woken twice', async () => {
    const { caseId } = (await desk.open()).case;
    await desk.patch(caseId, { statusReason: 'waitingForDetails', holdUntil: at('11:00') });
    await desk.record(caseId, { type: 'email', direction: 'inbound', body: 'Here they are' });
    const { case: subject, hold } = await fileOf(caseId);
    expect([subject.statusReason, hold]).toEqual(['inProgress', undefined]);
  });

  it('that stays on hold has its owner told of the customer’s message, once until it is answered', async () => {
    const { caseId } = await held();
    await desk.record(caseId, { type: 'email', direction: 'inbound', body: 'Any news?' });
    await desk.record(caseId, { type: 'email', direction: 'inbound', body: 'Hello?' });
    const told = await desk.events(caseId, 'case.notified');
    expect(told.map(({ fact }) => fact)).toMatchObject([{ about: 'customerReplied', recipients: ['anna'] }]);
    expect((await fileOf(caseId)).case.statusReason).toBe('onHold');
  });

  it.each([
    ['that is not on hold', { holdUntil: at('11:00') }],
    ['until a time that has passed', { statusReason: 'onHold', holdUntil: at('08:00') }],
  ])('cannot be one %s', async (_, patch) => {
    const { caseId } = (await desk.open()).case;
    expect(await desk.patch(caseId, patch)).toBe('VALIDATION_FAILED');
  });
});
