import { describe, expect, it } from 'vitest';
import { assignCase } from '../../../domain/cases/assign-case.ts';
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
