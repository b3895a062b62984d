import { describe, expect, it } from 'vitest';
import type { CaseFile, Rules } from '../../../domain/cases/case-file.ts';
import { reactivateCase } from '../../../domain/cases/reactivate-case.ts';
import {
  activeCase,
  CASCADE,
  CASE,
  cancelledCase,
  changeOf,
  childrenOf,
  EARLIER,
  fileOf,
  NOW,
  openTasks,
  PARENT,
  queued,
  resolvedCase,
  rulesOf,
  told,
  withoutEdges,
} from '../../support/case-builders.ts';

const reactivating = (
  file: CaseFile,
  { rules = rulesOf(), parent, queueId = 'desk' }: { rules?: Rules; parent?: CaseFile; queueId?: string } = {},
) => reactivateCase(file, { rules, now: NOW, parent, queueId });

const policies = ['independent', 'blockUntilChildrenClosed', 'cascadeToChildren'] as const;

describe('reactivating', () => {
  it.each([
    ['a resolved case', resolvedCase(), 'case.reactivated'],
    ['a cancelled case', cancelledCase(), 'case.reactivated'],
    ['an active case', activeCase(), 'ALREADY_ACTIVE'],
    ['a merged case', cancelledCase({ statusReason: 'merged', mergedInto: PARENT }), 'TRANSITION_NOT_ALLOWED'],
  ])('%s', (_, subject, then) => {
    expect(told(reactivating(fileOf(subject)))).toBe(then);
  });

  it('is forbidden by a graph without the edge, and a merged case stays merged without a graph', () => {
    const statusModel = withoutEdges(['problemSolved', 'inProgress']);
    expect(told(reactivating(fileOf(resolvedCase()), { rules: rulesOf({}, { statusModel }) }))).toBe(
      'TRANSITION_NOT_ALLOWED',
    );
    const off = { ...statusModel, transitions: { ...statusModel.transitions, enabled: false } };
    expect(told(reactivating(fileOf(resolvedCase()), { rules: rulesOf({}, { statusModel: off }) }))).toBe(
      'case.reactivated',
    );
    const merged = fileOf(cancelledCase({ statusReason: 'merged' }));
    expect(told(reactivating(merged, { rules: rulesOf({}, { statusModel: off }) }))).toBe('TRANSITION_NOT_ALLOWED');
  });

  it.each(policies)(
    'a child under %s needs an active parent unless the parent means nothing to it',
    (closurePolicy) => {
      const child = fileOf(resolvedCase({ parentId: PARENT }));
      const rules = rulesOf({ closurePolicy });
      const closed = fileOf(resolvedCase({ caseId: PARENT }));
      const open = fileOf(activeCase({ caseId: PARENT }));
      const isStrict = closurePolicy !== 'independent';
      expect(told(reactivating(child, { rules, parent: closed }))).toBe(
        isStrict ? 'PARENT_CLOSED' : 'case.reactivated',
      );
      expect(changeOf(reactivating(child, { rules, parent: open })).fences).toEqual([
        { type: 'childOpens', parentId: PARENT, parentVersion: 1, parentMustBeActive: isStrict },
      ]);
    },
  );

  it('puts the case in progress again, counts it, and takes nothing of its closing along', () => {
    const { after, facts } = changeOf(
      reactivating(fileOf(resolvedCase({ ownerId: 'anna', reopenCount: 1, version: 7 }))),
    );
    expect(after.case).toMatchObject({
      status: 'active',
      statusReason: 'inProgress',
      reopenCount: 2,
      version: 8,
      ownerId: 'anna',
    });
    expect(after.case).not.toHaveProperty('resolution');
    expect(after.case).not.toHaveProperty('resolvedOn');
    expect(facts[0]?.changes).toEqual([
      { field: 'status', old: 'resolved', new: 'active' },
      { field: 'statusReason', old: 'problemSolved', new: 'inProgress' },
    ]);
  });

  it('accepts activities again', () => {
    const activities = { ...openTasks(0), accepts: 'notes' as const };
    expect(changeOf(reactivating(fileOf(resolvedCase(), { activities }))).after.activities.accepts).toBe('anything');
  });

  it.each([
    ['the queue that it was in', { state: 'left', queueId: 'desk' }, {}, 'queued desk'],
    ['the default queue where it never was in one', { state: 'left', queueId: undefined }, {}, 'queued desk'],
    [
      'its owner, where it went straight there',
      { state: 'left', queueId: undefined },
      { ownerId: 'ben' },
      'left undefined',
    ],
  ] as const)('goes back to %s', (_, placement, owner, then) => {
    const file = fileOf(resolvedCase(owner), { placement: queued({ ...placement, revision: 3 }) });
    const { after } = changeOf(reactivating(file));
    expect(`${after.placement?.state} ${after.placement?.queueId}`).toBe(then);
    if (after.placement?.state === 'queued') expect(after.placement).toMatchObject({ since: NOW, revision: 4 });
  });

  it('leaves a case that was never to be routed out of the queues', () => {
    expect(changeOf(reactivating(fileOf(resolvedCase({ ownerId: 'ben' })))).after.placement).toBeUndefined();
  });

  it('stops a cascade that runs or could be taken up again, and leaves one alone that has closed all', () => {
    const cascade = {
      id: CASCADE,
      state: 'running' as const,
      closes: 'resolved' as const,
      statusReason: 'problemSolved',
      by: 'anna',
      startedOn: EARLIER,
      round: 1,
      total: 2,
      closed: 1,
      skipped: 0,
      failed: 0,
      progressAt: EARLIER,
    };
    const family = { ...childrenOf(CASE, 1, 2), cascade };
    const { after, facts } = changeOf(reactivating(fileOf(resolvedCase(), { family })));
    expect(facts.map(({ type }) => type)).toEqual(['case.reactivated', 'case.cascadeStopped']);
    expect(after.family.cascade).toEqual({ ...cascade, state: 'stopped', progressAt: NOW });
    const partial = { ...family, cascade: { ...cascade, state: 'partial' as const } };
    const stopped = changeOf(reactivating(fileOf(resolvedCase(), { family: partial })));
    expect(stopped.after.family.cascade?.state).toBe('stopped');
    const ended = { ...family, cascade: { ...cascade, state: 'completed' as const } };
    expect(changeOf(reactivating(fileOf(resolvedCase(), { family: ended }))).after.family).toBe(ended);
  });
});
