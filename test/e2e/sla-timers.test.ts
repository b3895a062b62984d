import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { clockStory, clocksOf, diaryOf, posts, readable } from '../support/diary.ts';
import { executionsOf } from '../support/executions.ts';
import { withService } from '../support/service.ts';

/**
 * The desk in London is open Monday to Friday from nine to five; until 29 March 2026 London keeps UTC. The SLAs:
 * `standard` eight hours, warned after six; `half-day` four hours; `two-speed` two days, high priority eight hours;
 * `answer` a first response within an hour.
 */
const nineToFive = [{ from: '09:00', to: '17:00' }];
const LDN = {
  timeZone: 'Europe/London',
  weekly: { mon: nineToFive, tue: nineToFive, wed: nineToFive, thu: nineToFive, fri: nineToFive },
};

const service = withService();
const diary = diaryOf(service);
const { opened } = diary;

const hold =
  (statusReason = 'onHold') =>
  (caseId: string) =>
    service.anna.patch(`/v1/cases/${caseId}`, { statusReason });
const resume = hold('inProgress');
const resolve = (caseId: string) =>
  service.anna.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done' });
const record =
  (body: object, by = () => service.anna) =>
  (caseId: string) =>
    by().post(`/v1/cases/${caseId}/activities`, { body: 'Hello', ...body });
const message = { type: 'email', direction: 'inbound' };
const answer = { type: 'email', direction: 'outbound' };

const story = (tale: { caseId: string }) => clockStory(service.anna, tale.caseId);
const clocks = (tale: { caseId: string }) => clocksOf(service.anna, tale.caseId);
const deadlines = async (tale: { caseId: string }, type: string) =>
  (await posts(service.anna, tale.caseId, type)).map(({ warnAt, failAt }) => [readable(warnAt), readable(failAt)]);

const standard = { slaId: 'standard', queueId: 'desk', ownerId: 'anna' };
const halfDay = { slaId: 'half-day', queueId: 'desk' };
const twoSpeed = { slaId: 'two-speed', queueId: 'desk' };
const answered = { slaId: 'answer', queueId: 'desk' };

const overAWeekend = opened('2026-03-06 15:30', standard)
  .later('2026-03-09 10:00', hold())
  .later('2026-03-10 14:00', resume);

const beforeHours = opened('2026-03-09 07:00', halfDay)
  .later('2026-03-09 07:30', hold())
  .later('2026-03-09 08:30', resume);
const intoHours = opened('2026-03-09 07:00', halfDay)
  .later('2026-03-09 09:30', hold())
  .later('2026-03-09 10:45', resume);
const outOfHours = opened('2026-03-09 10:00', halfDay)
  .later('2026-03-09 13:00', hold())
  .later('2026-03-09 20:00', resume);
const overTheDeadline = opened('2026-03-09 15:00', halfDay)
  .later('2026-03-09 20:00', hold())
  .later('2026-03-10 11:30', resume)
  .later('2026-03-10 12:00', resolve);

const warnedThenHeld = opened('2026-03-09 09:00', standard)
  .later('2026-03-09 16:00', hold())
  .later('2026-03-10 12:00', resume);

const heldTwice = opened('2026-03-09 09:00', halfDay)
  .later('2026-03-09 10:00', hold())
  .later('2026-03-09 11:00', hold('waitingForDetails'))
  .later('2026-03-09 12:00', resume);

const woken = opened('2026-03-09 09:00', halfDay)
  .later('2026-03-09 10:00', hold('waitingForDetails'))
  .later(
    '2026-03-09 15:00',
    record(message, () => service.integration),
  );
const wokenByAnEarlierCall = opened('2026-03-09 09:00', halfDay)
  .later('2026-03-09 10:00', hold('waitingForDetails'))
  .later(
    '2026-03-09 15:00',
    record({ ...message, occurredAt: '2026-03-09T14:00:00Z' }, () => service.supervisor),
  );
const repliedOnHold = opened('2026-03-09 09:00', halfDay)
  .later('2026-03-09 10:00', hold())
  .later(
    '2026-03-09 15:00',
    record(message, () => service.integration),
  );

