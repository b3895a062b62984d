import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CustomField } from '../../../domain/custom-fields/custom-field.ts';
import { followCase } from '../../../domain/sla/follow-case.ts';
import { KpiInstance, type KpiStatus } from '../../../domain/sla/kpi-instance.ts';
import { hasEnded, KPI_LIFECYCLE } from '../../../domain/sla/kpi-lifecycle.ts';
import { MINUTE } from '../../../domain/time.ts';
import { ada } from '../../support/case-builders.ts';
import { histories, lives } from '../../support/case-histories.ts';
import { PromisedCase } from '../../support/promised-case.ts';
import { at, short } from '../../support/sla-builders.ts';

const MON = '2026-03-09 09:00';
const when = (field: string, value: string) => ({ field, op: 'eq' as const, value });
const item = (changed: object = {}) => ({
  id: 'normal',
  kpi: 'resolve',
  targetMinutes: 480,
  calendarId: 'london',
  ...changed,
});
const byPriority = [
  item({ id: 'high', when: when('priority', 'high'), targetMinutes: 480 }),
  item({ targetMinutes: 960 }),
];

describe('a change of the case', () => {
  const raisedWhileItWaits = (targetMinutes: number) =>
    PromisedCase.open(MON, [
      item({ id: 'high', when: when('priority', 'high'), targetMinutes }),
      item({ targetMinutes: 960 }),
    ])
      .patch('2026-03-09 13:00', { statusReason: 'waitingForDetails' })
      .patch('2026-03-10 10:00', { priority: 'high' });

  it('gives a clock that waits a successor that waits, with the time that was used', () => {
    const raised = raisedWhileItWaits(480);
    expect(raised.clocksAt('2026-03-10 10:00')).toEqual(['resolve 1 cancelled', 'resolve 2 paused']);
    expect(raised.clock()).toMatchObject({ usedMs: 240 * MINUTE });
    expect(raised.clock()?.failAt).toBeUndefined();
    const resumed = raised.patch('2026-03-11 09:00', { statusReason: 'inProgress' });
    expect(short(resumed.clock()?.failAt)).toBe('2026-03-11 13:00');
  });

  it('to a target that is used up is no breach while it waits, and one breach when it runs on', () => {
    const raised = raisedWhileItWaits(180);
    expect(raised.clocksAt('2026-03-10 17:00')).toEqual(['resolve 1 cancelled', 'resolve 2 paused']);
    const resumed = raised.patch('2026-03-11 09:00', { statusReason: 'inProgress' });
    const breaches = resumed.facts.filter(({ type }) => type === 'sla.breached');
    expect(breaches).toMatchObject([{ occurredAt: at('2026-03-11 09:00'), reason: 'targetReduced', generation: 2 }]);
    expect(
      resumed.patch('2026-03-12 09:00', { title: 'Still nothing' }).facts.filter(({ type }) => type === 'sla.breached'),
    ).toHaveLength(1);
  });

  it('after a breach changes nothing', () => {
    const lowered = PromisedCase.open(MON, byPriority, { priority: 'high' }).patch('2026-03-10 10:00', {
      priority: 'low',
    });
    expect(lowered.clocksAt('2026-03-10 10:00')).toEqual(['resolve 1 noncompliant']);
  });

  it.each([
    [
      'an owner',
      { field: 'ownerId', op: 'exists' as const },
      (file: PromisedCase) => file.assign('2026-03-09 10:00', 'anna'),
    ],
    ['a label', when('labels', 'vip'), (file: PromisedCase) => file.patch('2026-03-09 10:00', { labels: ['vip'] })],
    [
      'a branch of subjects',
      { field: 'subjectId' as const, op: 'under' as const, value: 'network' },
      (file: PromisedCase) => file.patch('2026-03-09 10:00', { subjectId: 'vpn' }, ['network', 'vpn']),
    ],
    [
      'an answer',
      { field: 'firstRespondedOn', op: 'exists' as const },
      (file: PromisedCase) => file.record('2026-03-09 10:00', 'outbound'),
    ],
    [
      'the customer’s message',
      { field: 'customerReplied', op: 'eq' as const, value: true },
      (file: PromisedCase) => file.record('2026-03-09 10:00', 'inbound'),
    ],
  ])('by %s is seen, whatever the command', (_, condition, command) => {
    const quick = item({ id: 'quick', when: condition, targetMinutes: 240 });
    const opened = PromisedCase.open(MON, [quick, item()]);
    expect(short(opened.clock()?.failAt)).toBe('2026-03-09 17:00');
    expect(command(opened).clock()).toMatchObject({ itemId: 'quick', failAt: at('2026-03-09 13:00') });
  });

  it('that no condition looks at costs no clock anything', () => {
    const opened = PromisedCase.open(MON, [item()]);
    expect(opened.assign('2026-03-09 10:00', 'anna').file.kpis).toBe(opened.file.kpis);
  });

  it('while it is closed is followed when it is worked on again', () => {
    const labelled = PromisedCase.open(MON, [
      item({ id: 'major', when: when('labels', 'major'), targetMinutes: 240 }),
      item(),
    ])
      .resolve('2026-03-09 10:00')
      .patch('2026-03-09 11:00', { labels: ['major'] });
    expect(labelled.clocksAt('2026-03-09 11:00')).toEqual(['resolve 1 succeeded']);
    expect(labelled.reactivate('2026-03-09 12:00').clocksAt('2026-03-09 12:00')).toEqual([
      'resolve 1 succeeded',
      'resolve 2 cancelled',
      'resolve 3 inProgress, due 2026-03-09 15:00',
    ]);
  });

  it('starts a clock for a KPI that had none, less the time that the case has waited', () => {
    const triage = item({ id: 'vip', kpi: 'firstResponse', when: when('labels', 'vip'), targetMinutes: 240 });
    const opened = PromisedCase.open(MON, [triage, item()])
      .patch('2026-03-09 10:00', { statusReason: 'onHold' })
      .patch('2026-03-09 12:00', { statusReason: 'inProgress' })
      .patch('2026-03-09 12:30', { labels: ['vip'] });
    expect(opened.clock('firstResponse')).toMatchObject({ startedAt: at(MON), failAt: at('2026-03-09 15:00') });
  });
});

