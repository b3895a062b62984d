import { describe, expect, it } from 'vitest';
import { chooseItems } from '../../../domain/sla/choose-items.ts';
import { Sla } from '../../../domain/sla/sla.ts';

const item = (changed: object = {}) => ({ id: 'normal', kpi: 'resolve', targetMinutes: 480, ...changed });
const sla = (...items: object[]) => ({ name: 'Standard', items });
const manyItems = (n: number) => sla(...Array.from({ length: n }, (_, i) => item({ id: `item-${i}` })));

describe('a service level agreement', () => {
  it('fills in what an item leaves out: pauses are allowed, a reopened case continues', () => {
    expect(Sla.parse(sla(item())).items).toEqual([{ ...item(), allowPause: true, onReopen: 'continue' }]);
  });

  it.each([
    ['a hundred items', manyItems(100)],
    ['no items yet', sla()],
    ['a target of two years around the clock', sla(item({ targetMinutes: 1_051_200 }))],
    ['a KPI of its own', sla(item({ kpi: 'triage', success: { field: 'ownerId', op: 'exists' } }))],
    [
      'actions',
      sla(
        item({
          warnMinutes: 360,
          actions: {
            warn: [
              { type: 'notify', to: 'owner' },
              { type: 'notify', to: 'lead@example.com' },
            ],
            breach: [{ type: 'routeToQueue', queueId: 'escalations' }],
          },
        }),
      ),
    ],
  ])('may have %s', (_, definition) => {
    expect(Sla.safeParse(definition).error).toBeUndefined();
  });

  it.each([
    ['a hundred and one items', manyItems(101), 'items'],
    ['two items of one id', sla(item(), item()), 'items'],
    ['a target of nothing', sla(item({ targetMinutes: 0 })), 'items.0.targetMinutes'],
    ['a target of half a minute', sla(item({ targetMinutes: 0.5 })), 'items.0.targetMinutes'],
    ['a target of more than two years', sla(item({ targetMinutes: 1_051_201 })), 'items.0.targetMinutes'],
    ['a warning at its deadline', sla(item({ warnMinutes: 480 })), 'items.0.warnMinutes'],
    ['a warning at the start', sla(item({ warnMinutes: 0 })), 'items.0.warnMinutes'],
    ['a KPI with a capital', sla(item({ kpi: 'Resolve' })), 'items.0.kpi'],
    ['a KPI of 25 letters', sla(item({ kpi: 'a'.repeat(25) })), 'items.0.kpi'],
    ['a KPI that would break a timer name', sla(item({ kpi: 'first-response' })), 'items.0.kpi'],
    [
      'an action that is not known',
      sla(item({ actions: { breach: [{ type: 'shout' }] } })),
      'items.0.actions.breach.0.type',
    ],
    [
      'a notice to nobody',
      sla(item({ actions: { warn: [{ type: 'notify', to: 'somebody' }] } })),
      'items.0.actions.warn.0.to',
    ],
    ['a field that it does not know', sla(item({ failMinutes: 3 })), 'items.0'],
    ['no name', { items: [] }, 'name'],
  ])('may not have %s', (_, definition, path) => {
    expect(Sla.safeParse(definition).error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });
});

describe('the items that apply to a case', () => {
  const definition = Sla.parse(
    sla(
      item({ id: 'urgent-answer', kpi: 'firstResponse', when: { field: 'priority', op: 'eq', value: 'urgent' } }),
      item({ id: 'urgent', when: { field: 'priority', op: 'eq', value: 'urgent' } }),
      item({ id: 'high', when: { field: 'priority', op: 'gte', value: 'high' } }),
      item({ id: 'other' }),
      item({ id: 'answer', kpi: 'firstResponse' }),
      item({ id: 'never' }),
    ),
  );

  it.each([
    ['urgent', ['urgent-answer', 'urgent']],
    ['high', ['high', 'answer']],
    ['low', ['other', 'answer']],
  ])('of %s priority are the first of each KPI: %s', (priority, ids) => {
    expect(
      chooseItems(definition, (field) => (field === 'priority' ? priority : undefined)).map(({ id }) => id),
    ).toEqual(ids);
  });

  it('may be none: the case is not tracked', () => {
    expect(chooseItems(Sla.parse(sla(item({ when: { field: 'product', op: 'exists' } }))), () => undefined)).toEqual(
      [],
    );
  });
});