const raisedWhileHeld = opened('2026-03-09 09:00', twoSpeed)
  .later('2026-03-09 13:00', hold('waitingForDetails'))
  .later('2026-03-10 10:00', (caseId) => service.anna.patch(`/v1/cases/${caseId}`, { priority: 'high' }))
  .later('2026-03-11 09:00', resume);
const raisedWhileRunning = opened('2026-03-09 09:00', twoSpeed)
  .later('2026-03-09 13:00', (caseId) => service.anna.patch(`/v1/cases/${caseId}`, { priority: 'high' }))
  .later('2026-03-09 14:00', (caseId) => service.anna.patch(`/v1/cases/${caseId}`, { title: 'Still on fire' }));
const loweredAfterABreach = opened('2026-03-09 09:00', { ...twoSpeed, priority: 'high' }).later(
  '2026-03-10 10:00',
  (caseId) => service.anna.patch(`/v1/cases/${caseId}`, { priority: 'low' }),
);

const reopened = opened('2026-03-09 09:00', standard)
  .later('2026-03-09 14:00', resolve)
  .later('2026-03-11 11:00', (caseId) => service.anna.post(`/v1/cases/${caseId}/reactivate`));

const neverAnswered = opened('2026-03-09 09:00', answered)
  .later('2026-03-09 09:10', record({ type: 'note' }))
  .later(
    '2026-03-09 09:20',
    record(answer, () => service.integration),
  )
  .later('2026-03-09 09:30', record({ ...answer, visibility: 'internal' }))
  .later('2026-03-09 09:40', record({ type: 'phone', direction: 'outbound', state: 'open' }))
  .later('2026-03-09 10:30', record(answer));
const answeredInTime = opened('2026-03-09 09:00', answered)
  .later('2026-03-09 09:45', record(answer))
  .later('2026-03-09 09:50', record(answer))
  .later('2026-03-09 11:00', resolve)
  .later('2026-03-09 12:00', (caseId) => service.anna.post(`/v1/cases/${caseId}/reactivate`));
const logged = opened('2026-03-09 09:00', { ...answered, origin: 'phone' });
const heardByAMachine = opened('2026-03-09 09:00', { ...answered, origin: 'phone' }, () => service.integration).later(
  '2026-03-09 09:30',
  resolve,
);

beforeAll(async () => {
  const { admin } = service;
  await admin.put('/v1/users/dora', { name: 'Dora' });
  await admin.put('/v1/queues/desk', { name: 'Desk', visibility: 'public', ownerId: 'dora', members: ['anna'] });
  await admin.put('/v1/queues/escalations', { name: 'Escalations', visibility: 'public' });
  await admin.put('/v1/settings/calendars/ldn', LDN);
  const item = { id: 'all', kpi: 'resolve', calendarId: 'ldn' };
  const actions = {
    warn: [
      { type: 'notify', to: 'owner' },
      { type: 'notify', to: 'queue' },
    ],
    breach: [
      { type: 'notify', to: 'supervisors' },
      { type: 'routeToQueue', queueId: 'escalations' },
    ],
  };
  const high = { field: 'priority', op: 'gte', value: 'high' };
  const slas = {
    standard: [{ ...item, targetMinutes: 480, warnMinutes: 360, actions }],
    'half-day': [{ ...item, targetMinutes: 240 }],
    'two-speed': [
      { ...item, id: 'high', when: high, targetMinutes: 480 },
      { ...item, targetMinutes: 960 },
    ],
    answer: [
      { ...item, id: 'answer', kpi: 'firstResponse', targetMinutes: 60, warnMinutes: 30 },
      { ...item, targetMinutes: 480 },
    ],
  };
  for (const [id, items] of Object.entries(slas)) {
    expect((await admin.put(`/v1/settings/slas/${id}`, { name: id, items })).status).toBe(200);
  }
  await diary.play();
  await service.clockTo('2026-03-13T17:00:00Z');
}, 120_000);

