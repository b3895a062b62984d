import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaseFile, Rules } from '../../../domain/cases/case-file.ts';
import { closeCase } from '../../../domain/cases/close-case.ts';
import { createCase } from '../../../domain/cases/create-case.ts';
import { patchCase } from '../../../domain/cases/patch-case.ts';
import { reactivateCase } from '../../../domain/cases/reactivate-case.ts';
import { type MoveStage, moveStage } from '../../../domain/process/move-stage.ts';
import { ProcessFlow } from '../../../domain/process/process-flow.ts';
import { beginFlow, chooseFlow } from '../../../domain/process/stages.ts';
import { Calendar } from '../../../domain/sla/calendar.ts';
import { Sla } from '../../../domain/sla/sla.ts';
import { toInstant, toMs } from '../../../domain/time.ts';
import {
  activeCase,
  ada,
  anna,
  CASE,
  changeOf,
  EARLIER,
  fileOf,
  NOW,
  rulesOf,
  told,
} from '../../support/case-builders.ts';

const flow = {
  id: 'support',
  version: 1,
  document: ProcessFlow.parse({
    name: 'Support',
    stages: [
      { id: 'identify', name: 'Identify', steps: [{ field: 'subjectId' }, { field: 'customFields.serial' }] },
      { id: 'research', name: 'Research', steps: [{ check: 'searched', label: 'Articles searched' }] },
      { id: 'resolve', name: 'Resolve' },
    ],
  }),
};
const rules = rulesOf({}, { flow, flows: [flow] });
const complete = { subjectId: 'printers', customFields: { serial: 'X' } };
const begun = (fields: object = {}): CaseFile => fileOf(beginFlow(activeCase(fields), flow, EARLIER).case);
const move = (file: CaseFile, command: MoveStage, given: { now?: string; rules?: Rules } = {}) =>
  moveStage(file, command, { rules, customer: ada, now: NOW, ...given });
const after = (file: CaseFile, command: MoveStage, given = {}) => changeOf(move(file, command, given)).after;

describe('a process flow', () => {
  it.each([
    [
      'a stage twice',
      {
        stages: [
          { id: 'a', name: 'A' },
          { id: 'a', name: 'B' },
        ],
      },
    ],
    [
      'a check twice',
      {
        stages: [
          { id: 'a', name: 'A', steps: [{ check: 'done', label: 'Done' }] },
          { id: 'b', name: 'B', steps: [{ check: 'done', label: 'Done' }] },
        ],
      },
    ],
    ['a field that is never empty', { stages: [{ id: 'a', name: 'A', steps: [{ field: 'title' }] }] }],
    ['no stage', { stages: [] }],
  ])('does not have %s', (_, given) => {
    expect(ProcessFlow.safeParse({ name: 'X', ...given }).success).toBe(false);
  });

  it('is chosen by order and condition, among those that are enabled', () => {
    const one = (id: string, more: object) => ({
      id,
      version: 1,
      document: ProcessFlow.parse({ name: id, stages: [{ id: 'a', name: 'A' }], ...more }),
    });
    const flows = [
      one('any', { order: 9 }),
      one('off', { order: 1, enabled: false }),
      one('vip', { order: 2, when: { field: 'customer.tier', op: 'eq', value: 'gold' } }),
    ];
    const lookup = (tier?: string) => (field: string) => (field === 'customer.tier' ? tier : undefined);
    expect(chooseFlow(flows, lookup('gold'))?.id).toBe('vip');
    expect(chooseFlow(flows, lookup())?.id).toBe('any');
    expect(chooseFlow([], lookup())).toBeUndefined();
  });
});

