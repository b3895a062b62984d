import { describe, expect, it } from 'vitest';
import type { CaseFile, Rules } from '../../../domain/cases/case-file.ts';
import { PatchCase, patchCase } from '../../../domain/cases/patch-case.ts';
import { Sla } from '../../../domain/sla/sla.ts';
import {
  activeCase,
  ada,
  anna,
  cancelledCase,
  changeOf,
  EARLIER,
  fileOf,
  machine,
  NOW,
  PARENT,
  queued,
  resolvedCase,
  rulesOf,
  runningClock,
  sue,
  told,
  withoutEdges,
} from '../../support/case-builders.ts';

const patching = (
  file: CaseFile,
  patch: PatchCase,
  {
    rules = rulesOf(),
    caller = anna,
    customer = ada,
    subjectPath,
  }: { rules?: Rules; caller?: typeof anna; customer?: typeof ada; subjectPath?: string[] } = {},
) => patchCase(file, PatchCase.parse(patch), { rules, caller, now: NOW, customer, subjectPath });

const running = () => runningClock({ itemId: 'all' });

describe('editing a case', () => {
  it('writes what changed, with old and new', () => {
    const { after, facts } = changeOf(patching(fileOf(), { title: 'No mail', severity: 'high', origin: 'web' }));
    expect(after.case).toMatchObject({ title: 'No mail', severity: 'high', version: 2, modifiedOn: NOW });
    expect(facts).toEqual([
      {
        type: 'case.updated',
        occurredAt: NOW,
        changes: [
          { field: 'title', old: 'No network', new: 'No mail' },
          { field: 'severity', old: undefined, new: 'high' },
        ],
      },
    ]);
  });

  it('to what it is already changes nothing', () => {
    const file = fileOf(activeCase({ labels: ['vip'] }));
    const change = changeOf(patching(file, { title: 'No network', labels: ['vip'], statusReason: 'inProgress' }));
    expect(change.after).toBe(file);
    expect(change.facts).toEqual([]);
  });

  it('clears what is null, and a subject’s path with the subject', () => {
    const subject = activeCase({ severity: 'high', subjectId: 'lasers', subjectPath: ['hardware', 'lasers'] });
    const { after } = changeOf(patching(fileOf(subject), { severity: null, subjectId: null }));
    for (const field of ['severity', 'subjectId', 'subjectPath']) expect(after.case).not.toHaveProperty(field);
    const moved = changeOf(patching(fileOf(subject), { subjectId: 'mail' }, { subjectPath: ['software', 'mail'] }));
    expect(moved.after.case.subjectPath).toEqual(['software', 'mail']);
  });

  it('follows the customer to their account', () => {
    const customer = { ...ada, customerId: 'grace', parentId: 'navy' };
    const { after } = changeOf(patching(fileOf(), { customerId: 'grace' }, { customer }));
    expect(after.case).toMatchObject({ customerId: 'grace', accountId: 'navy' });
  });

  it('moves it in its queue when its priority changes, and keeps how long it has waited', () => {
    const { after } = changeOf(patching(fileOf(activeCase(), { placement: queued() }), { priority: 'urgent' }));
    expect(after.placement).toEqual({ ...queued(), priorityRank: 0, revision: 2 });
    const { after: other } = changeOf(patching(fileOf(activeCase(), { placement: queued() }), { title: 'No mail' }));
    expect(other.placement).toEqual(queued());
  });
});

describe('another reason', () => {
  it.each([
    ['inProgress', 'onHold', 'case.updated, sla.paused'],
    ['onHold', 'inProgress', 'case.updated, sla.resumed'],
    ['onHold', 'waitingForDetails', 'case.updated'],
    ['inProgress', 'researching', 'case.updated'],
    ['inProgress', 'problemSolved', 'TRANSITION_NOT_ALLOWED'],
    ['inProgress', 'cancelled', 'TRANSITION_NOT_ALLOWED'],
    ['inProgress', 'onVacation', 'VALIDATION_FAILED'],
  ])('from %s to %s: %s', (from, to, then) => {
    const items = [{ id: 'all', kpi: 'resolve', targetMinutes: 480 }];
    const sla = { id: 'standard', version: 1, document: Sla.parse({ name: 'Standard', items }) };
    const rules = rulesOf({}, { sla });
    const opened = fileOf(activeCase({ slaId: 'standard', slaVersion: 1 }), { kpis: [running()] });
    const file = from === 'inProgress' ? opened : changeOf(patching(opened, { statusReason: from }, { rules })).after;
    expect(told(patching(file, { statusReason: to }, { rules }))).toBe(then);
  });

  it('along an edge that the graph does not have is refused, with the active ones that it has', () => {
    const rules = rulesOf({}, { statusModel: withoutEdges(['inProgress', 'onHold']) });
    expect(patching(fileOf(), { statusReason: 'onHold' }, { rules })).toMatchObject({
      code: 'TRANSITION_NOT_ALLOWED',
      details: { permitted: ['waitingForDetails', 'researching'] },
    });
  });
});