describe('a hold over a weekend’s end', () => {
  it('freezes what is left: 330 minutes go on from where they stopped, within opening hours', async () => {
    expect(await deadlines(overAWeekend, 'sla.started')).toEqual([['2026-03-09 13:30', '2026-03-09 15:30']]);
    expect(await deadlines(overAWeekend, 'sla.resumed')).toEqual([['2026-03-11 09:30', '2026-03-11 11:30']]);
  });

  it('says in words why each deadline lies where it does, on the timeline and on the clock', async () => {
    const promise = '480 minutes of ldn (version 1, Europe/London) from Fri 6 March 15:30';
    const wait =
      'held 720 minutes from Mon 9 March 10:00 (status reason onHold) to Tue 10 March 14:00 (status reason inProgress)';
    const [started, paused] = await posts(service.anna, overAWeekend.caseId, 'sla.');
    expect(started.because).toBe(`${promise}; so due Mon 9 March 15:30.`);
    expect((await posts(service.anna, overAWeekend.caseId, 'sla.resumed'))[0].because).toBe(
      `${promise}; ${wait}; so due Wed 11 March 11:30.`,
    );
    expect(paused).toMatchObject({ type: 'sla.paused', because: 'status reason onHold' });
    expect((await clocks(overAWeekend))['resolve 1'].because).toBe(
      `${promise}; ${wait}; so due Wed 11 March 11:30, and missed.`,
    );
  });

  it('warns and breaches once each, at the very instants', async () => {
    expect(await story(overAWeekend)).toEqual([
      'resolve started 2026-03-06 15:30',
      'resolve paused 2026-03-09 10:00',
      'resolve resumed 2026-03-10 14:00',
      'resolve warning 2026-03-11 09:30',
      'resolve breached 2026-03-11 11:30',
    ]);
  });

  it('carries out each action once: two people told of the warning, one of the breach, and the case escalated', async () => {
    const notified = await posts(service.anna, overAWeekend.caseId, 'sla.notified');
    expect(
      notified.map(({ alarm, to, recipients, occurredAt }) => [alarm, to, recipients, readable(occurredAt)]),
    ).toEqual([
      ['warning', 'owner', ['anna'], '2026-03-11 09:30'],
      ['warning', 'queue', ['dora', 'anna'], '2026-03-11 09:30'],
      ['breach', 'supervisors', ['group:supervisor'], '2026-03-11 11:30'],
    ]);
    const routed = await posts(service.anna, overAWeekend.caseId, 'case.routed');
    expect(routed).toMatchObject([
      { queueId: 'escalations', because: 'breach of resolve', cause: 'sla:resolve', actor: 'system' },
    ]);
    const { body } = await service.anna.get(`/v1/cases/${overAWeekend.caseId}`);
    expect(body).toMatchObject({ queueId: 'escalations', status: 'active', sla: { status: 'noncompliant' } });
    const escalated = await service.anna.get('/v1/queues/escalations/items');
    expect(escalated.body.items.map(({ caseId }: { caseId: string }) => caseId)).toContain(overAWeekend.caseId);
  });

  it('can be explained: every stretch with its business minutes and what began it', async () => {
    const { 'resolve 1': clock } = await clocks(overAWeekend);
    const segments = clock.segments.map(({ from, kind, businessMinutes, cause }: Record<string, string>) => [
      readable(from),
      kind,
      businessMinutes,
      cause,
    ]);
    // 150 and 330 make the target; the clock of a missed promise goes on until somebody keeps it.
    expect(segments).toEqual([
      ['2026-03-06 15:30', 'running', 150, 'created'],
      ['2026-03-09 10:00', 'paused', 720, 'status reason onHold'],
      ['2026-03-10 14:00', 'running', 180 + 3 * 480, 'status reason inProgress'],
    ]);
    expect(clock).toMatchObject({
      status: 'noncompliant',
      targetMinutes: 480,
      usedMinutes: 150 + 180 + 3 * 480,
      remainingMinutes: 480 - 150 - 180 - 3 * 480,
      calendarId: 'ldn',
      calendarVersion: 1,
    });
  });
});

