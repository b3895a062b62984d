import { describe, expect, it } from 'vitest';
import type { Activity } from '../../../domain/activities/activity.ts';
import { AddActivity, addActivity } from '../../../domain/activities/add-activity.ts';
import { EditActivity, editActivity } from '../../../domain/activities/edit-activity.ts';
import type { Caller, CaseFile } from '../../../domain/cases/case-file.ts';
import { DEFAULT_STATUS_MODEL } from '../../../domain/cases/status-reasons.ts';
import { pauseKpi } from '../../../domain/sla/pause-kpi.ts';
import {
  activeCase,
  anna,
  changeOf,
  fileOf,
  machine,
  NOW,
  openTasks,
  resolvedCase,
  rulesOf,
  runningClock,
  sue,
  told,
} from '../../support/case-builders.ts';

const ID = '0196b3a0-0000-7000-8000-0000000000aa';
const TEN = '2026-03-09T10:00:00.000Z';
const context = (caller: Caller = anna) => ({ activityId: ID, rules: rulesOf(), caller, now: NOW });
const adding = (file: CaseFile, body: Partial<AddActivity>, caller: Caller = anna) =>
  addActivity(file, AddActivity.parse({ type: 'note', body: 'Hello', ...body }), context(caller));
const added = (file: CaseFile, body: Partial<AddActivity>, caller: Caller = anna): Activity =>
  changeOf(adding(file, body, caller)).activities![0]!;

const clock = (kpi: string) => runningClock({ kpi });

describe('recording an activity', () => {
  it.each([
    ['note', { visibility: 'internal', state: 'completed' }],
    ['email', { visibility: 'public', state: 'completed' }],
    ['phone', { visibility: 'public', state: 'completed' }],
    ['task', { visibility: 'public', state: 'open' }],
    ['appointment', { visibility: 'public', state: 'open' }],
  ] as const)('a %s is by itself %o', (type, defaults) => {
    expect(added(fileOf(), { type })).toMatchObject({ ...defaults, occurredAt: NOW, createdBy: 'anna', revision: 1 });
  });

  it('adds its minutes to the case’s, and an open one to what is still to be done', () => {
    const file = fileOf(activeCase(), { activities: { ...openTasks(1), totalMinutes: 10 } });
    const { after } = changeOf(adding(file, { type: 'task', subject: 'Call', durationMinutes: 15 }));
    expect(after.activities).toMatchObject({ totalMinutes: 25, revision: 2 });
    expect(after.activities.open.at(-1)).toEqual({ activityId: ID, type: 'task', subject: 'Call' });
    expect(after.case).toBe(file.case);
  });

  it('ends at fifty that are open', () => {
    const file = fileOf(activeCase(), { activities: openTasks(50) });
    expect(told(adding(file, { type: 'task' }))).toBe('TOO_MANY_OPEN_ACTIVITIES');
    expect(told(adding(file, { type: 'note' }))).toBe('activity.added');
  });

  it('on a closed case takes notes only', () => {
    const file = fileOf(resolvedCase(), { activities: { ...openTasks(0), accepts: 'notes' } });
    expect(told(adding(file, { type: 'note' }))).toBe('activity.added');
    expect(told(adding(file, { type: 'email' }))).toBe('CASE_NOT_ACTIVE');
  });

  it('in the past is for supervisors, before the case or in the future for nobody', () => {
    expect(told(adding(fileOf(), { occurredAt: TEN }))).toBe('FORBIDDEN');
    expect(added(fileOf(), { occurredAt: TEN }, sue)).toMatchObject({ occurredAt: TEN, createdOn: NOW });
    expect(told(adding(fileOf(), { occurredAt: '2026-03-09T08:59:00.000Z' }, sue))).toBe('VALIDATION_FAILED');
    expect(told(adding(fileOf(), { occurredAt: '2026-03-09T12:01:00.000Z' }, sue))).toBe('VALIDATION_FAILED');
  });

  it('meets a closing: a message must find the case active, a note need not', () => {
    const file = fileOf(activeCase(), { activities: { ...openTasks(0), customerReplied: true } });
    const message = changeOf(adding(file, { type: 'email', direction: 'inbound' }));
    expect(message.fences).toEqual([{ type: 'isActive' }]);
    expect(changeOf(adding(file, { type: 'note' })).fences).toBeUndefined();
    const first = changeOf(adding(fileOf(), { type: 'email', direction: 'inbound' }));
    expect(first.after.activities.revision).toBe(1);
    expect(first.fences).toBeUndefined();
  });
});