describe('a case in a flow', () => {
  it('begins in the first stage when it is created', () => {
    const ids = { caseId: CASE, caseNumber: 'CASE-000001', referenceKey: 'CASE-000001-4F7K' };
    const command = { title: 'No network', customerId: 'ada', origin: 'web', applySla: true };
    const created = changeOf(
      createCase(command, { ids, customer: ada, rules: rulesOf({}, { flows: [flow] }), caller: anna, now: NOW }),
    );
    expect(created.after.case).toMatchObject({
      stage: 'identify',
      process: { flowId: 'support', flowVersion: 1, visits: [{ stage: 'identify', enteredAt: NOW }] },
    });
    expect(created.facts.map(({ type }) => type)).toEqual(['case.created', 'case.stageChanged']);
  });

  it('goes on only when every step is done, and tells what is missing', () => {
    expect(move(begun(), { stage: 'research' })).toMatchObject({
      code: 'STAGE_INCOMPLETE',
      details: {
        missing: [
          { stage: 'identify', field: 'subjectId' },
          { stage: 'identify', field: 'customFields.serial' },
        ],
      },
    });
    expect(move(begun(complete), { stage: 'resolve' })).toMatchObject({
      details: { missing: [{ stage: 'research', check: 'searched', label: 'Articles searched' }] },
    });
    expect(after(begun(complete), { stage: 'research' }).case.stage).toBe('research');
  });

  it('ticks off and goes on in one step, over stages that are complete', () => {
    const moved = changeOf(move(begun(complete), { checks: { searched: true }, stage: 'resolve' }));
    expect(moved.after.case.stage).toBe('resolve');
    expect(moved.facts).toMatchObject([
      { type: 'case.updated', changes: [{ field: 'checks.searched', old: false, new: true }] },
      { type: 'case.stageChanged', from: 'identify', to: 'resolve', minutes: 180, changes: [{ field: 'stage' }] },
    ]);
    const unticked = after(moved.after, { checks: { searched: false } });
    expect(unticked.case.process?.checks).toEqual([]);
  });

  it('goes back at any time, and every visit is kept', () => {
    const there = after(begun(complete), { stage: 'research' });
    const back = after(
      { ...there, case: { ...there.case, subjectId: undefined } },
      { stage: 'identify' },
      { now: '2026-03-09T13:00:00.000Z' },
    );
    expect(back.case.process?.visits).toEqual([
      { stage: 'identify', enteredAt: EARLIER, leftAt: NOW, minutes: 180, businessMinutes: 180 },
      { stage: 'research', enteredAt: NOW, leftAt: '2026-03-09T13:00:00.000Z', minutes: 60, businessMinutes: 60 },
      { stage: 'identify', enteredAt: '2026-03-09T13:00:00.000Z' },
    ]);
  });

  it('stays where it is when it is sent there', () => {
    expect(changeOf(move(begun(), { stage: 'identify' })).facts).toEqual([]);
  });

  it('knows neither stages nor checks of other flows', () => {
    expect(move(begun(), { stage: 'ship' })).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'stage' }] });
    expect(move(begun(), { checks: { shipped: true } })).toMatchObject({ errors: [{ path: 'checks.shipped' }] });
    expect(told(moveStage(fileOf(), { stage: 'ship' }, { rules: rulesOf(), customer: ada, now: NOW }))).toBe(
      'VALIDATION_FAILED',
    );
  });

  it('that was opened before there was a flow begins it with its first step', () => {
    const given = { rules: rulesOf({}, { flows: [flow] }) };
    expect(after(fileOf(), { checks: { searched: true } }, given).case).toMatchObject({
      stage: 'identify',
      process: { checks: ['searched'] },
    });
    expect(told(move(fileOf(), { stage: 'research' }, given))).toBe('STAGE_INCOMPLETE');
  });

  it('counts business time by the calendar of its flow', () => {
    const calendar = Calendar.parse({
      timeZone: 'UTC',
      weekly: { mon: [{ from: '11:00', to: '17:00' }] },
      holidays: [],
    });
    const timed = { ...flow, document: { ...flow.document, calendarId: 'desk' } };
    const given = rulesOf({}, { flow: timed, calendar: (id) => ({ id, version: 1, document: calendar }) });
    expect(after(begun(complete), { stage: 'research' }, { rules: given }).case.process?.visits[0]).toMatchObject({
      minutes: 180,
      businessMinutes: 60,
    });
  });

  it('leaves its stage when it is closed, and is in it again when it is worked on again', () => {
    const there = after(begun(complete), { stage: 'research' });
    const closing = {
      status: 'resolved',
      statusReason: 'problemSolved',
      resolution: 'Done',
      occurredAt: EARLIER,
      now: NOW,
      by: 'anna',
      cause: 'user',
    } as const;
    const closed = closeCase(there, closing, rules).after;
    expect(closed.case.stage).toBeUndefined();
    // A closing that is dated before the stage began ends it where it began.
    expect(closed.case.process?.visits.at(-1)).toMatchObject({
      stage: 'research',
      enteredAt: NOW,
      leftAt: NOW,
      minutes: 0,
    });
    expect(told(move(closed, { stage: 'resolve' }))).toBe('CASE_NOT_ACTIVE');
    const reopened = changeOf(reactivateCase(closed, { rules, now: '2026-03-10T09:00:00.000Z', queueId: 'default' }));
    expect(reopened.after.case).toMatchObject({ stage: 'research' });
    expect(reopened.facts).toContainEqual(expect.objectContaining({ type: 'case.stageChanged', to: 'research' }));
  });

  it('has visits that follow each other without gap or overlap, however it moves', () => {
    const stages = fc.array(fc.tuple(fc.constantFrom('identify', 'research', 'resolve'), fc.nat(5_000)), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(stages, (moves) => {
        let file = after(begun(complete), { checks: { searched: true } });
        let now = toMs(NOW);
        for (const [stage, minutes] of moves) {
          now += minutes * 60_000;
          file = after(file, { stage }, { now: toInstant(now) });
        }
        const visits = file.case.process?.visits ?? [];
        for (const [n, visit] of visits.entries()) expect(visit.leftAt).toBe(visits[n + 1]?.enteredAt);
        expect(visits.at(-1)?.stage).toBe(file.case.stage);
        const minutes = visits.reduce((sum, visit) => sum + (visit.minutes ?? 0), 0);
        expect(minutes).toBe((toMs(visits.at(-1)?.enteredAt ?? '') - toMs(EARLIER)) / 60_000);
      }),
      { numRuns: process.env.NIGHTLY ? 2000 : 100 },
    );
  });
});