describe('four hours on a Monday', () => {
  it('lose nothing to a hold before opening: still due at one', async () => {
    expect(await story(beforeHours)).toEqual([
      'resolve started 2026-03-09 07:00',
      'resolve paused 2026-03-09 07:30',
      'resolve resumed 2026-03-09 08:30',
      'resolve breached 2026-03-09 13:00',
    ]);
  });

  it('move by the 75 open minutes of a hold', async () => {
    expect(await deadlines(intoHours, 'sla.started')).toEqual([[undefined, '2026-03-09 13:00']]);
    expect((await story(intoHours)).at(-1)).toBe('resolve breached 2026-03-09 14:15');
  });

  it('move to the next morning when the hold lasts until after closing', async () => {
    expect(await deadlines(outOfHours, 'sla.started')).toEqual([[undefined, '2026-03-09 14:00']]);
    expect(await deadlines(outOfHours, 'sla.resumed')).toEqual([[undefined, '2026-03-10 10:00']]);
    expect((await story(outOfHours)).at(-1)).toBe('resolve breached 2026-03-10 10:00');
  });

  it('are no breach when the old deadline passes during the hold', async () => {
    expect(await deadlines(overTheDeadline, 'sla.started')).toEqual([[undefined, '2026-03-10 11:00']]);
    expect(await deadlines(overTheDeadline, 'sla.resumed')).toEqual([[undefined, '2026-03-10 13:30']]);
    expect(await story(overTheDeadline)).toEqual([
      'resolve started 2026-03-09 15:00',
      'resolve paused 2026-03-09 20:00',
      'resolve resumed 2026-03-10 11:30',
      'resolve succeeded 2026-03-10 12:00',
    ]);
    const { 'resolve 1': clock } = await clocks(overTheDeadline);
    expect(clock).toMatchObject({ status: 'succeeded', usedMinutes: 150 });
  });

  it('wait once for two reasons in turn', async () => {
    expect(await story(heldTwice)).toEqual([
      'resolve started 2026-03-09 09:00',
      'resolve paused 2026-03-09 10:00',
      'resolve resumed 2026-03-09 12:00',
      'resolve breached 2026-03-09 15:00',
    ]);
  });
});

describe('a warning that was given before a hold', () => {
  it('keeps its date and is not given again, while the deadline moves', async () => {
    expect(await story(warnedThenHeld)).toEqual([
      'resolve started 2026-03-09 09:00',
      'resolve warning 2026-03-09 15:00',
      'resolve paused 2026-03-09 16:00',
      'resolve resumed 2026-03-10 12:00',
      'resolve breached 2026-03-10 13:00',
    ]);
    expect(await deadlines(warnedThenHeld, 'sla.resumed')).toEqual([['2026-03-09 15:00', '2026-03-10 13:00']]);
    const warned = (await posts(service.anna, warnedThenHeld.caseId, 'sla.notified')).filter(
      ({ alarm }) => alarm === 'warning',
    );
    expect(warned.map(({ to }) => to)).toEqual(['owner', 'queue']);
  });
});

describe('a customer’s message', () => {
  it('wakes a case that waits for details, and its clock runs from then on', async () => {
    const { body } = await service.anna.get(`/v1/cases/${woken.caseId}`);
    expect(body).toMatchObject({ statusReason: 'inProgress', customerReplied: true });
    expect(await story(woken)).toEqual([
      'resolve started 2026-03-09 09:00',
      'resolve paused 2026-03-09 10:00',
      'resolve resumed 2026-03-09 15:00',
      'resolve breached 2026-03-10 10:00',
    ]);
    const { 'resolve 1': clock } = await clocks(woken);
    expect(clock.segments[2]).toMatchObject({ kind: 'running', cause: 'the customer replied' });
  });

  it('counts from when it was sent, not from when it was recorded', async () => {
    expect(await story(wokenByAnEarlierCall)).toEqual([
      'resolve started 2026-03-09 09:00',
      'resolve paused 2026-03-09 10:00',
      'resolve resumed 2026-03-09 14:00',
      'resolve breached 2026-03-09 17:00',
    ]);
  });

  it('leaves a case on hold that waits for something else, but shows that the customer replied', async () => {
    const { body } = await service.anna.get(`/v1/cases/${repliedOnHold.caseId}`);
    expect(body).toMatchObject({ statusReason: 'onHold', customerReplied: true, sla: { status: 'paused' } });
    expect(body.sla.nextDueAt).toBeUndefined();
    const { 'resolve 1': clock } = await clocks(repliedOnHold);
    expect(clock).toMatchObject({
      status: 'paused',
      usedMinutes: 60,
      remainingMinutes: 180,
      pausedAt: '2026-03-09T10:00:00.000Z',
    });
    expect(clock.failAt).toBeUndefined();
  });
});

