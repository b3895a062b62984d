import { describe, expect, it } from 'vitest';
import { detachChild } from '../../../domain/hierarchy/detach-child.ts';
import { inheritFields } from '../../../domain/hierarchy/inherit-fields.ts';
import { whyNoChildUnder } from '../../../domain/hierarchy/open-under.ts';
import { CaseSettings } from '../../../domain/settings/case-settings.ts';
import {
  activeCase,
  CASE,
  cancelledCase,
  changeOf,
  childrenOf,
  fileOf,
  NOW,
  PARENT,
  queued,
  resolvedCase,
  told,
} from '../../support/case-builders.ts';

const parent = fileOf(activeCase({ caseId: PARENT, labels: ['outage'], ownerId: 'ben' }), {
  placement: queued({ caseId: PARENT, queueId: 'majors' }),
});

const selecting = (...inheritedFields: CaseSettings['inheritedFields']) => ({
  caseSettings: { ...CaseSettings.parse({}), inheritedFields },
  customFields: [],
});

describe('inheriting', () => {
  it.each([
    ['what is absent', {}, { labels: ['outage'], ownerId: 'ben', queueId: 'majors' }],
    ['an empty list', { labels: [], ownerId: 'anna', queueId: 'desk' }, { labels: ['outage'] }],
    ['nothing that is there', { labels: ['vip'], ownerId: 'anna', queueId: 'desk' }, {}],
  ])('takes over %s', (_, own, inherited) => {
    expect(inheritFields(own, parent, selecting('labels', 'ownerId', 'queueId'))).toEqual(inherited);
  });

  it('takes over only what is selected and what the parent has', () => {
    expect(inheritFields({}, parent, selecting('product', 'severity', 'title'))).toEqual({ title: 'No network' });
    expect(inheritFields({}, fileOf(activeCase()), selecting('queueId', 'labels'))).toEqual({});
  });
});

describe('detaching', () => {
  it('lets a child stand alone, with all that it has', () => {
    const child = fileOf(activeCase({ parentId: PARENT, labels: ['outage'], ownerId: 'ben' }));
    const { after, facts, fences } = changeOf(detachChild(child, parent, NOW));
    expect(after.case).toMatchObject({ labels: ['outage'], ownerId: 'ben', version: 2 });
    expect(after.case).not.toHaveProperty('parentId');
    expect(facts[0]?.changes).toEqual([{ field: 'parentId', old: PARENT }]);
    expect(fences).toEqual([{ type: 'childLeaves', parentId: PARENT, parentVersion: 1 }]);
  });

  it('is refused for a closed child, which stays what it was', () => {
    expect(told(detachChild(fileOf(resolvedCase({ parentId: PARENT })), parent, NOW))).toBe('CASE_NOT_ACTIVE');
  });

  it('of a case without a parent is about nothing', () => {
    expect(told(detachChild(fileOf(), undefined, NOW))).toBe('NOT_FOUND');
    expect(told(detachChild(fileOf(), parent, NOW))).toBe('NOT_FOUND');
  });
});

describe('a child under a parent', () => {
  const full = childrenOf(PARENT, 0, 2);
  it.each([
    ['that is active', fileOf(activeCase({ caseId: PARENT })), [undefined, undefined, undefined]],
    ['that is a child', fileOf(activeCase({ caseId: PARENT, parentId: CASE })), Array(3).fill('CHILD_OF_CHILD')],
    ['that is full', fileOf(activeCase({ caseId: PARENT }), { family: full }), Array(3).fill('CHILD_LIMIT')],
    [
      'that is resolved',
      fileOf(resolvedCase({ caseId: PARENT })),
      [undefined, 'PARENT_NOT_ACTIVE', 'PARENT_NOT_ACTIVE'],
    ],
    [
      'that is cancelled',
      fileOf(cancelledCase({ caseId: PARENT })),
      [undefined, 'PARENT_NOT_ACTIVE', 'PARENT_NOT_ACTIVE'],
    ],
    ['that is merged', fileOf(cancelledCase({ caseId: PARENT, mergedInto: CASE })), Array(3).fill('PARENT_NOT_ACTIVE')],
  ])('%s, under the three policies', (_, under, refusals) => {
    const policies = ['independent', 'blockUntilChildrenClosed', 'cascadeToChildren'] as const;
    const codes = policies.map(
      (closurePolicy) => whyNoChildUnder(under, CaseSettings.parse({ closurePolicy, maxChildren: 2 }))?.code,
    );
    expect(codes).toEqual(refusals);
  });
});
