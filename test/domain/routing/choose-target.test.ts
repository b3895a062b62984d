import { describe, expect, it } from 'vitest';
import { caseLookup } from '../../../domain/cases/case-lookup.ts';
import { chooseTarget } from '../../../domain/routing/choose-target.ts';
import { routeCase } from '../../../domain/routing/route-case.ts';
import { RoutingRuleSet } from '../../../domain/routing/rule-set.ts';
import {
  activeCase,
  ada,
  cancelledCase,
  changeOf,
  fileOf,
  NOW,
  queued,
  resolvedCase,
  told,
} from '../../support/case-builders.ts';

const ruleSet = {
  id: 'desk',
  version: 4,
  document: RoutingRuleSet.parse({
    name: 'Desk',
    rules: [
      { id: 'gold', when: { field: 'customer.tier', op: 'eq', value: 'gold' }, queueId: 'gold' },
      { id: 'hardware', when: { field: 'subjectId', op: 'under', value: 'hardware' }, queueId: 'hardware' },
      { id: 'lasers', when: { field: 'subjectId', op: 'eq', value: 'lasers' }, queueId: 'lasers' },
      { id: 'ben', when: { field: 'priority', op: 'gte', value: 'high' }, ownerId: 'ben' },
    ],
    defaultQueueId: 'front',
  }),
};

const everybodyCan = async () => ({ matched: true, because: '' });

describe('where a case goes', () => {
  const lasers = { subjectId: 'lasers', subjectPath: ['hardware', 'printers', 'lasers'] };
  it.each([
    ['of a gold customer', lasers, { tier: 'gold' }, { ruleId: 'gold', queueId: 'gold' }],
    [
      'below a branch, though a later rule names its very subject',
      lasers,
      {},
      { ruleId: 'hardware', queueId: 'hardware' },
    ],
    ['of the branch itself', { subjectId: 'hardware', subjectPath: ['hardware'] }, {}, { ruleId: 'hardware' }],
    ['that is urgent', { priority: 'urgent' as const }, {}, { ruleId: 'ben', ownerId: 'ben' }],
    ['that no rule takes', {}, {}, { queueId: 'front', because: 'no rule matched' }],
  ])('%s', async (_, fields, customer, target) => {
    const lookup = caseLookup(activeCase(fields), { ...ada, ...customer });
    const chosen = await chooseTarget(ruleSet, lookup, everybodyCan);
    expect(chosen.target).toMatchObject({
      ...target,
      ruleSetId: 'desk',
      ruleSetVersion: 4,
      because: expect.any(String),
    });
  });

  it('is the next rule’s where nobody can take it by the first', async () => {
    const { target, trace } = await chooseTarget(ruleSet, caseLookup(activeCase(lasers), ada), async ({ id }) =>
      id === 'hardware' ? { matched: false, because: 'nobody is there' } : { matched: true, because: '' },
    );
    expect(target).toMatchObject({ ruleId: 'lasers', queueId: 'lasers' });
    expect(trace.map(({ ruleId, matched, because }) => `${ruleId} ${matched} ${because}`)).toEqual([
      'gold false customer.tier is absent',
      'hardware false subjectId is "lasers", under "hardware", but nobody is there',
      'lasers true subjectId is "lasers"',
    ]);
  });

  it('without rules is the default queue', async () => {
    const { target } = await chooseTarget(undefined, caseLookup(activeCase(), ada), everybodyCan);
    expect(target).toEqual({ queueId: 'default', because: 'no rule set is active' });
  });

  it('does not depend on a customer who is not there', async () => {
    const { target } = await chooseTarget(ruleSet, caseLookup(activeCase(), undefined), everybodyCan);
    expect(target.queueId).toBe('front');
  });
});

describe('routing', () => {
  const target = { queueId: 'desk', because: 'somebody said so' };

  it.each([
    ['an active case', activeCase(), 'case.routed'],
    ['a resolved case', resolvedCase(), 'CASE_NOT_ACTIVE'],
    ['a cancelled case', cancelledCase(), 'CASE_NOT_ACTIVE'],
  ])('%s', (_, subject, outcome) => {
    expect(told(routeCase(fileOf(subject), target, NOW))).toBe(outcome);
  });

  it('to a queue puts the case there for everybody, with the reason, and changes nothing of its own', () => {
    const file = fileOf(activeCase({ priority: 'high', ownerId: 'anna' }), {
      placement: queued({ queueId: 'front', workedBy: 'anna', revision: 3 }),
    });
    const { after, facts } = changeOf(routeCase(file, { ...target, ruleId: 'r1', ruleSetId: 'set' }, NOW));
    expect(after.placement).toEqual(queued({ queueId: 'desk', since: NOW, priorityRank: 1, revision: 4 }));
    expect(after.case).toBe(file.case);
    expect(facts).toEqual([
      {
        type: 'case.routed',
        occurredAt: NOW,
        ...target,
        ruleId: 'r1',
        ruleSetId: 'set',
        changes: [{ field: 'queueId', old: 'front', new: 'desk' }],
      },
    ]);
  });

  it('to an owner takes it out of the queues', () => {
    const file = fileOf(activeCase(), { placement: queued({ state: 'awaitingRouting', queueId: undefined }) });
    const { after, facts } = changeOf(routeCase(file, { ownerId: 'ben', because: 'urgent' }, NOW));
    expect(after.case).toMatchObject({ ownerId: 'ben', version: 2 });
    expect(after.placement).toMatchObject({ state: 'left', revision: 2 });
    expect(facts[0]?.changes).toEqual([{ field: 'ownerId', old: undefined, new: 'ben' }]);
  });

  it('a case that was in no queue rests on its still being active', () => {
    expect(changeOf(routeCase(fileOf(), target, NOW)).fences).toEqual([{ type: 'isActive' }]);
    expect(changeOf(routeCase(fileOf(activeCase(), { placement: queued() }), target, NOW)).fences).toEqual([]);
  });
});