describe('a change of priority', () => {
  it('while the case waits gives the new target less the time already used, and no deadline before it resumes', async () => {
    expect(await deadlines(raisedWhileHeld, 'sla.started')).toEqual([
      [undefined, '2026-03-10 17:00'],
      [undefined, undefined],
    ]);
    expect(await story(raisedWhileHeld)).toEqual([
      'resolve started 2026-03-09 09:00',
      'resolve paused 2026-03-09 13:00',
      'resolve cancelled 2026-03-10 10:00',
      'resolve started 2026-03-10 10:00',
      'resolve resumed 2026-03-11 09:00',
      'resolve breached 2026-03-11 13:00',
    ]);
    const shown = await clocks(raisedWhileHeld);
    expect(shown['resolve 1']).toMatchObject({ status: 'cancelled', targetMinutes: 960, itemId: 'all' });
    expect(shown['resolve 2']).toMatchObject({
      targetMinutes: 480,
      itemId: 'high',
      failAt: '2026-03-11T13:00:00.000Z',
    });
  });

  it('while the clock runs takes the used time along; a deadline at closing stays at closing', async () => {
    expect(await story(raisedWhileRunning)).toEqual([
      'resolve started 2026-03-09 09:00',
      'resolve cancelled 2026-03-09 13:00',
      'resolve started 2026-03-09 13:00',
      'resolve breached 2026-03-09 17:00',
    ]);
  });

  it('does not take a breach back', async () => {
    expect(await story(loweredAfterABreach)).toEqual([
      'resolve started 2026-03-09 09:00',
      'resolve breached 2026-03-09 17:00',
    ]);
    expect(Object.keys(await clocks(loweredAfterABreach))).toEqual(['resolve 1']);
  });
});

describe('a reopened case', () => {
  it('has what was left when it was resolved, in a clock of its own', async () => {
    expect(await deadlines(reopened, 'sla.started')).toEqual([
      ['2026-03-09 15:00', '2026-03-09 17:00'],
      ['2026-03-11 12:00', '2026-03-11 14:00'],
    ]);
    expect(await story(reopened)).toEqual([
      'resolve started 2026-03-09 09:00',
      'resolve succeeded 2026-03-09 14:00',
      'resolve started 2026-03-11 11:00',
      'resolve warning 2026-03-11 12:00',
      'resolve breached 2026-03-11 14:00',
    ]);
    const shown = await clocks(reopened);
    expect(shown['resolve 1']).toMatchObject({ status: 'succeeded', usedMinutes: 300 });
    expect(shown['resolve 2']).toMatchObject({ status: 'noncompliant', startedAt: '2026-03-09T09:00:00.000Z' });
  });
});

