import { describe, expect, it } from 'vitest';
import type { CaseChange } from '../../../domain/cases/case-file.ts';
import { type FollowedChange, withClocksFollowing, withClocksLeft } from '../../../domain/sla/followed-change.ts';
import { activeCase, fileOf, NOW, openTasks, queued, resolvedCase, rulesOf } from '../../support/case-builders.ts';

const before = fileOf(activeCase(), { placement: queued() });
const to = (after: Partial<typeof before>): CaseChange => ({ before, after: { ...before, ...after }, facts: [] });

describe('a change whose clocks nobody has looked at', () => {
  it.each<[string, CaseChange]>([
    ['a field of the case', to({ case: activeCase({ title: 'Other' }) })],
    ['where it is queued', to({ placement: queued({ queueId: 'other' }) })],
    ['who works on it', to({ placement: queued({ workedBy: 'anna' }) })],
    ['that the customer has written', to({ activities: { ...before.activities, customerReplied: true } })],
    ['that somebody has answered', to({ activities: { ...before.activities, firstRespondedOn: NOW } })],
  ])('cannot be committed, for a condition may look at %s', (_, change) => {
    expect(() => withClocksLeft(change)).toThrow('have not been followed');
    expect(withClocksFollowing(change, rulesOf(), NOW)).toMatchObject(change);
  });

  it('is not even taken by the store', () => {
    // @ts-expect-error A change becomes one that may be committed by the clocks' being followed, and in no other way.
    const change: FollowedChange = to({ case: activeCase({ title: 'Other' }) });
    expect(change.facts).toEqual([]);
  });

  it.each<[string, CaseChange]>([
    ['of things that no condition can look at', to({ activities: openTasks(2), family: before.family })],
    ['of its clocks alone', to({ kpis: [] })],
    ['by which a case is closed', to({ case: resolvedCase() })],
    ['by which a case is opened', { after: before, facts: [] }],
  ])('is committed as it is when it is one %s', (_, change) => {
    expect(withClocksLeft(change)).toMatchObject(change);
  });
});