describe('a change that the SLA looks at', () => {
  const items = [
    { id: 'high', kpi: 'resolve', targetMinutes: 240, when: { field: 'priority', op: 'gte' as const, value: 'high' } },
    { id: 'vip', kpi: 'firstResponse', targetMinutes: 240, when: { field: 'labels', op: 'eq' as const, value: 'vip' } },
    { id: 'all', kpi: 'resolve', targetMinutes: 480 },
  ];
  const sla = { id: 'standard', version: 1, document: Sla.parse({ name: 'Standard', items }) };
  const rules = rulesOf({}, { sla });
  const file = fileOf(activeCase({ slaId: 'standard', slaVersion: 1 }), { kpis: [running()] });

  it('gives the clock the item that now matches, with the time already used', () => {
    const { after, facts } = changeOf(patching(file, { priority: 'urgent' }, { rules }));
    expect(facts.map(({ type }) => type)).toEqual(['case.updated', 'sla.cancelled', 'sla.started']);
    expect(after.kpis).toMatchObject([
      { generation: 1, status: 'cancelled' },
      { generation: 2, itemId: 'high', failAt: '2026-03-09T13:00:00.000Z' },
    ]);
  });

  it('starts a clock that had no item before, from when the case was created', () => {
    const { after } = changeOf(patching(file, { labels: ['vip'] }, { rules }));
    expect(after.kpis[1]).toMatchObject({
      kpi: 'firstResponse',
      startedAt: EARLIER,
      failAt: '2026-03-09T13:00:00.000Z',
    });
  });

  it('promises no first response to who has had one', () => {
    const answered = { ...file, activities: { ...file.activities, firstRespondedOn: EARLIER } };
    expect(changeOf(patching(answered, { labels: ['vip'] }, { rules })).after.kpis).toHaveLength(1);
  });

  it('and no clock when the item is the same', () => {
    expect(told(patching(file, { priority: 'low' }, { rules }))).toBe('case.updated');
  });
});

describe('a closed case', () => {
  it.each([
    ['labels by an agent', { labels: ['late'] }, anna, 'case.updated'],
    ['the product by an agent', { product: 'mail' }, anna, 'CASE_NOT_ACTIVE'],
    ['the product by a supervisor', { product: 'mail' }, sue, 'case.updated'],
    ['the subject by a supervisor', { subjectId: 'mail' }, sue, 'case.updated'],
    ['the title by a supervisor', { title: 'No mail' }, sue, 'CASE_NOT_ACTIVE'],
    ['labels and the title by a supervisor', { labels: ['late'], title: 'No mail' }, sue, 'CASE_NOT_ACTIVE'],
    ['its reason by a supervisor', { statusReason: 'onHold' }, sue, 'CASE_NOT_ACTIVE'],
    ['labels by a machine', { labels: ['late'] }, machine, 'CASE_NOT_ACTIVE'],
  ] as const)('%s: %s', (_, patch, caller, then) => {
    for (const subject of [resolvedCase(), cancelledCase()]) {
      expect(told(patching(fileOf(subject), PatchCase.parse(patch), { caller, subjectPath: ['mail'] }))).toBe(then);
    }
  });

  it('that was merged changes in nothing', () => {
    const merged = fileOf(cancelledCase({ statusReason: 'merged', mergedInto: PARENT }));
    expect(told(patching(merged, { labels: ['late'] }, { caller: sue }))).toBe('CASE_NOT_ACTIVE');
  });

  it('has its subject corrected without a new clock', () => {
    const file = fileOf(resolvedCase(), { kpis: [] });
    const items = [{ id: 'all', kpi: 'resolve', targetMinutes: 480 }];
    const sla = { id: 'standard', version: 1, document: Sla.parse({ name: 'Standard', items }) };
    const { after } = changeOf(patching(file, { product: 'mail' }, { caller: sue, rules: rulesOf({}, { sla }) }));
    expect(after.kpis).toEqual([]);
  });
});
