import { describe, expect, it } from 'vitest';
import type { Caller, CaseFile, Rules } from '../../../domain/cases/case-file.ts';
import { CreateCase, createCase, withInheritance } from '../../../domain/cases/create-case.ts';
import { Product } from '../../../domain/settings/product.ts';
import { Sla } from '../../../domain/sla/sla.ts';
import {
  activeCase,
  ada,
  anna,
  CASE,
  changeOf,
  childrenOf,
  EARLIER,
  fileOf,
  machine,
  NOW,
  PARENT,
  queued,
  resolvedCase,
  rulesOf,
  told,
} from '../../support/case-builders.ts';

const ids = { caseId: CASE, caseNumber: 'CASE-000001', referenceKey: 'CASE-000001-4F7K' };
const admin: Caller = { userId: 'root', roles: ['agent', 'supervisor', 'admin'] };
const body = (fields: object) => CreateCase.parse({ title: 'No network', customerId: 'ada', origin: 'web', ...fields });

type How = { rules?: Rules; caller?: Caller; parent?: CaseFile; customer?: typeof ada };
const creating = (fields: object = {}, { rules = rulesOf(), caller = anna, parent, customer = ada }: How = {}) =>
  createCase(body(fields), { ids, customer, parent, rules, caller, now: NOW });

const sla = {
  id: 'standard',
  version: 3,
  document: Sla.parse({
    name: 'Standard',
    items: [
      { id: 'answer', kpi: 'firstResponse', targetMinutes: 60 },
      { id: 'resolve', kpi: 'resolve', targetMinutes: 480, warnMinutes: 240 },
    ],
  }),
};
const withSla = rulesOf({}, { sla });

describe('a new case', () => {
  it('is active, in progress, of normal priority, at version one, and its caller’s', () => {
    const { before, after, facts } = changeOf(creating({ labels: ['vip'] }));
    expect(before).toBeUndefined();
    expect(after.case).toMatchObject({
      ...ids,
      status: 'active',
      statusReason: 'inProgress',
      priority: 'normal',
      labels: ['vip'],
      accountId: 'ada',
      createdOn: NOW,
      createdBy: 'anna',
      modifiedOn: NOW,
      version: 1,
      reopenCount: 0,
    });
    expect(after.case.ownerId).toBeUndefined();
    expect(facts).toEqual([{ type: 'case.created', occurredAt: NOW }]);
  });

  it('knows the branch of its subject', () => {
    const subjectPath = ['hardware', 'lasers'];
    const decision = createCase(body({ subjectId: 'lasers' }), {
      ids,
      customer: ada,
      subjectPath,
      rules: rulesOf(),
      caller: anna,
      now: NOW,
    });
    expect(changeOf(decision).after.case).toMatchObject({ subjectId: 'lasers', subjectPath });
  });

  it.each([
    ['a person', anna, {}, 'VALIDATION_FAILED'],
    ['a machine', machine, {}, 'case.created'],
    [
      'a person, going on from a case that has it',
      anna,
      { previous: fileOf(activeCase({ product: 'fax' })) },
      'case.created',
    ],
  ])('about a product that is not in the catalogue, opened by %s: %s', (_, caller, more, then) => {
    const catalogue = new Map([['laser', Product.parse({ name: 'Laser' })]]);
    const context = { ids, customer: ada, catalogue, rules: rulesOf(), caller, now: NOW, ...more };
    expect(told(createCase(body({ product: 'fax' }), context))).toBe(then);
  });

  it('belongs to the account of its customer', () => {
    expect(changeOf(creating({}, { customer: { ...ada, parentId: 'navy' } })).after.case.accountId).toBe('navy');
  });

  it.each([{ title: undefined }, { customerId: undefined }])('needs a title and a customer: %o', (missing) => {
    expect(told(creating(missing))).toBe('VALIDATION_FAILED');
  });

  it.each([
    [{}, 'awaitingRouting undefined'],
    [{ queueId: 'desk' }, 'queued desk'],
    [{ queueId: 'desk', ownerId: 'ben' }, 'queued desk'],
    [{ ownerId: 'ben' }, undefined],
    [{ ownerId: 'ben', route: true }, 'awaitingRouting undefined'],
    [{ queueId: 'desk', route: true }, 'awaitingRouting undefined'],
    [{ queueId: 'desk', route: false }, 'queued desk'],
    [{ route: false }, undefined],
  ])('given %o stands: %s', (given, stands) => {
    const { placement } = changeOf(creating(given)).after;
    expect(placement && `${placement.state} ${placement.queueId}`).toBe(stands);
  });

  it('is dated by administrators alone, and never in the future', () => {
    expect(told(creating({ createdOn: EARLIER }))).toBe('FORBIDDEN');
    expect(told(creating({ createdOn: '2026-03-09T12:00:00.001Z' }, { caller: admin }))).toBe('VALIDATION_FAILED');
    const { after, facts } = changeOf(creating({ createdOn: EARLIER }, { caller: admin }));
    expect(after.case).toMatchObject({ createdOn: EARLIER, modifiedOn: NOW });
    expect(facts[0]).toMatchObject({ type: 'case.created', occurredAt: EARLIER });
  });
});

