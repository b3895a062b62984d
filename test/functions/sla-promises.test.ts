import { describe, expect, it } from 'vitest';
import { deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();

const clocksOf = async (caseId: string) =>
  (await local.services.cases.load(caseId))!.kpis.map(({ generation, status, usedMs }) => [
    generation,
    status,
    usedMs / 60_000,
  ]);

describe('what an SLA promises', () => {
  it('is promised again, with the time that was used, when a case that lost it has it again', async () => {
    const desk = deskOn(local.services);
    const whenHigh = { field: 'priority', op: 'eq' as const, value: 'high' };
    await desk.sla('high-only', {
      name: 'High only',
      isDefault: true,
      items: [{ id: 'resolve', kpi: 'resolve', when: whenHigh, targetMinutes: 60 }],
    });
    local.clock.now = '2026-03-09T09:00:00.000Z';
    const { case: subject } = await desk.open({ priority: 'high' });
    local.clock.now = '2026-03-09T09:20:00.000Z';
    await desk.patch(subject.caseId, { priority: 'low' });
    expect(await clocksOf(subject.caseId)).toEqual([[1, 'cancelled', 20]]);
    local.clock.now = '2026-03-09T10:00:00.000Z';
    await desk.patch(subject.caseId, { priority: 'high' });
    expect(await clocksOf(subject.caseId)).toEqual([
      [1, 'cancelled', 20],
      [2, 'inProgress', 20],
    ]);
    const [, again] = (await local.services.cases.load(subject.caseId))!.kpis;
    expect(again?.failAt).toBe('2026-03-09T10:40:00.000Z');
  });

  it('is not promised again where it was void because the case was closed, whatever is edited after a reopening', async () => {
    const desk = deskOn(local.services);
    const answer = { id: 'answer', kpi: 'firstResponse', targetMinutes: 60 };
    const resolve = { id: 'resolve', kpi: 'resolve', targetMinutes: 60, onReopen: 'keep' as const };
    await desk.sla('once', { name: 'Once', isDefault: true, items: [answer, resolve] });
    const { caseId } = (await desk.open()).case;
    await desk.cancel(caseId);
    await desk.reactivate(caseId);
    await desk.patch(caseId, { title: 'Still no network', priority: 'high' });
    const { kpis } = (await local.services.cases.load(caseId))!;
    expect(kpis.map(({ kpi, generation, status }) => `${kpi} ${generation} ${status}`)).toEqual([
      'firstResponse 1 cancelled',
      'resolve 1 cancelled',
    ]);
  });

  it('is told to whom the SLA names when it was kept in time, once', async () => {
    const desk = deskOn(local.services);
    await desk.sla('praise', {
      name: 'Praise',
      isDefault: true,
      items: [
        {
          id: 'resolve',
          kpi: 'resolve',
          targetMinutes: 60,
          actions: { success: [{ type: 'notify', to: 'supervisors' }] },
        },
      ],
    });
    const { case: subject } = await desk.open();
    await desk.resolve(subject.caseId);
    const [succeeded] = await desk.events(subject.caseId, 'sla.succeeded');
    await desk.react(succeeded!);
    await desk.react(succeeded!);
    const told = await desk.events(subject.caseId, 'sla.notified');
    expect(told.map(({ fact }) => fact)).toMatchObject([{ alarm: 'success', recipients: ['group:supervisor'] }]);
  });

  it('is kept or changed by whatever command touches what its conditions look at', async () => {
    const desk = deskOn(local.services);
    await desk.user('gwen');
    await desk.sla('owned', {
      name: 'Owned',
      isDefault: true,
      items: [
        { id: 'taken', kpi: 'taken', targetMinutes: 30, success: { field: 'ownerId', op: 'exists' } },
        { id: 'gold', kpi: 'resolve', targetMinutes: 60, when: { field: 'customer.tier', op: 'eq', value: 'gold' } },
        { id: 'all', kpi: 'resolve', targetMinutes: 120, pauseWhen: { field: 'queueId', op: 'eq', value: 'vendor' } },
      ],
    });
    await desk.queue('vendor');
    const { caseId } = (await desk.open()).case;
    await desk.route(caseId, 'vendor');
    await desk.assign(caseId, 'gwen');
    const { kpis } = (await local.services.cases.load(caseId))!;
    expect(kpis.map(({ kpi, itemId, status }) => `${kpi} ${itemId} ${status}`)).toEqual([
      'resolve all paused',
      'taken taken succeeded',
    ]);
  });

  it('is refused where nothing could ever keep it', async () => {
    const desk = deskOn(local.services);
    const item = { id: 'visit', kpi: 'resolve', targetMinutes: 60 };
    const put = (changed: object) => desk.sla('odd', { name: 'Odd', items: [{ ...item, ...changed }] });
    expect(await put({ applicableFrom: 'customFields.visitAt' })).toBe('VALIDATION_FAILED');
    expect(await put({ warnings: [{ percent: 50, actions: [{ type: 'routeToQueue', queueId: 'nowhere' }] }] })).toBe(
      'VALIDATION_FAILED',
    );
  });
});
