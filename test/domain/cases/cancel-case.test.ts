import { describe, expect, it } from 'vitest';
import { CancelCase, cancelCase } from '../../../domain/cases/cancel-case.ts';
import type { CaseFile, Rules } from '../../../domain/cases/case-file.ts';
import {
  activeCase,
  anna,
  CASE,
  cancelledCase,
  changeOf,
  childrenOf,
  closingBy,
  fileOf,
  NOW,
  openTasks,
  resolvedCase,
  rulesOf,
  runningClock,
  told,
  withoutEdges,
} from '../../support/case-builders.ts';

const cancelling = (file: CaseFile, body: Partial<CancelCase> = {}, rules: Rules = rulesOf()) =>
  cancelCase(file, CancelCase.parse(body), closingBy(anna, rules));

describe('cancelling', () => {
  it.each([
    ['an active case', activeCase(), 'case.cancelled'],
    ['a resolved case', resolvedCase(), 'CASE_NOT_ACTIVE'],
    ['a cancelled case', cancelledCase(), 'CASE_NOT_ACTIVE'],
  ])('%s', (_, subject, then) => {
    expect(told(cancelling(fileOf(subject)))).toBe(then);
  });

  it.each([
    ['merged', 'VALIDATION_FAILED'],
    ['problemSolved', 'VALIDATION_FAILED'],
    ['onHold', 'VALIDATION_FAILED'],
    ['cancelled', 'case.cancelled'],
  ])('for the reason %s: %s', (reason, then) => {
    expect(told(cancelling(fileOf(), { reason }))).toBe(then);
  });

  it.each([
    ['independent', 'case.cancelled'],
    ['blockUntilChildrenClosed', 'ACTIVE_CHILDREN'],
    ['cascadeToChildren', 'case.cancelled, case.cascadeStarted'],
  ] as const)('a parent with an active child under %s: %s', (closurePolicy, then) => {
    const file = fileOf(activeCase(), { family: childrenOf(CASE, 1) });
    expect(told(cancelling(file, {}, rulesOf({ closurePolicy })))).toBe(then);
  });

  it('follows the transition graph', () => {
    const statusModel = withoutEdges(['inProgress', 'cancelled']);
    expect(told(cancelling(fileOf(), {}, rulesOf({}, { statusModel })))).toBe('TRANSITION_NOT_ALLOWED');
  });

  it('over open activities needs a word', () => {
    const file = fileOf(activeCase(), { activities: openTasks(1) });
    expect(told(cancelling(file))).toBe('OPEN_ACTIVITIES');
    expect(told(cancelling(file, { confirmCancelActivities: true }))).toBe('activity.cancelled, case.cancelled');
  });

  it('voids every open clock and lets none succeed, but a breach that was due stands', () => {
    const kpis = [runningClock({ kpi: 'firstResponse', targetMinutes: 60 }), runningClock()];
    const { after, facts } = changeOf(cancelling(fileOf(activeCase(), { kpis }), { note: 'Opened by mistake' }));
    expect(after.kpis.map(({ status }) => status)).toEqual(['noncompliant', 'cancelled']);
    expect(facts.map(({ type }) => type)).toEqual(['sla.breached', 'sla.cancelled', 'case.cancelled']);
    expect(facts.at(-1)).toMatchObject({ note: 'Opened by mistake', statusReason: 'cancelled' });
    expect(after.case).toMatchObject({ status: 'cancelled', cancelledOn: NOW, version: 2 });
  });
});