describe('a first response', () => {
  it('is not a note, a machine’s message, an internal one or a call that is still to be made', async () => {
    expect((await story(neverAnswered)).filter((line) => line.startsWith('firstResponse'))).toEqual([
      'firstResponse started 2026-03-09 09:00',
      'firstResponse warning 2026-03-09 09:30',
      'firstResponse breached 2026-03-09 10:00',
      'firstResponse succeeded 2026-03-09 10:30',
    ]);
    const { body } = await service.anna.get(`/v1/cases/${neverAnswered.caseId}`);
    expect(body.firstRespondedOn).toBe('2026-03-09T10:30:00.000Z');
    const { 'firstResponse 1': clock } = await clocks(neverAnswered);
    expect(clock).toMatchObject({ status: 'noncompliant', succeededAt: '2026-03-09T10:30:00.000Z', usedMinutes: 90 });
  });

  it('is a person’s first public message, and is promised once, also to a case that is reopened', async () => {
    expect((await story(answeredInTime)).filter((line) => line.startsWith('firstResponse'))).toEqual([
      'firstResponse started 2026-03-09 09:00',
      'firstResponse warning 2026-03-09 09:30',
      'firstResponse succeeded 2026-03-09 09:45',
    ]);
    const { body } = await service.anna.get(`/v1/cases/${answeredInTime.caseId}`);
    expect(body.firstRespondedOn).toBe('2026-03-09T09:45:00.000Z');
    expect(Object.keys(await clocks(answeredInTime)).filter((name) => name.startsWith('firstResponse'))).toHaveLength(
      1,
    );
  });

  it('is given by the agent who logs a call', async () => {
    expect((await story(logged)).slice(0, 3)).toEqual([
      'firstResponse started 2026-03-09 09:00',
      'firstResponse succeeded 2026-03-09 09:00',
      'resolve started 2026-03-09 09:00',
    ]);
  });

  it('is not given by a machine that logs a call, and is void when the case is resolved without one', async () => {
    expect(await story(heardByAMachine)).toEqual([
      'firstResponse started 2026-03-09 09:00',
      'resolve started 2026-03-09 09:00',
      'firstResponse warning 2026-03-09 09:30',
      'firstResponse cancelled 2026-03-09 09:30',
      'resolve succeeded 2026-03-09 09:30',
    ]);
    const { body } = await service.anna.get(`/v1/cases/${heardByAMachine.caseId}`);
    expect(body.resolution.sla).toEqual([
      { kpi: 'firstResponse', status: 'cancelled' },
      { kpi: 'resolve', status: 'succeeded' },
    ]);
  });
});

describe('timers that somebody deletes', () => {
  it('are found by the sweeper, which fires them, dates them when they were due, and counts them', async () => {
    const lost = [];
    for (let n = 0; n < 3; n += 1) lost.push(await service.opened({ slaId: 'standard', queueId: 'desk' }));
    const kept = await service.opened({ slaId: 'half-day', queueId: 'desk' });
    await service.settled();
    const executions = executionsOf(service.host);
    for (const { caseId } of lost) {
      const [running] = await executions.running(caseId);
      await executions.stop(running!);
      expect(await executions.running(caseId)).toEqual([]);
    }
    // Opened on Friday at 17:00, so from Monday 09:00: the warning is due at 15:00.
    await service.clockTo('2026-03-16T15:02:00Z');
    for (const { caseId } of lost) {
      expect(await clockStory(service.anna, caseId)).toEqual([
        'resolve started 2026-03-13 17:00',
        'resolve warning 2026-03-16 15:00',
      ]);
    }
    expect(await clockStory(service.anna, kept.caseId)).toEqual([
      'resolve started 2026-03-13 17:00',
      'resolve breached 2026-03-16 13:00',
    ]);
    expect(measured('sweeper', 'OverdueTimers').at(-1)).toBe(3);
    expect(measured('sweeper', 'TimerLateness').slice(-3)).toEqual([120_000, 120_000, 120_000]);
    expect(measured('ring', 'TimerLateness').at(-1)).toBe(0);
  });
});

/** The values of a metric that a function has written to its log in Embedded Metric Format, for this stage. */
const measured = (name: string, metric: string): number[] =>
  readdirSync(service.host.logs)
    .filter((file) => file.endsWith(`.${name}.log`))
    .flatMap((file) => readFileSync(join(service.host.logs, file), 'utf8').split('\n'))
    .filter((line) => line.includes('"_aws"'))
    .map((line) => JSON.parse(line.slice(line.indexOf('{'))))
    .filter(({ service: of }) => of === name)
    .flatMap((values) => values[metric] ?? []);