describe('a first response', () => {
  const file = fileOf(activeCase(), { kpis: [clock('firstResponse'), clock('resolve')] });

  it.each([
    ['a public email by a person', { type: 'email', direction: 'outbound' }, anna, true],
    ['a completed call', { type: 'phone', direction: 'outbound' }, anna, true],
    ['a chat message', { type: 'chat', direction: 'outbound' }, anna, true],
    ['a call that is planned', { type: 'phone', direction: 'outbound', state: 'open' }, anna, false],
    ['an internal email', { type: 'email', direction: 'outbound', visibility: 'internal' }, anna, false],
    ['a note, even a public one', { type: 'note', direction: 'outbound', visibility: 'public' }, anna, false],
    ['a task', { type: 'task', direction: 'outbound', state: 'completed' }, anna, false],
    ['an email without a direction', { type: 'email' }, anna, false],
    ['a customer’s email', { type: 'email', direction: 'inbound' }, anna, false],
    ['a machine’s email', { type: 'email', direction: 'outbound' }, machine, false],
  ] as [string, Partial<AddActivity>, Caller, boolean][])('%s: %s', (_, body, caller, isResponse) => {
    const { after } = changeOf(adding(file, body, caller));
    expect(after.kpis.map(({ status }) => status)).toEqual([isResponse ? 'succeeded' : 'inProgress', 'inProgress']);
    expect(after.activities.firstRespondedOn).toBe(isResponse ? NOW : undefined);
  });

  it('is dated when it was given, and only the first one counts', () => {
    const message = { type: 'email', direction: 'outbound', occurredAt: TEN } as const;
    const { after } = changeOf(adding(file, message, sue));
    expect(after.kpis[0]).toMatchObject({ status: 'succeeded', succeededAt: TEN });
    const again = changeOf(adding(after, { type: 'email', direction: 'outbound' }));
    expect(again.after.activities.firstRespondedOn).toBe(TEN);
    expect(again.after.kpis).toBe(after.kpis);
  });

  it('is the completion of a planned call, at the moment of its completion', () => {
    const planned = changeOf(adding(file, { type: 'phone', direction: 'outbound', state: 'open' }));
    const completed = editActivity(planned.after, planned.activities![0]!, { state: 'completed' }, context());
    const { after } = changeOf(completed);
    expect(after.kpis[0]).toMatchObject({ status: 'succeeded', succeededAt: NOW });
    expect(after.activities.open).toEqual([]);
  });
});

