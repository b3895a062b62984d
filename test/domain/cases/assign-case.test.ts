import { describe, expect, it } from 'vitest';
import { assignCase, unassignCase } from '../../../domain/cases/assign-case.ts';
import {
  activeCase,
  cancelledCase,
  changeOf,
  EARLIER,
  fileOf,
  NOW,
  queued,
  resolvedCase,
  told,
} from '../../support/case-builders.ts';

const assigning = (file: ReturnType<typeof fileOf>, ownerId = 'ben') => assignCase(file, { ownerId }, NOW);

describe('assigning', () => {
  it.each([
    ['an active case', activeCase(), 'case.assigned'],
    ['a case that is theirs already', activeCase({ ownerId: 'ben' }), ''],
    ['a resolved case', resolvedCase(), 'CASE_NOT_ACTIVE'],
    ['a cancelled case', cancelledCase(), 'CASE_NOT_ACTIVE'],
  ])('%s', (_, subject, outcome) => {
    expect(told(assigning(fileOf(subject)))).toBe(outcome);
  });

  it('says whose it was', () => {
    const { after, facts } = changeOf(assigning(fileOf(activeCase({ ownerId: 'anna' })), 'team:desk'));
    expect(after.case).toMatchObject({ ownerId: 'team:desk', version: 2 });
    expect(facts[0]?.changes).toEqual([{ field: 'ownerId', old: 'anna', new: 'team:desk' }]);
  });

  it('leaves a case in its queue, but one that waits for routing waits no longer', () => {
    expect(changeOf(assigning(fileOf(activeCase(), { placement: queued() }))).after.placement).toEqual(queued());
    const waiting = queued({ state: 'awaitingRouting', queueId: undefined, since: EARLIER });
    expect(changeOf(assigning(fileOf(activeCase(), { placement: waiting }))).after.placement).toEqual({
      ...waiting,
      state: 'left',
      since: NOW,
      revision: 2,
    });
  });
});

describe('taking a case from its owner', () => {
  const unassigning = (file: ReturnType<typeof fileOf>) => unassignCase(file, 'support', NOW);

  it.each([
    ['an active case', activeCase({ ownerId: 'anna' }), 'case.assigned'],
    ['a case that is nobody’s already', activeCase(), ''],
    ['a resolved case', resolvedCase({ ownerId: 'anna' }), 'CASE_NOT_ACTIVE'],
  ])('%s', (_, subject, outcome) => {
    expect(told(unassigning(fileOf(subject)))).toBe(outcome);
  });

  it('leaves it in its queue with nobody working on it, and says whose it was', () => {
    const placement = queued({ workedBy: 'anna', workedSince: EARLIER });
    const { after, facts } = changeOf(unassigning(fileOf(activeCase({ ownerId: 'anna' }), { placement })));
    expect(after.case.ownerId).toBeUndefined();
    expect(after.case.version).toBe(2);
    expect(after.placement).toEqual(queued({ revision: 2 }));
    expect(facts[0]?.changes).toEqual([
      { field: 'ownerId', old: 'anna', new: undefined },
      { field: 'workedBy', old: 'anna' },
    ]);
  });

  it('puts one that stands in no queue where others see it', () => {
    const { after } = changeOf(unassigning(fileOf(activeCase({ ownerId: 'anna' }))));
    expect(after.placement).toMatchObject({ state: 'queued', queueId: 'support', since: NOW });
  });
});