describe('where the organisation has ended clocks judged anew', () => {
  const settings = { recalculateOnTerminal: true };

  it('a missed one goes on with what the new target leaves', () => {
    const lowered = PromisedCase.open(MON, byPriority, { priority: 'high' }, { settings }).patch('2026-03-10 10:00', {
      priority: 'low',
    });
    expect(lowered.clocksAt('2026-03-10 10:00')).toEqual([
      'resolve 1 noncompliant',
      'resolve 2 inProgress, due 2026-03-10 17:00',
    ]);
  });

  it.each([
    ['11:00', 'succeeded'],
    ['15:00', 'noncompliant'],
  ])('an answer at %s is judged by the new target: %s', (time, status) => {
    const answer = (targetMinutes: number, changed = {}) => item({ kpi: 'firstResponse', targetMinutes, ...changed });
    const items = [answer(240, { id: 'high', when: when('priority', 'high') }), answer(480)];
    const answered = PromisedCase.open(MON, items, {}, { settings }).record(`2026-03-09 ${time}`, 'outbound');
    const raised = answered.patch('2026-03-09 16:00', { priority: 'high' });
    expect(raised.clock('firstResponse')).toMatchObject({
      generation: 2,
      status,
      succeededAt: at(`2026-03-09 ${time}`),
    });
    expect(raised.file.kpis[0]).toMatchObject({ generation: 1, status: 'succeeded' });
  });

  it('a void one is not', () => {
    const items = [item({ when: when('priority', 'high') })];
    const lost = PromisedCase.open(MON, items, { priority: 'high' }, { settings }).patch('2026-03-09 10:00', {
      priority: 'low',
    });
    expect(lost.patch('2026-03-09 11:00', { title: 'No mail' }).clocksAt('2026-03-09 12:00')).toEqual([
      'resolve 1 cancelled',
    ]);
  });
});

describe('a condition of success', () => {
  const triage = item({ id: 'triage', kpi: 'triage', success: { field: 'subjectId', op: 'exists' as const } });

  it('meets a clock when it comes true', () => {
    const sorted = PromisedCase.open(MON, [triage]).patch('2026-03-09 11:00', { subjectId: 'vpn' }, ['vpn']);
    expect(sorted.clock('triage')).toMatchObject({ status: 'succeeded', succeededAt: at('2026-03-09 11:00') });
  });

  it('that is so from the beginning meets it as it starts', () => {
    const opened = PromisedCase.open(MON, [triage], { subjectId: 'vpn' });
    expect(opened.clock('triage')).toMatchObject({ status: 'succeeded', succeededAt: at(MON) });
  });

  it('stands instead of what the name of a KPI says', () => {
    const solved = item({ success: when('statusReason', 'problemSolved') });
    const opened = PromisedCase.open(MON, [solved]);
    expect(opened.resolve('2026-03-09 11:00', 'informationProvided').clock()?.status).toBe('cancelled');
    expect(opened.resolve('2026-03-09 11:00').clock()?.status).toBe('succeeded');
  });

  it('that still holds when the case is reopened asks for nothing again', () => {
    const sorted = PromisedCase.open(MON, [triage, item()]).patch('2026-03-09 11:00', { subjectId: 'vpn' }, ['vpn']);
    const reopened = sorted.resolve('2026-03-09 12:00').reactivate('2026-03-10 09:00');
    expect(reopened.clocksAt('2026-03-10 09:00')).toEqual([
      'triage 1 succeeded',
      'resolve 1 succeeded',
      'resolve 2 inProgress, due 2026-03-10 14:00',
    ]);
  });
});