describe('a stage that may take so long', () => {
  const timed = {
    ...flow,
    document: ProcessFlow.parse({
      name: 'Support',
      stages: [
        { id: 'identify', name: 'Identify', maxMinutes: 60, warnMinutes: 30 },
        { id: 'wait-for-parts', name: 'Parts', maxMinutes: 600 },
        { id: 'repair', name: 'Repair' },
      ],
    }),
  };
  const given = rulesOf({}, { flow: timed, flows: [timed] });
  const at = (time: string) => `2026-03-09T${time}:00.000Z`;
  const go = (file: CaseFile, stage: string, now: string) => changeOf(move(file, { stage }, { rules: given, now }));
  const clocks = ({ kpis }: CaseFile) => kpis.map(({ kpi, generation, status }) => `${kpi} ${generation} ${status}`);
  const born = () => {
    const ids = { caseId: CASE, caseNumber: 'CASE-000001', referenceKey: 'CASE-000001-4F7K' };
    const command = { title: 'No network', customerId: 'ada', origin: 'web', applySla: true };
    return changeOf(createCase(command, { ids, customer: ada, rules: given, caller: anna, now: at('09:00') })).after;
  };

  it('has a clock with each visit, which is met when the case goes on in time', () => {
    expect(clocks(born())).toEqual(['stageIdentify 1 inProgress']);
    expect(born().kpis[0]).toMatchObject({ warnAt: at('09:30'), failAt: at('10:00'), slaId: 'flow:support' });
    const { after: there, facts } = go(born(), 'wait-for-parts', at('09:20'));
    expect(clocks(there)).toEqual(['stageIdentify 1 succeeded', 'stageWaitForParts 1 inProgress']);
    expect(facts.map(({ type }) => type)).toEqual(['case.stageChanged', 'sla.succeeded', 'sla.started']);
    const back = go(there, 'identify', at('09:40')).after;
    expect(clocks(back)).toEqual([
      'stageIdentify 1 succeeded',
      'stageWaitForParts 1 succeeded',
      'stageIdentify 2 inProgress',
    ]);
    expect(back.kpis[2]).toMatchObject({ failAt: at('10:40'), usedMs: 0 });
  });

  it('is missed when the case goes on too late, dated when it was due', () => {
    const { after: late, facts } = go(born(), 'repair', at('11:00'));
    expect(clocks(late)).toEqual(['stageIdentify 1 noncompliant']);
    expect(facts).toContainEqual(expect.objectContaining({ type: 'sla.breached', dueAt: at('10:00') }));
    expect(facts).toContainEqual(expect.objectContaining({ type: 'sla.succeeded', late: true }));
  });

  it('keeps its clock whatever the SLA is, and lets it wait while the case is on hold', () => {
    const context = { rules: given, caller: anna, customer: ada };
    const edited = changeOf(patchCase(born(), { priority: 'high' }, { ...context, now: at('09:10') })).after;
    expect(clocks(edited)).toEqual(['stageIdentify 1 inProgress']);
    const held = changeOf(patchCase(edited, { statusReason: 'onHold' }, { ...context, now: at('09:15') })).after;
    expect(clocks(held)).toEqual(['stageIdentify 1 paused']);
    const on = changeOf(patchCase(held, { statusReason: 'inProgress' }, { ...context, now: at('12:15') })).after;
    expect(on.kpis[0]).toMatchObject({ status: 'inProgress', failAt: at('13:00') });
  });

  it('is met by a resolution, void when the case is cancelled, and begins anew when it is reopened', () => {
    const common = { occurredAt: at('09:30'), now: at('09:30'), by: 'anna', cause: 'user' };
    const resolved = { ...common, status: 'resolved', statusReason: 'problemSolved', resolution: 'Done' } as const;
    const cancelled = { ...common, status: 'cancelled', statusReason: 'cancelled' } as const;
    expect(clocks(closeCase(born(), cancelled, given).after)).toEqual(['stageIdentify 1 cancelled']);
    const closed = closeCase(born(), resolved, given).after;
    expect(clocks(closed)).toEqual(['stageIdentify 1 succeeded']);
    const reopened = changeOf(reactivateCase(closed, { rules: given, now: at('14:00'), queueId: 'default' })).after;
    expect(clocks(reopened)).toEqual(['stageIdentify 1 succeeded', 'stageIdentify 2 inProgress']);
    expect(reopened.kpis[1]).toMatchObject({ failAt: at('15:00') });
  });

  it('needs a name that a clock can have, and no SLA takes it', () => {
    const stage = { id: 'a-stage-with-a-very-long-name', name: 'Long' };
    expect(ProcessFlow.safeParse({ name: 'X', stages: [stage] }).success).toBe(true);
    expect(ProcessFlow.safeParse({ name: 'X', stages: [{ ...stage, maxMinutes: 5 }] }).success).toBe(false);
    expect(
      ProcessFlow.safeParse({ name: 'X', stages: [{ id: 'a', name: 'A', maxMinutes: 5, warnMinutes: 5 }] }).success,
    ).toBe(false);
    const item = { id: 'one', kpi: 'stageIdentify', targetMinutes: 5, success: { all: [] } };
    expect(Sla.safeParse({ name: 'X', items: [item] }).error?.issues[0]?.path).toEqual(['items', 0, 'kpi']);
  });
});