describe('a customer’s message', () => {
  const waiting = (statusReason: string) => {
    const { instance } = pauseKpi(clock('resolve'), undefined, TEN, { cause: 'status reason' });
    return fileOf(activeCase({ statusReason }), { kpis: [instance] });
  };
  const message = { type: 'email', direction: 'inbound' } as const;

  it.each([
    ['waitingForDetails', 'inProgress', 'activity.added, case.updated, sla.resumed'],
    ['onHold', 'onHold', 'activity.added'],
  ])('to a case in %s leaves it in %s', (from, to, facts) => {
    const decision = adding(waiting(from), message, machine);
    expect(told(decision)).toBe(facts);
    const { after } = changeOf(decision);
    expect(after.case.statusReason).toBe(to);
    expect(after.activities.customerReplied).toBe(true);
  });

  it.each([
    ['inProgress', 'researching', 'activity.added, case.updated'],
    ['onHold', 'waitingForDetails', 'activity.added, case.updated'],
  ])('that moves a case from %s to %s, as its reasons say, resumes nothing', (from, to, facts) => {
    const { reasons, transitions } = DEFAULT_STATUS_MODEL;
    const moving = { ...reasons, [from]: { ...reasons[from]!, onCustomerReply: to } };
    const rules = rulesOf({}, { statusModel: { reasons: moving, transitions } });
    const file =
      from === 'onHold' ? waiting(from) : fileOf(activeCase({ statusReason: from }), { kpis: [clock('resolve')] });
    const decision = addActivity(file, AddActivity.parse({ body: 'Hello', ...message }), { ...context(), rules });
    expect(told(decision)).toBe(facts);
    expect(changeOf(decision).after.case.statusReason).toBe(to);
    expect(changeOf(decision).after.kpis).toEqual(file.kpis);
  });

  it('resumes the clock at the message, never before the pause', () => {
    const eleven = '2026-03-09T11:00:00.000Z';
    const resumed = changeOf(adding(waiting('waitingForDetails'), { ...message, occurredAt: eleven }, sue));
    expect(resumed.after.kpis[0]).toMatchObject({ status: 'inProgress', runningSince: eleven });
    const early = changeOf(
      adding(waiting('waitingForDetails'), { ...message, occurredAt: '2026-03-09T09:30:00.000Z' }, sue),
    );
    expect(early.after.kpis[0]).toMatchObject({ runningSince: TEN });
  });

  it.each([
    ['an internal one', { visibility: 'internal' }],
    ['a note', { type: 'note' }],
    ['one that is still to come', { type: 'phone', state: 'open' }],
    ['ours', { direction: 'outbound' }],
  ] as [string, Partial<AddActivity>][])('is not %s', (_, body) => {
    const { after } = changeOf(adding(waiting('waitingForDetails'), { ...message, ...body }));
    expect(after.case.statusReason).toBe('waitingForDetails');
    expect(after.activities.customerReplied).toBe(false);
  });

  it('is answered by ours', () => {
    const replied = changeOf(adding(fileOf(), message)).after;
    expect(changeOf(adding(replied, { type: 'email', direction: 'outbound' })).after.activities.customerReplied).toBe(
      false,
    );
    expect(changeOf(adding(replied, { type: 'note' })).after.activities.customerReplied).toBe(true);
  });
});

describe('editing an activity', () => {
  const task = added(fileOf(), { type: 'task', subject: 'Call', durationMinutes: 15 });
  const file = changeOf(adding(fileOf(), { type: 'task', subject: 'Call', durationMinutes: 15 })).after;
  const editing = (of: CaseFile, before: Activity, patch: EditActivity) =>
    editActivity(of, before, EditActivity.parse(patch), context());

  it('counts its minutes anew', () => {
    const { after, activities, facts } = changeOf(editing(file, task, { durationMinutes: 40, state: 'completed' }));
    expect(after.activities).toMatchObject({ totalMinutes: 40, open: [] });
    expect(activities).toEqual([{ ...task, durationMinutes: 40, state: 'completed', revision: 2 }]);
    expect(facts[0]?.changes).toEqual([
      { field: 'durationMinutes', old: 15, new: 40 },
      { field: 'state', old: 'open', new: 'completed' },
    ]);
  });

  it('to what it is already changes nothing', () => {
    expect(changeOf(editing(file, task, { subject: 'Call' })).after).toBe(file);
  });

  it('opens it again, up to fifty', () => {
    const done = { ...task, state: 'completed' as const };
    expect(changeOf(editing(fileOf(), done, { state: 'open' })).after.activities.open).toHaveLength(1);
    const full = fileOf(activeCase(), { activities: openTasks(50) });
    expect(told(editing(full, done, { state: 'open' }))).toBe('TOO_MANY_OPEN_ACTIVITIES');
  });

  it('on a closed case is for notes', () => {
    const closed = fileOf(resolvedCase(), { activities: { ...openTasks(0), accepts: 'notes' } });
    expect(told(editing(closed, task, { body: 'Later' }))).toBe('CASE_NOT_ACTIVE');
    const note = added(fileOf(), { type: 'note' });
    expect(told(editing(closed, note, { body: 'Later' }))).toBe('activity.updated');
  });

  it('that was a customer’s message does not wake the case again', () => {
    const message = added(fileOf(), { type: 'email', direction: 'inbound' });
    const waiting = fileOf(activeCase({ statusReason: 'waitingForDetails' }));
    const { after } = changeOf(editing(waiting, message, { subject: 'Sorted' }));
    expect(after.case.statusReason).toBe('waitingForDetails');
  });
});