describe('what a clock counts from', () => {
  const afterAnswer = item({ applicableFrom: 'firstRespondedOn', targetMinutes: 240 });

  it('is awaited: the clock starts when the case has it', () => {
    const opened = PromisedCase.open(MON, [afterAnswer]);
    expect(opened.file.kpis).toEqual([]);
    const answered = opened.record('2026-03-09 11:00', 'outbound');
    expect(answered.clock()).toMatchObject({ startedAt: at('2026-03-09 11:00'), failAt: at('2026-03-09 15:00') });
  });

  const appointed = [item({ applicableFrom: 'customFields.visitAt', targetMinutes: 240 })];
  const visiting = (visitAt: string) => ({ customFields: { visitAt: at(visitAt) } });
  const opened = () => PromisedCase.open(MON, appointed, {}, { customFields });
  const visit = CustomField.parse({ label: 'Visit', type: 'datetime' });
  const customFields = [{ id: 'visitAt', version: 1, document: visit }];

  it('may be a field of the organisation, and the clock moves with it, its waits stay', () => {
    const visited = opened()
      .patch('2026-03-09 10:00', visiting('2026-03-09 10:00'))
      .patch('2026-03-09 11:00', { statusReason: 'onHold' })
      .patch('2026-03-09 12:00', { statusReason: 'inProgress' });
    expect(short(visited.clock()?.failAt)).toBe('2026-03-09 15:00');
    const earlier = visited.patch('2026-03-09 12:30', visiting('2026-03-09 09:30'));
    expect(short(earlier.clock()?.failAt)).toBe('2026-03-09 14:30');
    const moved = earlier.patch('2026-03-09 12:30', visiting('2026-03-10 09:00'));
    expect(moved.clock()).toMatchObject({ status: 'inProgress', usedMs: 0, failAt: at('2026-03-10 13:00') });
    const held = moved
      .patch('2026-03-09 13:00', { statusReason: 'onHold' })
      .patch('2026-03-09 14:00', { statusReason: 'inProgress' });
    expect(short(held.clock()?.failAt)).toBe('2026-03-10 13:00');
    expect(moved.patch('2026-03-09 13:00', { customFields: { visitAt: null } }).clock()?.status).toBe('cancelled');
  });

  it('is no instant behind which no deadline can be written', () => {
    const never = opened().patch('2026-03-09 10:00', { customFields: { visitAt: '9999-12-31T23:00:00.000Z' } });
    expect(never.file.kpis).toEqual([]);
  });
});

describe('a wait', () => {
  const thirdParty = when('labels', 'third-party');
  const held = (items: object[], kpis?: object) =>
    PromisedCase.open(MON, items as never, {}, { kpis: kpis as never })
      .patch('2026-03-09 10:00', { labels: ['third-party'] })
      .clock()?.status;
  const onHold = (items: object[], kpis?: object) =>
    PromisedCase.open(MON, items as never, {}, { kpis: kpis as never })
      .patch('2026-03-09 10:00', { statusReason: 'onHold' })
      .clock()?.status;

  it('is what the item says, or else the KPI, or else the reason', () => {
    const never = { field: 'labels', op: 'eq' as const, value: 'never' };
    expect([held([item({ pauseWhen: thirdParty })]), onHold([item({ pauseWhen: thirdParty })])]).toEqual([
      'paused',
      'inProgress',
    ]);
    const ofKpi = { resolve: { pauseWhen: thirdParty } };
    expect([held([item()], ofKpi), onHold([item()], ofKpi)]).toEqual(['paused', 'inProgress']);
    expect(held([item({ pauseWhen: never })], ofKpi)).toBe('inProgress');
    expect([held([item()]), onHold([item()])]).toEqual(['inProgress', 'paused']);
    expect(held([item({ pauseWhen: thirdParty, allowPause: false })])).toBe('inProgress');
  });

  it('may depend on who the customer is', () => {
    const pauseWhen = { all: [when('statusReason', 'onHold'), when('customer.tier', 'basic')] };
    const opened = (tier: string) => PromisedCase.open(MON, [item({ pauseWhen })], {}, { customer: { ...ada, tier } });
    const status = (tier: string) => opened(tier).patch('2026-03-09 10:00', { statusReason: 'onHold' }).clock()?.status;
    expect([status('basic'), status('gold')]).toEqual(['paused', 'inProgress']);
  });
});

