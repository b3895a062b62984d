import { describe, expect, it } from 'vitest';
import { closeChild } from '../../../domain/cascade/close-child.ts';
import type { CaseFile, Rules } from '../../../domain/cases/case-file.ts';
import type { Cascade } from '../../../domain/hierarchy/family.ts';
import {
  activeCase,
  CASCADE,
  cancelledCase,
  EARLIER,
  fileOf,
  NOW,
  openTasks,
  PARENT,
  queued,
  resolvedCase,
  rulesOf,
  withoutEdges,
} from '../../support/case-builders.ts';

const cascade: Cascade = {
  id: CASCADE,
  state: 'running',
  closes: 'resolved',
  statusReason: 'problemSolved',
  by: 'anna',
  startedOn: EARLIER,
  round: 1,
  total: 60,
  closed: 0,
  skipped: 0,
  failed: 0,
  progressAt: EARLIER,
};
const cancelling: Cascade = { ...cascade, closes: 'cancelled', statusReason: 'cancelled' };
const parent = { caseId: PARENT, caseNumber: 'CASE-000002' };
const closing = (child: CaseFile, of: Cascade = cascade, rules: Rules = rulesOf()) =>
  closeChild(child, parent, of, rules, NOW);
const closed = (child: CaseFile, of: Cascade = cascade, rules: Rules = rulesOf()) => {
  const result = closing(child, of, rules);
  if (result.outcome !== 'done') throw new Error(result.reason);
  return result.change;
};

describe('a child whose parent was closed', () => {
  it.each([
    ['is resolved', resolvedCase({ parentId: PARENT }), { outcome: 'skipped', reason: 'resolved' }],
    ['is cancelled', cancelledCase({ parentId: PARENT }), { outcome: 'skipped', reason: 'cancelled' }],
    ['was detached', activeCase(), { outcome: 'skipped', reason: 'detached' }],
    ['is active', activeCase({ parentId: PARENT }), { outcome: 'done' }],
    ['is on hold', activeCase({ parentId: PARENT, statusReason: 'onHold' }), { outcome: 'done' }],
  ])('that %s', (_, subject, outcome) => {
    expect(closing(fileOf(subject))).toMatchObject(outcome);
  });

  it('is resolved as its parent was, by whom its parent was, and says so', () => {
    const { after, facts, fences } = closed(fileOf(activeCase({ parentId: PARENT })));
    expect(after.case).toMatchObject({
      status: 'resolved',
      statusReason: 'problemSolved',
      resolvedOn: NOW,
      resolution: {
        resolution: 'Resolved with parent CASE-000002',
        resolvedBy: 'anna',
        cause: `cascade:${CASCADE}`,
      },
    });
    expect(facts.at(-1)).toMatchObject({ type: 'case.resolved', cascadeId: CASCADE });
    expect(facts.at(-1)).not.toHaveProperty('forced');
    expect(fences).toEqual([{ type: 'childCloses', parentId: PARENT, closed: { version: 2, isResolved: true } }]);
  });

  it('is cancelled with a cancelled parent', () => {
    const { after, facts } = closed(fileOf(activeCase({ parentId: PARENT })), cancelling);
    expect(after.case).toMatchObject({ status: 'cancelled', statusReason: 'cancelled', cancelledOn: NOW });
    expect(facts.at(-1)).toMatchObject({ type: 'case.cancelled', note: 'Cancelled with parent CASE-000002' });
  });

  it('loses its open activities and its place in the queue', () => {
    const file = fileOf(activeCase({ parentId: PARENT }), { activities: openTasks(3), placement: queued() });
    const { after, cancelledActivities } = closed(file);
    expect(after.activities).toMatchObject({ open: [], accepts: 'notes' });
    expect(cancelledActivities).toHaveLength(3);
    expect(after.placement?.state).toBe('left');
  });

  it('is closed also where the graph has no such edge, and the audit says that it was forced', () => {
    const statusModel = withoutEdges(['onHold', 'problemSolved']);
    const rules = rulesOf({}, { statusModel });
    const onHold = fileOf(activeCase({ parentId: PARENT, statusReason: 'onHold' }));
    const { after, facts } = closed(onHold, cascade, rules);
    expect(after.case.status).toBe('resolved');
    expect(facts.at(-1)).toMatchObject({ type: 'case.resolved', forced: true });
    expect(closed(fileOf(activeCase({ parentId: PARENT })), cascade, rules).facts.at(-1)).not.toHaveProperty('forced');
    expect(closed(onHold, cancelling, rules).facts.at(-1)).not.toHaveProperty('forced');
  });

  it('starts no cascade of its own', () => {
    const rules = rulesOf({ closurePolicy: 'cascadeToChildren' });
    expect(closed(fileOf(activeCase({ parentId: PARENT })), cascade, rules).facts.map(({ type }) => type)).toEqual([
      'case.resolved',
    ]);
  });
});