describe('the clocks of a new case', () => {
  it('start with it, by the version of the SLA that holds now', () => {
    const { after, facts } = changeOf(creating({}, { rules: withSla }));
    expect(after.case).toMatchObject({ slaId: 'standard', slaVersion: 3 });
    expect(after.kpis.map(({ kpi, status, failAt }) => [kpi, status, failAt])).toEqual([
      ['firstResponse', 'inProgress', '2026-03-09T13:00:00.000Z'],
      ['resolve', 'inProgress', '2026-03-09T20:00:00.000Z'],
    ]);
    expect(facts.map(({ type }) => type)).toEqual(['case.created', 'sla.started', 'sla.started']);
  });

  it('are none where no SLA is to be applied', () => {
    const { after } = changeOf(creating({ applySla: false }, { rules: withSla }));
    expect(after.kpis).toEqual([]);
    expect(after.case.slaId).toBeUndefined();
  });

  it('have warned and failed where an import lies long back, dated when it was due', () => {
    const createdOn = '2026-03-08T12:00:00.000Z';
    const { after, facts } = changeOf(creating({ createdOn }, { rules: withSla, caller: admin }));
    expect(after.kpis.map(({ status }) => status)).toEqual(['noncompliant', 'noncompliant']);
    expect(facts.map(({ type, occurredAt }) => `${type} ${occurredAt}`)).toEqual([
      `case.created ${createdOn}`,
      `sla.started ${createdOn}`,
      'sla.breached 2026-03-08T13:00:00.000Z',
      `sla.started ${createdOn}`,
      'sla.warning 2026-03-08T16:00:00.000Z',
      'sla.breached 2026-03-08T20:00:00.000Z',
    ]);
  });

  it.each([
    ['phone', anna, true],
    ['chat', anna, true],
    ['email', anna, false],
    ['web', anna, false],
    ['phone', machine, false],
  ])('%s, logged by %o: answered at creation: %s', (origin, caller, isAnswered) => {
    const { after } = changeOf(creating({ origin }, { rules: withSla, caller }));
    expect(after.kpis[0]?.status).toBe(isAnswered ? 'succeeded' : 'inProgress');
    expect(after.activities.firstRespondedOn).toBe(isAnswered ? NOW : undefined);
    expect(after.kpis[1]?.status).toBe('inProgress');
  });

  it('met the first response of an imported call, though it was told late', () => {
    const createdOn = '2026-03-08T12:00:00.000Z';
    const { after } = changeOf(creating({ createdOn, origin: 'phone' }, { rules: withSla, caller: admin }));
    expect(after.kpis[0]).toMatchObject({ status: 'succeeded', succeededAt: createdOn });
  });
});

describe('a new child', () => {
  const parent = fileOf(activeCase({ caseId: PARENT, ownerId: 'ben', labels: ['outage'], product: 'mail' }), {
    placement: queued({ caseId: PARENT, queueId: 'majors' }),
  });

  it('takes what it is not given of the selected fields', () => {
    const command = CreateCase.parse({ origin: 'web', parentId: PARENT, labels: ['vip'] });
    expect(withInheritance(command, parent, rulesOf())).toEqual({
      ...command,
      title: 'No network',
      customerId: 'ada',
      queueId: 'majors',
      ownerId: 'ben',
    });
    expect(withInheritance(command, undefined, rulesOf())).toBe(command);
  });

  it('rests on its parent being there for it: open where the policy wants that, under the cap', () => {
    const rules = rulesOf({ closurePolicy: 'cascadeToChildren', maxChildren: 5 });
    const { facts, fences } = changeOf(creating({ parentId: PARENT }, { parent, rules }));
    expect(facts[0]).toMatchObject({ type: 'case.created', parentId: PARENT });
    expect(fences).toEqual([
      {
        type: 'childOpens',
        parentId: PARENT,
        parentVersion: 1,
        parentMustBeActive: true,
        link: { maxChildren: 5, attachedOn: NOW },
      },
    ]);
  });

  it.each([
    ['a child', { ...parent, case: activeCase({ caseId: PARENT, parentId: CASE }) }, 'CHILD_OF_CHILD'],
    ['a full parent', { ...parent, family: childrenOf(PARENT, 0, 100) }, 'CHILD_LIMIT'],
    ['a closed parent', fileOf(resolvedCase({ caseId: PARENT })), 'PARENT_NOT_ACTIVE'],
  ])('is not opened under %s', (_, under, refusal) => {
    const rules = rulesOf({ closurePolicy: 'blockUntilChildrenClosed' });
    expect(told(creating({ parentId: PARENT }, { parent: under, rules }))).toBe(refusal);
  });
});