describe('the next response', () => {
  const next = item({ id: 'next', kpi: 'nextResponse', targetMinutes: 60 });
  const opened = () => PromisedCase.open(MON, [next]);

  it('is owed from each message of the customer until the next answer, generation by generation', () => {
    const talked = opened()
      .record('2026-03-09 10:00', 'inbound')
      .record('2026-03-09 10:20', 'inbound')
      .record('2026-03-09 10:30', 'outbound')
      .record('2026-03-09 10:40', 'outbound')
      .record('2026-03-09 14:00', 'inbound');
    expect(talked.clocksAt('2026-03-09 14:00')).toEqual([
      'nextResponse 1 succeeded',
      'nextResponse 2 inProgress, due 2026-03-09 15:00',
    ]);
    expect(talked.file.kpis[0]).toMatchObject({
      startedAt: at('2026-03-09 10:00'),
      succeededAt: at('2026-03-09 10:30'),
    });
    expect(talked.clocksAt('2026-03-09 15:00')[1]).toBe('nextResponse 2 noncompliant');
  });

  it('is owed to nobody who has not written, and no longer once the case is resolved', () => {
    expect(opened().file.kpis).toEqual([]);
    const resolved = opened().record('2026-03-09 10:00', 'inbound').resolve('2026-03-09 10:10');
    expect(resolved.clock('nextResponse')).toMatchObject({ status: 'cancelled', cancelCause: 'resolved' });
    expect(resolved.reactivate('2026-03-10 10:00').file.kpis).toHaveLength(1);
  });

  it('counts from the message that wakes a case', () => {
    const woken = opened()
      .patch('2026-03-09 10:00', { statusReason: 'waitingForDetails' })
      .record('2026-03-09 11:00', 'inbound');
    expect(woken.clocksAt('2026-03-09 11:00')).toEqual(['nextResponse 1 inProgress, due 2026-03-09 12:00']);
  });
});

describe('the total resolution', () => {
  it('counts all that was worked on a case over its reopenings, where the first resolution stands', () => {
    const items = [item({ id: 'first', onReopen: 'keep' }), item({ id: 'total', kpi: 'totalResolution' })];
    const reopened = PromisedCase.open(MON, items).resolve('2026-03-09 14:00').reactivate('2026-03-11 11:00');
    expect(reopened.clocksAt('2026-03-11 11:00')).toEqual([
      'resolve 1 succeeded',
      'totalResolution 1 succeeded',
      'totalResolution 2 inProgress, due 2026-03-11 14:00',
    ]);
    expect(reopened.resolve('2026-03-11 13:00').clock('totalResolution')).toMatchObject({
      status: 'succeeded',
      usedMs: 420 * MINUTE,
    });
  });
});

/** All statuses that the life of a clock leads to, by one move or several. */
const reachable = (from: KpiStatus): ReadonlySet<KpiStatus> => {
  const seen = new Set([from]);
  for (const status of seen) for (const next of KPI_LIFECYCLE[status].next) seen.add(next);
  return seen;
};

describe('whatever happens to a case', () => {
  it('its clocks live as the table of their life says and can be stored, and following it again changes nothing', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const known = new Map<string, KpiStatus>();
        for (const { subject, now } of lives(history)) {
          const { kpis } = subject.file;
          for (const instance of kpis) {
            const name = `${instance.kpi} ${instance.generation}`;
            expect(reachable(known.get(name) ?? 'inProgress')).toContain(instance.status);
            known.set(name, instance.status);
            expect(KpiInstance.parse(JSON.parse(JSON.stringify(instance)))).toEqual(instance);
            const next = kpis.find(({ kpi, generation }) => kpi === instance.kpi && generation > instance.generation);
            if (next) expect(hasEnded(instance)).toBe(true);
          }
          expect(followCase(subject.file, subject.rules, { now }).kpis).toBe(kpis);
        }
      }),
      { numRuns: process.env.NIGHTLY ? 2_000 : 150 },
    );
  }, 300_000);

  it('each clock gives each warning once and fails once', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { facts } = lives(history).at(-1)!.subject;
        const once = facts.flatMap((fact) =>
          fact.type === 'sla.warning' || fact.type === 'sla.breached'
            ? [`${fact.type} ${fact.kpi} ${fact.generation} ${'warning' in fact ? fact.warning : ''}`]
            : [],
        );
        expect(new Set(once).size).toBe(once.length);
      }),
    );
  });
});
