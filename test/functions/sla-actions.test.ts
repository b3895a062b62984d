import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { Action } from '../../domain/sla/action.ts';
import type { SlaItem } from '../../domain/sla/sla.ts';
import { MINUTE, toInstant, toMs } from '../../domain/time.ts';
import { ringAlarm } from '../../functions/sla/ring-alarm.ts';
import { type Desk, deskOn } from '../support/desk.ts';
import { withLocalTable } from '../support/local-table.ts';

const local = withLocalTable();
let desk: Desk;

const at = (time: string) => `2026-03-02T${time}:00.000Z`;
type Item = Partial<z.input<typeof SlaItem>>;

beforeAll(async () => {
  desk = deskOn(local.services);
  await desk.user('boss');
  await desk.queue('escalations');
});

beforeEach(() => {
  local.clock.now = at('09:00');
});

/** A case under an SLA of its own, opened at nine with an hour to be resolved. */
const opened = async (slaId: string, items: Item[], fields: object = {}): Promise<string> => {
  const all = items.map((item, n) => ({ id: `item-${n}`, kpi: 'resolve', targetMinutes: 60, ...item }));
  expect(await desk.sla(slaId, { name: slaId, items: all })).not.toBe('VALIDATION_FAILED');
  return (await desk.open({ slaId, queueId: 'default', ...fields })).case.caseId;
};
const fileOf = async (caseId: string) => (await local.services.cases.load(caseId))!;

/** Rings all clocks of a case. */
const ringAll = async (caseId: string): Promise<void> => {
  for (const { kpi, generation, epoch } of (await fileOf(caseId)).kpis) {
    await ringAlarm(local.services, { caseId, kpi, generation, epoch, next: local.clock.now });
  }
};

/** Everything follows from everything, each event twice, until nothing new happens; answers how often that took. */
const followed = async (caseId: string): Promise<number> => {
  const seen = new Set<string>();
  for (let rounds = 0; ; rounds += 1) {
    await ringAll(caseId);
    const events = (await desk.events(caseId)).filter(({ eventId }) => !seen.has(eventId));
    if (events.length === 0 || rounds > 20) return rounds;
    for (const event of events) {
      seen.add(event.eventId);
      await desk.react(event);
      await desk.react(event);
    }
  }
};
const storyOf = async (caseId: string, type: 'sla.notified' | 'sla.actionFailed') =>
  (await desk.events(caseId, type)).map(({ fact }) => fact);

describe('what a breach sets off', () => {
  const breach = (...actions: Action[]): Item => ({ actions: { breach: actions } });

  it('is done as the system, by the same commands as people’s, each once however often the event comes', async () => {
    const caseId = await opened('breached', [
      breach(
        { type: 'escalatePriority' },
        { type: 'setField', field: 'labels', value: ['escalated'] },
        { type: 'routeToQueue', queueId: 'escalations' },
        { type: 'assign', ownerId: 'boss' },
        { type: 'addNote', text: 'Promised for ten.' },
      ),
    ]);
    local.clock.now = at('10:30');
    await followed(caseId);
    const { case: subject, placement } = await fileOf(caseId);
    expect(subject).toMatchObject({ priority: 'high', labels: ['escalated'], ownerId: 'boss' });
    expect(placement).toMatchObject({ state: 'queued', queueId: 'escalations' });
    const caused = (await desk.events(caseId)).filter(({ cause }) => cause === 'sla:resolve');
    const did = caused.map(({ actor, fact }) => `${actor} ${fact.type}`);
    expect(did).toEqual([
      'system sla.breached',
      'system case.updated',
      'system case.updated',
      'system case.routed',
      'system case.assigned',
      'system activity.added',
    ]);
  });

  it('that cannot be done any more is told, and the rest is done all the same', async () => {
    const item = {
      actions: {
        breach: [{ type: 'addNote', text: 'Late' } as const],
        success: [{ type: 'escalatePriority' } as const],
      },
    };
    const caseId = await opened('closed', [item]);
    await desk.resolve(caseId);
    await followed(caseId);
    expect(await storyOf(caseId, 'sla.actionFailed')).toMatchObject([{ alarm: 'success', action: 'escalatePriority' }]);
  });

  it('does nothing to a case that is urgent already', async () => {
    const caseId = await opened('urgent', [breach({ type: 'escalatePriority' })], { priority: 'urgent' });
    local.clock.now = at('10:30');
    await followed(caseId);
    expect(await desk.events(caseId, 'case.updated')).toEqual([]);
  });
});

