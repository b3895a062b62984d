import { describe, expect, it } from 'vitest';
import { check } from './check.ts';
import { type Command, unopened } from './plan.ts';
import type { Entry, Found } from './read-back.ts';
import type { Row } from './rows.ts';
import type { ReplayedCase, Sent } from './run.ts';

const AT = '2016-03-01T09:00:00.000Z';
const DUE = '2016-03-01T13:00:00.000Z';
const sent = (command: Command, id?: string): Sent => ({
  at: AT,
  row: {} as Row,
  command,
  outcome: { acknowledged: true, ...(id && { id }) },
});
const replayed: ReplayedCase = {
  externalId: 'INC1',
  kind: 'incident',
  known: { ...unopened, caseId: 'c', queueId: 'desk', ownerId: 'anna' },
  children: 0,
  sent: [
    sent({ part: 'open', by: 'agent', body: { title: 'Broken', origin: 'phone' } }, 'c'),
    sent({ part: 'assign', ownerId: 'anna' }),
    sent({ part: 'note', body: { type: 'note', body: 'Looked at it' } }, 'n'),
  ],
};
const entry = (action: string, fields: Partial<Entry> = {}, post: Partial<Entry['post']> = {}): Entry => ({
  id: action,
  at: AT,
  action,
  cause: 'user',
  changes: [],
  ...fields,
  post: { kind: 'post', id: action, type: action, occurredAt: AT, cause: 'user', ...post },
});
const breach = entry(
  'sla.breached',
  { at: DUE, cause: 'sla:resolve' },
  { occurredAt: DUE, dueAt: DUE, kpi: 'resolve', generation: 1 },
);
const sound: Found = {
  view: {
    caseId: 'c',
    status: 'active',
    statusReason: 'inProgress',
    priority: 'normal',
    ownerId: 'anna',
    queueId: 'escalation',
    childCount: 0,
    reopenCount: 0,
  },
  kpis: [{ kpi: 'resolve', generation: 1, status: 'noncompliant', usedMinutes: 240, failAt: DUE, breachedAt: DUE }],
  entries: [
    entry('case.created'),
    entry('case.routed', { cause: 'routing' }, { queueId: 'desk' }),
    entry('case.assigned', { changes: [{ field: 'ownerId', new: 'anna' }] }),
    entry('activity.added'),
    breach,
    entry('sla.notified', { cause: 'sla:resolve' }, { alarm: 'breach' }),
    entry('case.routed', { cause: 'sla:resolve' }, { queueId: 'escalation' }),
  ],
  activities: [{ kind: 'activity', activityId: 'n', body: 'Looked at it' }],
  sameExternalId: 1,
};
const findings = (found: Partial<Found>) =>
  check([replayed], new Map([[replayed, { ...sound, ...found }]])).findings.map(({ kind, what }) => `${kind}: ${what}`);
const without = (action: string) => sound.entries.filter((one) => one.action !== action);

describe('what the service says after a run', () => {
  it('is sound when each acknowledged change is there once', () => {
    expect(check([replayed], new Map([[replayed, sound]]))).toEqual({
      acknowledged: 3,
      findings: [],
      alarms: { warnings: new Map(), breaches: new Map([['resolve', 1]]), late: 0 },
    });
  });

  it('lacks a case, a change or an activity that was acknowledged', () => {
    expect(check([replayed], new Map()).findings).toMatchObject([{ kind: 'missing', what: 'the case c is not there' }]);
    expect(findings({ entries: without('case.assigned') })).toEqual([
      `missing: ${AT} case.assigned ownerId=anna is 0 times in the audit, acknowledged 1 times`,
    ]);
    expect(findings({ activities: [] })).toEqual(['missing: the activity n is not on the timeline']);
  });

  it('has something twice, or that nobody was told of', () => {
    const again = sound.entries.filter(({ action }) => action === 'case.assigned');
    expect(findings({ entries: [...sound.entries, ...again] })).toEqual([
      `doubled: ${AT} case.assigned ownerId=anna is 2 times in the audit, acknowledged 1 times`,
    ]);
    expect(findings({ sameExternalId: 2 })).toEqual(['doubled: 2 cases have its external id']);
    expect(findings({ entries: [entry('case.resolved'), ...sound.entries] })).toEqual([
      `not acknowledged: ${AT} case.resolved is in the audit`,
    ]);
  });

  it('is in another state than the one acknowledged', () => {
    expect(findings({ view: { ...sound.view, ownerId: 'ben' } })).toEqual([
      'different: ownerId is ben, acknowledged was anna',
    ]);
    expect(findings({ view: { ...sound.view, queueId: undefined } })).toEqual([
      'different: it stands in no queue, routed it was to escalation',
    ]);
  });

  it('lacks an alarm that was due, or what follows from one, or has it twice or late', () => {
    expect(findings({ entries: without('sla.breached') })).toContain(`missing: the breach of resolve at ${DUE}`);
    expect(findings({ entries: without('sla.notified') })).toEqual([
      'missing: 0 notifications of breaches instead of 1',
    ]);
    expect(findings({ entries: [...sound.entries, breach] })).toContain(
      'doubled: sla.breached of resolve 1 fired 2 times',
    );
    const late = sound.entries.map((one) => (one === breach ? { ...breach, at: '2016-03-01T13:00:02.000Z' } : one));
    expect(check([replayed], new Map([[replayed, { ...sound, entries: late }]])).alarms.late).toBe(1);
  });
});
