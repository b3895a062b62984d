import { describe, expect, it } from 'vitest';
import type { Resolution } from '../../../domain/cases/case.ts';
import type { CaseFile } from '../../../domain/cases/case-file.ts';
import { resolveAsBefore } from '../../../domain/cases/resolve-as-before.ts';
import { reopenKpi } from '../../../domain/sla/reopen-kpi.ts';
import { succeedKpi } from '../../../domain/sla/succeed-kpi.ts';
import {
  activeCase,
  anna,
  CASE,
  cancelledCase,
  changeOf,
  childrenOf,
  closingBy,
  EARLIER,
  fileOf,
  NOW,
  openTasks,
  resolvedCase,
  rulesOf,
  runningClock,
  told,
  withoutEdges,
} from '../../support/case-builders.ts';

const previous: Resolution = {
  resolutionType: 'informationProvided',
  resolution: 'It is in the manual',
  totalMinutes: 12,
  billableMinutes: 10,
  resolvedAt: EARLIER,
  resolvedBy: 'ben',
  cause: 'user',
  sla: [{ kpi: 'resolve', status: 'succeeded' }],
};
const again = (file: CaseFile, { never = false, rules = rulesOf(), confirm = false } = {}) =>
  resolveAsBefore(file, never ? undefined : previous, { confirmCancelActivities: confirm }, closingBy(anna, rules));
const reopened = activeCase({ reopenCount: 2 });

describe('a case that was reopened for nothing', () => {
  it('is resolved as it was, and the reopening does not count', () => {
    const { after, facts } = changeOf(again(fileOf(reopened)));
    expect(after.case).toMatchObject({
      status: 'resolved',
      statusReason: 'informationProvided',
      reopenCount: 1,
      resolvedOn: NOW,
      resolution: previous,
    });
    expect(facts).toMatchObject([
      {
        type: 'case.resolved',
        asBefore: true,
        changes: [{ field: 'status' }, { field: 'statusReason' }, { field: 'reopenCount', old: 2, new: 1 }],
      },
    ]);
  });

  it('loses the clocks that the reopening started, and keeps the outcome of those before', () => {
    const met = succeedKpi(runningClock(), undefined, EARLIER).instance;
    const { successor } = reopenKpi(met, undefined, EARLIER);
    const { after } = changeOf(again(fileOf(reopened, { kpis: [met, successor!] })));
    expect(after.kpis.map(({ generation, status }) => `${generation} ${status}`)).toEqual([
      '1 succeeded',
      '2 cancelled',
    ]);
    expect(after.kpis[0]).toBe(met);
  });

  it.each([
    ['was never resolved', fileOf(activeCase()), { never: true }, 'VALIDATION_FAILED'],
    ['is resolved', fileOf(resolvedCase()), {}, 'ALREADY_RESOLVED'],
    ['is cancelled', fileOf(cancelledCase()), {}, 'CASE_NOT_ACTIVE'],
    ['has open activities', fileOf(reopened, { activities: openTasks(1) }), {}, 'OPEN_ACTIVITIES'],
    [
      'has open activities that may go',
      fileOf(reopened, { activities: openTasks(1) }),
      { confirm: true },
      'activity.cancelled, case.resolved',
    ],
    [
      'may not go back by the graph',
      fileOf(reopened),
      { rules: rulesOf({}, { statusModel: withoutEdges(['inProgress', 'informationProvided']) }) },
      'TRANSITION_NOT_ALLOWED',
    ],
    [
      'has active children that it must wait for',
      fileOf(reopened, { family: childrenOf(CASE, 1) }),
      { rules: rulesOf({ closurePolicy: 'blockUntilChildrenClosed' }) },
      'ACTIVE_CHILDREN',
    ],
  ])('that %s', (_, file, options, outcome) => {
    expect(told(again(file, options))).toBe(outcome);
  });
});