describe('what a warning sets off', () => {
  const tell = (to: string): Action => ({ type: 'notify', to });

  it('is what all warnings do, and what it does alone', async () => {
    const warnings = [
      { percent: 50, actions: [tell('a@example.org')] },
      { percent: 75, actions: [tell('b@example.org')] },
    ];
    const caseId = await opened('several', [{ warnings, actions: { warn: [tell('all@example.org')] } }]);
    local.clock.now = at('09:50');
    await followed(caseId);
    expect(await storyOf(caseId, 'sla.notified')).toMatchObject([
      { to: 'all@example.org' },
      { to: 'a@example.org' },
      { to: 'all@example.org' },
      { to: 'b@example.org' },
    ]);
  });

  it('raises the priority step by step where each step is under an item of its own, and then stops', async () => {
    const when = (value: string) => ({ field: 'priority', op: 'eq' as const, value });
    const escalate: Item = { warnMinutes: 10, actions: { warn: [{ type: 'escalatePriority' }] } };
    const items = ['low', 'normal', 'high', 'urgent'].map((priority) => ({ ...escalate, when: when(priority) }));
    const caseId = await opened('stairs', items, { priority: 'low' });
    local.clock.now = at('09:10');
    expect(await followed(caseId)).toBeLessThan(20);
    expect((await fileOf(caseId)).case.priority).toBe('urgent');
  });

  it('ends where two items send a case to and fro: each does so once', async () => {
    const high = { field: 'severity', op: 'eq' as const, value: 'high' };
    const set = (value: string | null): Action => ({ type: 'setField', field: 'severity', value });
    const there = { when: { not: high }, warnMinutes: 10, actions: { warn: [set('high'), tell('owner')] } };
    const back = { when: high, warnMinutes: 10, actions: { warn: [set(null)] } };
    const caseId = await opened('circle', [there, back]);
    local.clock.now = at('09:10');
    expect(await followed(caseId)).toBeLessThan(20);
    expect(await desk.events(caseId, 'case.updated')).toHaveLength(2);
    expect(await storyOf(caseId, 'sla.notified')).toHaveLength(1);
  });

  it('is done again for a promise that a reopening begins', async () => {
    const item: Item = { warnMinutes: 30, onReopen: 'restart', actions: { warn: [tell('owner')] } };
    const caseId = await opened('again', [item]);
    local.clock.now = at('09:40');
    await followed(caseId);
    await desk.resolve(caseId);
    await desk.reactivate(caseId);
    local.clock.now = toInstant(toMs(local.clock.now) + 40 * MINUTE);
    await followed(caseId);
    expect(await storyOf(caseId, 'sla.notified')).toHaveLength(2);
  });
});

describe('an action that could never be done', () => {
  it.each([
    ['sets a priority that there is not', { type: 'setField', field: 'priority', value: 'highest' }],
    ['sets a reason that there is not', { type: 'setField', field: 'statusReason', value: 'escalated' }],
    ['closes a case', { type: 'setField', field: 'statusReason', value: 'problemSolved' }],
    ['sets a subject that there is not', { type: 'setField', field: 'subjectId', value: 'nothing' }],
    ['sets a field that nobody has defined', { type: 'setField', field: 'customFields.escalated', value: true }],
    ['assigns to nobody', { type: 'assign', ownerId: 'nobody' }],
    ['routes to nowhere', { type: 'routeToQueue', queueId: 'nowhere' }],
  ])('is refused: %s', async (_, action) => {
    const item = { id: 'all', kpi: 'resolve', targetMinutes: 60, actions: { breach: [action as Action] } };
    expect(await desk.sla('odd', { name: 'Odd', items: [item] })).toBe('VALIDATION_FAILED');
  });
});
