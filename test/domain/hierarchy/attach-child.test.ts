import { describe, expect, it } from 'vitest';
import type { CaseFile, Rules } from '../../../domain/cases/case-file.ts';
import { attachChild } from '../../../domain/hierarchy/attach-child.ts';
import { Sla } from '../../../domain/sla/sla.ts';
import {
  activeCase,
  ada,
  CASE,
  cancelledCase,
  changeOf,
  childrenOf,
  fileOf,
  NOW,
  PARENT,
  queued,
  resolvedCase,
  rulesOf,
  runningClock,
  told,
} from '../../support/case-builders.ts';

const OTHER = '0196b3a0-0000-7000-8000-000000000003';
const parentFile = (fields: object = {}, parts: Partial<CaseFile> = {}) =>
  fileOf(activeCase({ caseId: PARENT, ...fields }), parts);
const attaching = (child: CaseFile, parent: CaseFile, rules: Rules = rulesOf()) =>
  attachChild(child, parent, { rules, customer: ada, now: NOW });

const policies = ['independent', 'blockUntilChildrenClosed', 'cascadeToChildren'] as const;

describe('attaching a case', () => {
  it.each([
    ['to a parent', fileOf(), parentFile(), 'case.parentChanged'],
    ['to the parent that it has', fileOf(activeCase({ parentId: PARENT })), parentFile(), ''],
    ['that has another parent', fileOf(activeCase({ parentId: OTHER })), parentFile(), 'ALREADY_HAS_PARENT'],
    [
      'that is a parent itself',
      fileOf(activeCase(), { family: childrenOf(CASE, 0, 1) }),
      parentFile(),
      'PARENT_AS_CHILD',
    ],
    ['to itself', fileOf(), fileOf(), 'PARENT_AS_CHILD'],
    ['to a child', fileOf(), parentFile({ parentId: OTHER }), 'CHILD_OF_CHILD'],
    ['to a parent that is full', fileOf(), parentFile({}, { family: childrenOf(PARENT, 0, 100) }), 'CHILD_LIMIT'],
    ['to a merged case', fileOf(), fileOf(cancelledCase({ caseId: PARENT, mergedInto: OTHER })), 'PARENT_NOT_ACTIVE'],
    ['that is closed', fileOf(resolvedCase()), parentFile(), 'CASE_NOT_ACTIVE'],
    ['that is closed, to the parent that it has', fileOf(resolvedCase({ parentId: PARENT })), parentFile(), ''],
  ])('%s', (_, child, parent, outcome) => {
    expect(told(attaching(child, parent))).toBe(outcome);
  });

  it.each(policies)('to a closed parent under %s', (closurePolicy) => {
    const decision = attaching(fileOf(), fileOf(resolvedCase({ caseId: PARENT })), rulesOf({ closurePolicy }));
    expect(told(decision)).toBe(closurePolicy === 'independent' ? 'case.parentChanged' : 'PARENT_NOT_ACTIVE');
  });

  it('fills what is empty and leaves what is not', () => {
    const inheritedFields = ['title', 'customerId', 'labels', 'subjectId', 'severity', 'ownerId'] as const;
    const parent = parentFile({
      title: 'Mail is down',
      labels: ['outage'],
      subjectId: 'mail',
      subjectPath: ['software', 'mail'],
      severity: 'high',
      ownerId: 'ben',
    });
    const { after, facts } = changeOf(
      attaching(
        fileOf(activeCase({ labels: [], severity: 'low' })),
        parent,
        rulesOf({ inheritedFields: [...inheritedFields] }),
      ),
    );
    expect(after.case).toMatchObject({
      title: 'No network',
      labels: ['outage'],
      subjectId: 'mail',
      subjectPath: ['software', 'mail'],
      severity: 'low',
      ownerId: 'ben',
      parentId: PARENT,
      version: 2,
    });
    expect(facts[0]?.changes).toEqual([
      { field: 'parentId', old: undefined, new: PARENT },
      { field: 'labels', old: [], new: ['outage'] },
      { field: 'subjectId', old: undefined, new: 'mail' },
      { field: 'ownerId', old: undefined, new: 'ben' },
    ]);
  });

  it('keeps the branch of its own subject', () => {
    const inheritedFields = ['title', 'customerId', 'subjectId'] as const;
    const parent = parentFile({ subjectId: 'mail', subjectPath: ['software', 'mail'] });
    const own = { subjectId: 'lasers', subjectPath: ['hardware', 'lasers'] };
    const { after } = changeOf(
      attaching(fileOf(activeCase(own)), parent, rulesOf({ inheritedFields: [...inheritedFields] })),
    );
    expect(after.case).toMatchObject(own);
    expect(changeOf(attaching(fileOf(), parent)).after.case).not.toHaveProperty('subjectPath');
  });

  it.each([
    ['stands in no queue', undefined, {}, 'queued majors'],
    ['waits for routing', { state: 'awaitingRouting', queueId: undefined }, {}, 'queued majors'],
    ['stands in a queue', { queueId: 'desk' }, {}, 'queued desk'],
    ['has an owner', undefined, { ownerId: 'cleo' }, undefined],
  ] as const)('that %s', (_, placement, owner, stands) => {
    const parent = parentFile({ ownerId: 'ben' }, { placement: queued({ caseId: PARENT, queueId: 'majors' }) });
    const child = fileOf(activeCase(owner), placement && { placement: queued(placement) });
    const { after, facts } = changeOf(attaching(child, parent));
    expect(after.placement && `${after.placement.state} ${after.placement.queueId}`).toBe(stands);
    const moved = facts[0]?.changes?.find(({ field }) => field === 'queueId');
    expect(moved?.new).toBe(stands === 'queued majors' ? 'majors' : undefined);
  });

  it('that waits for routing and gets an owner waits no longer', () => {
    const waiting = queued({ state: 'awaitingRouting', queueId: undefined });
    const { after } = changeOf(attaching(fileOf(activeCase(), { placement: waiting }), parentFile({ ownerId: 'ben' })));
    expect(after.placement).toMatchObject({ state: 'left', revision: 2 });
  });

  it('rests on both families: it has no children, and there is room under the cap', () => {
    expect(changeOf(attaching(fileOf(), parentFile(), rulesOf({ maxChildren: 7 }))).fences).toEqual([
      { type: 'isNoParent' },
      {
        type: 'childOpens',
        parentId: PARENT,
        parentVersion: 1,
        parentMustBeActive: false,
        link: { maxChildren: 7, attachedOn: NOW },
      },
    ]);
  });

  it('gives its clocks the items that match what it took over', () => {
    const items = [
      {
        id: 'outage',
        kpi: 'resolve',
        targetMinutes: 240,
        when: { field: 'labels', op: 'eq' as const, value: 'outage' },
      },
      { id: 'all', kpi: 'resolve', targetMinutes: 480 },
    ];
    const sla = { id: 'standard', version: 1, document: Sla.parse({ name: 'Standard', items }) };
    const child = fileOf(activeCase({ slaId: 'standard', slaVersion: 1 }), { kpis: [runningClock({ itemId: 'all' })] });
    const parent = parentFile({ labels: ['outage'] });
    const { after } = changeOf(attaching(child, parent, rulesOf({}, { sla })));
    expect(after.kpis).toMatchObject([
      { generation: 1, status: 'cancelled' },
      { generation: 2, itemId: 'outage', failAt: '2026-03-09T13:00:00.000Z' },
    ]);
    expect(told(attaching(child, parentFile(), rulesOf({}, { sla })))).toBe('case.parentChanged');
  });
});
