import { describe, expect, it } from 'vitest';
import type { CaseFile, Rules } from '../../../domain/cases/case-file.ts';
import { ResolveCase, resolveCase } from '../../../domain/cases/resolve-case.ts';
import { DEFAULT_STATUS_MODEL } from '../../../domain/cases/status-reasons.ts';
import {
  activeCase,
  anna,
  CASCADE,
  CASE,
  cancelledCase,
  changeOf,
  childrenOf,
  closingBy,
  fileOf,
  NOW,
  openTasks,
  PARENT,
  queued,
  resolvedCase,
  rulesOf,
  runningClock,
  sue,
  told,
  withoutEdges,
} from '../../support/case-builders.ts';

const resolving = (
  file: CaseFile,
  {
    body = {},
    rules = rulesOf(),
    caller = anna,
    openActivitiesOfChildren = 0,
  }: { body?: Partial<ResolveCase>; rules?: Rules; caller?: typeof anna; openActivitiesOfChildren?: number } = {},
) =>
  resolveCase(file, ResolveCase.parse({ resolutionType: 'problemSolved', resolution: 'Rebooted', ...body }), {
    ...closingBy(caller, rules),
    openActivitiesOfChildren,
  });

describe('resolving', () => {
  it.each([
    { activeChildren: 2, closurePolicy: 'blockUntilChildrenClosed', outcome: 'ACTIVE_CHILDREN' },
    { activeChildren: 2, closurePolicy: 'cascadeToChildren', outcome: 'case.resolved, case.cascadeStarted' },
    { activeChildren: 2, closurePolicy: 'independent', outcome: 'case.resolved' },
    { activeChildren: 0, closurePolicy: 'blockUntilChildrenClosed', outcome: 'case.resolved' },
    { activeChildren: 0, closurePolicy: 'cascadeToChildren', outcome: 'case.resolved' },
  ] as const)(
    'a parent with $activeChildren active children under $closurePolicy: $outcome',
    ({ activeChildren, closurePolicy, outcome }) => {
      const file = fileOf(activeCase(), { family: childrenOf(CASE, activeChildren, 3) });
      expect(told(resolving(file, { rules: rulesOf({ closurePolicy }) }))).toBe(outcome);
    },
  );

  it.each([
    ['a resolved case', resolvedCase(), 'ALREADY_RESOLVED'],
    ['a cancelled case', cancelledCase(), 'CASE_NOT_ACTIVE'],
    ['an active case', activeCase(), 'case.resolved'],
    ['a case on hold', activeCase({ statusReason: 'onHold' }), 'case.resolved'],
  ])('%s', (_, subject, then) => {
    expect(told(resolving(fileOf(subject)))).toBe(then);
  });

  it.each([
    ['cancelled', 'VALIDATION_FAILED'],
    ['inProgress', 'VALIDATION_FAILED'],
    ['fixedByMagic', 'VALIDATION_FAILED'],
    ['informationProvided', 'case.resolved'],
  ])('with the type %s: %s', (resolutionType, then) => {
    expect(told(resolving(fileOf(), { body: { resolutionType } }))).toBe(then);
  });

  it('to a disabled reason is refused', () => {
    const { problemSolved, ...reasons } = DEFAULT_STATUS_MODEL.reasons;
    const statusModel = {
      ...DEFAULT_STATUS_MODEL,
      reasons: { ...reasons, problemSolved: { ...problemSolved!, enabled: false } },
    };
    expect(told(resolving(fileOf(), { rules: rulesOf({}, { statusModel }) }))).toBe('REASON_DISABLED');
  });

  it('along an edge that the graph does not have is refused, with those that it has', () => {
    const statusModel = withoutEdges(['onHold', 'problemSolved']);
    const file = fileOf(activeCase({ statusReason: 'onHold' }));
    const decision = resolving(file, { rules: rulesOf({}, { statusModel }) });
    expect(decision).toMatchObject({
      code: 'TRANSITION_NOT_ALLOWED',
      details: { permitted: expect.arrayContaining(['informationProvided', 'inProgress']) },
    });
    expect(decision).not.toMatchObject({ details: { permitted: expect.arrayContaining(['problemSolved']) } });
  });

  it('over open activities needs a word, which names them; those of the children count too', () => {
    const file = fileOf(activeCase(), { activities: openTasks(2) });
    expect(resolving(file, { openActivitiesOfChildren: 3 })).toMatchObject({
      code: 'OPEN_ACTIVITIES',
      detail: '5 activities are still open',
      details: { activities: file.activities.open, openActivitiesOfChildren: 3 },
    });
    expect(told(resolving(fileOf(), { openActivitiesOfChildren: 1 }))).toBe('OPEN_ACTIVITIES');
    expect(resolving(file)).toMatchObject({ details: { activities: file.activities.open } });
    expect(resolving(file)).not.toHaveProperty('details.openActivitiesOfChildren');
    const confirmed = changeOf(resolving(file, { body: { confirmCancelActivities: true } }));
    expect(confirmed.facts.map(({ type }) => type)).toEqual(['activity.cancelled', 'case.resolved']);
    expect(confirmed.cancelledActivities?.map(({ activityId }) => activityId)).toEqual(
      file.activities.open.map(({ activityId }) => activityId),
    );
    expect(confirmed.after.activities).toMatchObject({ open: [], accepts: 'notes' });
  });

  it('keeps who resolved it, when, how and with which outcome of the SLA', () => {
    const kpis = [runningClock({ targetMinutes: 60 }), runningClock({ kpi: 'firstResponse' })];
    const activities = { ...openTasks(0), totalMinutes: 25 };
    const { after } = changeOf(resolving(fileOf(activeCase(), { kpis, activities })));
    expect(after.case).toMatchObject({
      status: 'resolved',
      statusReason: 'problemSolved',
      resolvedOn: NOW,
      version: 2,
      modifiedOn: NOW,
      resolution: {
        resolution: 'Rebooted',
        totalMinutes: 25,
        billableMinutes: 25,
        resolvedAt: NOW,
        resolvedBy: 'anna',
        cause: 'user',
        sla: [
          { kpi: 'resolve', status: 'noncompliant' },
          { kpi: 'firstResponse', status: 'cancelled' },
        ],
      },
    });
    const billed = changeOf(resolving(fileOf(activeCase(), { activities }), { body: { billableMinutes: 10 } }));
    expect(billed.after.case).toMatchObject({ resolution: { totalMinutes: 25, billableMinutes: 10 } });
  });

  it('takes the case out of its queue and from whoever works on it, but remembers the queue', () => {
    const placement = queued({ queueId: 'desk', workedBy: 'anna', revision: 4 });
    const { after } = changeOf(resolving(fileOf(activeCase(), { placement })));
    expect(after.placement).toMatchObject({ state: 'left', queueId: 'desk', since: NOW, revision: 5 });
    expect(after.placement?.workedBy).toBeUndefined();
  });

  it('may be dated in the past by a supervisor, not before the case or in the future', () => {
    const occurredAt = '2026-03-09T10:00:00.000Z';
    expect(told(resolving(fileOf(), { body: { occurredAt } }))).toBe('FORBIDDEN');
    const { after, facts } = changeOf(resolving(fileOf(), { body: { occurredAt }, caller: sue }));
    expect(after.case).toMatchObject({ resolvedOn: occurredAt, modifiedOn: NOW });
    expect(facts.at(-1)).toMatchObject({ type: 'case.resolved', occurredAt });
    for (const wrong of ['2026-03-09T12:00:00.001Z', '2026-03-09T08:59:59.999Z']) {
      expect(told(resolving(fileOf(), { body: { occurredAt: wrong }, caller: sue }))).toBe('VALIDATION_FAILED');
    }
  });

  it('rests on what it read of the family: no child, just these children, or nothing', () => {
    const fencesUnder = (closurePolicy: 'independent' | 'blockUntilChildrenClosed' | 'cascadeToChildren', n: number) =>
      changeOf(resolving(fileOf(activeCase(), { family: childrenOf(CASE, n) }), { rules: rulesOf({ closurePolicy }) }))
        .fences;
    expect(fencesUnder('independent', 2)).toEqual([]);
    expect(fencesUnder('blockUntilChildrenClosed', 0)).toEqual([{ type: 'noActiveChildren' }]);
    expect(fencesUnder('cascadeToChildren', 2)).toEqual([{ type: 'activeChildrenAre', count: 2 }]);
    expect(fencesUnder('cascadeToChildren', 0)).toEqual([{ type: 'activeChildrenAre', count: 0 }]);
    const child = fileOf(activeCase({ parentId: PARENT }));
    const closed = { version: 2, isResolved: true };
    expect(changeOf(resolving(child)).fences).toEqual([{ type: 'childCloses', parentId: PARENT, closed }]);
  });

  it('a parent under cascade asks for its children’s closing and closes none itself', () => {
    const file = fileOf(activeCase(), { family: childrenOf(CASE, 60, 100) });
    const { after, facts } = changeOf(
      resolving(file, {
        rules: rulesOf({ closurePolicy: 'cascadeToChildren' }),
        body: { resolutionType: 'informationProvided' },
      }),
    );
    expect(after.family).toEqual({
      ...file.family,
      cascade: {
        id: CASCADE,
        state: 'running',
        closes: 'resolved',
        statusReason: 'informationProvided',
        by: 'anna',
        startedOn: NOW,
        round: 1,
        total: 60,
        closed: 0,
        skipped: 0,
        failed: 0,
        progressAt: NOW,
      },
    });
    expect(facts.at(-1)).toEqual({ type: 'case.cascadeStarted', occurredAt: NOW, cascadeId: CASCADE, total: 60 });
  });
});
