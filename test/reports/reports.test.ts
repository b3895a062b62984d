import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { reports } from '../../domain/reports/reports.ts';
import { type Answer, everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();
const done = { resolutionType: 'problemSolved', resolution: 'Done' };

type Item = Record<string, unknown>;

const report = async (name: string, query = ''): Promise<Answer['body']> => {
  await service.settled();
  const { status, body } = await service.supervisor.get(`/v1/reports/${name}?from=2026-03-01&to=2026-03-31&${query}`);
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
};
const items = async (name: string, query = ''): Promise<Item[]> => (await report(name, query)).items;
const act = async (caseId: string, command: string, body: object = {}, by = service.anna): Promise<Answer['body']> => {
  const answer = await by.post(`/v1/cases/${caseId}/${command}`, body);
  if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

beforeAll(async () => {
  // Whoever signs in becomes known, and can be given cases.
  for (const person of [service.anna, service.ben]) await person.get('/v1/queues');
});

describe('subject volume', () => {
  it('rolls up over the tree as it is now, and follows a case that gets another subject', async () => {
    for (const [id, parentId] of [['billing'], ['invoice', 'billing'], ['address', 'invoice'], ['repair']]) {
      await service.admin.put(`/v1/settings/subjects/${id}`, { name: `The ${id}`, ...(parentId && { parentId }) });
    }
    await service.opened({ subjectId: 'billing' });
    const moved = await service.opened({ subjectId: 'repair' });
    await service.opened({ subjectId: 'address' });
    await service.settled();
    await service.anna.patch(`/v1/cases/${moved.caseId}`, { subjectId: 'invoice' });
    expect(await items('subject-volume')).toEqual([
      { subject: 'billing', name: 'The billing', path: ['billing'], own: 1, cases: 3 },
      { subject: 'invoice', name: 'The invoice', path: ['billing', 'invoice'], own: 1, cases: 2 },
      { subject: 'address', name: 'The address', path: ['billing', 'invoice', 'address'], own: 1, cases: 1 },
    ]);
    await service.admin.put('/v1/settings/subjects/address', { name: 'The address', parentId: 'repair' });
    expect(await items('subject-volume')).toContainEqual({
      subject: 'repair',
      name: 'The repair',
      path: ['repair'],
      own: 0,
      cases: 1,
    });
  });
});

describe('product volume', () => {
  it('counts by product, origin, priority or type', async () => {
    await service.opened({ product: 'Laser | 9000', origin: 'email', priority: 'urgent', caseType: 'problem' });
    expect(await items('product-volume')).toContainEqual({ product: 'Laser | 9000', cases: 1 });
    expect(await items('product-volume', 'groupBy=origin')).toContainEqual({ origin: 'email', cases: 1 });
    expect(await items('product-volume', 'groupBy=priority')).toContainEqual({ priority: 'urgent', cases: 1 });
    expect(await items('product-volume', 'groupBy=type')).toContainEqual({ type: 'problem', cases: 1 });
  });
});

describe('closings', () => {
  it('are told by reason, agent, team and queue, and resolutions that did not hold as reopened', async () => {
    await service.admin.put('/v1/teams/front', { name: 'Front', members: ['anna'] });
    const [first, second, third] = [await service.opened(), await service.opened(), await service.opened()];
    await service.settled();
    await act(first.caseId, 'resolve', done);
    await act(first.caseId, 'reactivate');
    await act(first.caseId, 'resolve', { ...done, resolutionType: 'informationProvided' });
    await act(second.caseId, 'resolve', done, service.ben);
    await act(third.caseId, 'cancel');

    expect(await items('closed-by-reason')).toEqual([
      { status: 'cancelled', reason: 'cancelled', label: 'Cancelled', closed: 1 },
      { status: 'resolved', reason: 'informationProvided', label: 'Information Provided', closed: 1 },
      { status: 'resolved', reason: 'problemSolved', label: 'Problem Solved', closed: 2 },
    ]);
    expect((await report('closed-by-reason', 'groupBy=team')).items).toHaveLength(3);
    expect(await items('closed-by-reason', 'groupBy=agent')).toContainEqual({
      agent: 'ben',
      status: 'resolved',
      reason: 'problemSolved',
      label: 'Problem Solved',
      closed: 1,
    });
    expect(await items('closed-by-reason', 'groupBy=queue')).toContainEqual(
      expect.objectContaining({ queue: 'default' }),
    );

    const rate = await report('reopen-rate');
    expect(rate.totals).toEqual({ resolved: 3, reopened: 1, resolvedForGood: 2, reopenRate: 0.3333 });
    expect(rate.items).toContainEqual({
      reason: 'problemSolved',
      label: 'Problem Solved',
      resolved: 2,
      reopened: 1,
      resolvedForGood: 1,
      reopenRate: 0.5,
    });
  });
});

describe('received, first-responded and resolved', () => {
  it('are each agent’s, team’s and queue’s own', async () => {
    await service.supervisor.post('/v1/queues', { id: 'desk', name: 'Desk', visibility: 'public' });
    const ben = async (groupBy: string, key: string) =>
      (await items('received', `groupBy=${groupBy}`)).find((item) => item[groupBy] === key);
    const before = (await ben('agent', 'ben')) ?? { received: 0, firstResponded: 0, resolved: 0 };
    const { caseId } = await service.opened({ queueId: 'desk' });
    await service.ben.post(`/v1/queues/desk/items/${caseId}/pick`);
    await act(caseId, 'activities', { type: 'email', direction: 'outbound', body: 'Have you tried…' }, service.ben);
    await act(caseId, 'activities', { type: 'email', direction: 'outbound', body: 'And now?' }, service.ben);
    await act(caseId, 'resolve', done, service.ben);
    expect(await ben('agent', 'ben')).toEqual({
      agent: 'ben',
      received: Number(before.received) + 1,
      firstResponded: Number(before.firstResponded) + 1,
      resolved: Number(before.resolved) + 1,
    });
    expect(await ben('queue', 'desk')).toEqual({ queue: 'desk', received: 1, firstResponded: 1, resolved: 1 });
  });

  it('follow who is in a team now', async () => {
    const team = async () => (await items('received', 'groupBy=team')).find(({ team: id }) => id === 'front');
    const before = Number((await team())?.received ?? 0);
    await service.opened({ ownerId: 'ben' });
    expect((await team())?.received ?? 0).toBe(before);
    await service.admin.put('/v1/teams/front', { name: 'Front', members: ['ben'] });
    const all = (await items('received', 'groupBy=agent')).find(({ agent }) => agent === 'ben');
    expect(await team()).toEqual({ ...all, agent: undefined, team: 'front' });
  });

  it('count a child that an agent opened as received by that agent, and its answer for nobody', async () => {
    const carla = await service.as('carla', 'agent');
    const parent = await service.opened();
    const child = await service.opened({ parentId: parent.caseId }, carla);
    await act(child.caseId, 'activities', { type: 'email', direction: 'outbound', body: 'Please look' }, carla);
    const mine = (await items('received')).find(({ agent }) => agent === 'carla');
    expect(mine).toEqual({ agent: 'carla', received: 1, firstResponded: 0, resolved: 0 });
    expect((await items('first-response')).find(({ agent }) => agent === 'carla')).toMatchObject({
      responded: 0,
      averageMinutes: null,
      excluded: 1,
    });
  });
});

describe('SLA reports', () => {
  const dora = async () => service.as('dora', 'agent');

  beforeAll(async () => {
    await service.admin.put('/v1/settings/slas/gold', {
      name: 'Gold',
      items: [
        { id: 'first', kpi: 'firstResponse', targetMinutes: 60, warnMinutes: 30 },
        { id: 'solve', kpi: 'resolve', targetMinutes: 240 },
      ],
    });
  });

  it('tell who is at risk, the next to be missed first, and each case once', async () => {
    const customerId = await service.customer({ tier: 'gold' });
    const opened = [];
    for (let n = 0; n < 3; n += 1) {
      opened.push((await service.opened({ slaId: 'gold', customerId, priority: 'high' })).caseId);
      await service.clockTo(new Date(service.host.now() + 10 * 60_000).toISOString());
    }
    const [first, second, third] = opened;
    const atRisk = async () => (await everyItem(service.anna, '/v1/cases?slaAtRisk=true')).map(({ caseId }) => caseId);
    // 09:30: the first one has warned; 09:45: the second one too.
    expect(await atRisk()).toEqual([first]);
    await service.clockTo('2026-03-02T09:45:00.000Z');
    expect(await atRisk()).toEqual([first, second]);
    const page = await service.anna.get('/v1/cases?slaAtRisk=true&limit=1');
    expect(page.body.items).toHaveLength(1);
    expect(page.body.nextCursor).toBeDefined();
    await act(first!, 'activities', { type: 'email', direction: 'outbound', body: 'We are on it' }, await dora());
    await service.clockTo('2026-03-02T10:20:00.000Z');
    // The second and third have missed their answer by now; no clock without a warning has an hour or less.
    expect(await atRisk()).toEqual([]);
    await service.clockTo('2026-03-02T12:25:00.000Z');
    expect(await atRisk()).toEqual(opened);
    expect(await everyItem(service.anna, '/v1/cases?slaAtRisk=true&priority=low')).toEqual([]);

    const review = (await service.supervisor.get('/v1/reports/queue-review?limit=100')).body;
    expect(review.items.find(({ queueId }: Item) => queueId === 'default')).toMatchObject({ breached: 2 });

    await act(second!, 'resolve', done);
    await act(third!, 'cancel');
    const compliance = await report('sla-compliance');
    expect(compliance.items).toEqual([
      { kpi: 'firstResponse', succeeded: 1, noncompliant: 2, cancelled: 0, paused: 0, open: 0, compliance: 0.3333 },
      { kpi: 'resolve', succeeded: 1, noncompliant: 0, cancelled: 1, paused: 0, open: 1, compliance: 1 },
    ]);
    expect(await items('sla-compliance', 'groupBy=tier')).toContainEqual(
      expect.objectContaining({ kpi: 'firstResponse', tier: 'gold', noncompliant: 2 }),
    );
    expect(await items('sla-compliance', 'groupBy=priority')).toContainEqual(
      expect.objectContaining({ kpi: 'resolve', priority: 'high', succeeded: 1 }),
    );
  });

  it('count a clock that a reopening replaced in the reopen report only', async () => {
    const { caseId } = await service.opened({ slaId: 'gold' });
    await act(caseId, 'resolve', done);
    const before = (await report('sla-compliance')).items.find(({ kpi }: Item) => kpi === 'resolve');
    await act(caseId, 'reactivate');
    const after = (await report('sla-compliance')).items.find(({ kpi }: Item) => kpi === 'resolve');
    expect(after).toEqual({ ...before, succeeded: before.succeeded - 1, open: before.open + 1, compliance: 1 });
    expect(await items('reopen-rate', 'groupBy=kpi')).toEqual([{ kpi: 'resolve', succeeded: 1, noncompliant: 0 }]);
  });

  it('ask for the cause of a breach until somebody answers for it', async () => {
    const causes = () => items('breach-causes');
    const [unanswered] = await causes();
    expect(unanswered).toEqual({ cause: null, breaches: 2 });
    const [breached] = await everyItem(service.anna, '/v1/cases?status=resolved').then((all) =>
      all.filter(({ sla }) => sla.status === 'noncompliant'),
    );
    const answer = await act(breached.caseId, 'sla/firstResponse/acknowledge', {
      reasonCode: 'sick-leave',
      note: 'Flu',
    });
    const clock = answer.kpis.find(({ kpi }: Item) => kpi === 'firstResponse');
    expect(clock.acknowledgement).toMatchObject({ reasonCode: 'sick-leave', note: 'Flu', by: 'anna' });
    expect(await causes()).toEqual([
      { cause: null, breaches: 1 },
      { cause: 'sick-leave', breaches: 1 },
    ]);
    await act(breached.caseId, 'sla/firstResponse/acknowledge', { reasonCode: 'no-shift' });
    expect(await causes()).toContainEqual({ cause: 'no-shift', breaches: 1 });
    expect(
      await service.anna.post(`/v1/cases/${breached.caseId}/sla/resolve/acknowledge`, { reasonCode: 'x' }),
    ).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
  });

  it('tell how fast first responses were', async () => {
    const speed = (await items('first-response', 'groupBy=agent')).find(({ agent }) => agent === 'dora');
    expect(speed).toMatchObject({
      responded: 1,
      averageMinutes: 45,
      within15Minutes: 0,
      within60Minutes: 1,
      within240Minutes: 1,
    });
    expect(await items('first-response', 'groupBy=priority')).toContainEqual(
      expect.objectContaining({ priority: 'high' }),
    );
  });
});

describe('the review of queues', () => {
  it('tells what waits, since when, and what nobody works on', async () => {
    await service.supervisor.post('/v1/queues', { id: 'quiet', name: 'Quiet', visibility: 'public' });
    const state = async () => {
      await service.settled();
      const { body } = await service.supervisor.get('/v1/reports/queue-review?limit=100');
      return body.items.find(({ queueId }: Item) => queueId === 'quiet');
    };
    expect(await state()).toMatchObject({ name: 'Quiet', waiting: 0, averageAgeMinutes: null, oldestSince: null });
    const oldest = await service.opened({ queueId: 'quiet', priority: 'low' });
    await service.clockTo(new Date(service.host.now() + 60 * 60_000).toISOString());
    const picked = await service.opened({ queueId: 'quiet', priority: 'urgent' });
    await service.anna.post(`/v1/queues/quiet/items/${picked.caseId}/pick`);
    await service.clockTo(new Date(service.host.now() + 60 * 60_000).toISOString());
    expect(await state()).toEqual({
      queueId: 'quiet',
      name: 'Quiet',
      waiting: 2,
      unpicked: 1,
      atRisk: 0,
      breached: 0,
      averageAgeMinutes: 90,
      oldestSince: oldest.createdOn,
      oldestAgeMinutes: 120,
    });
    await act(oldest.caseId, 'resolve', done);
    expect(await state()).toMatchObject({ waiting: 1, unpicked: 0, oldestAgeMinutes: 60 });
    const pages = await everyItem(service.supervisor, '/v1/reports/queue-review');
    expect(new Set(pages.map(({ queueId }) => queueId)).size).toBe(pages.length);
  });
});

describe('articles', () => {
  it('are told by their use, and subjects by how often an article resolved their cases', async () => {
    const article = async (title: string) =>
      (await service.anna.post('/v1/articles', { title, body: 'Turn it off and on.', visibility: 'internal' })).body
        .articleId;
    const [good, poor] = [await article('How to restart'), await article('How to worry')];
    await service.admin.put('/v1/settings/subjects/reboot', { name: 'Reboot' });
    const [first, second] = [
      await service.opened({ subjectId: 'reboot' }),
      await service.opened({ subjectId: 'reboot' }),
    ];
    await service.anna.put(`/v1/cases/${first.caseId}/articles/${poor}`);
    await service.anna.delete(`/v1/cases/${first.caseId}/articles/${poor}`);
    await service.anna.put(`/v1/cases/${second.caseId}/articles/${poor}`);
    await act(first.caseId, 'resolve', { ...done, articleId: good });
    await act(second.caseId, 'resolve', done);
    expect((await items('article-usage')).sort((a, b) => (String(a.title) < String(b.title) ? -1 : 1))).toEqual([
      { article: good, title: 'How to restart', linked: 1, resolved: 1 },
      { article: poor, title: 'How to worry', linked: 1, resolved: 0 },
    ]);
    expect(await items('article-usage', 'groupBy=subject')).toContainEqual({
      subject: 'reboot',
      name: 'Reboot',
      resolutions: 2,
      withArticle: 1,
      withoutArticle: 1,
      share: 0.5,
    });
  });
});

describe('every report', () => {
  it('tells its definition, the instant up to which it counts, and its parts by the days of a zone', async () => {
    const body = await report('product-volume', 'interval=day&timeZone=Asia/Kathmandu&groupBy=origin');
    expect(body).toMatchObject({
      report: 'product-volume',
      definition: expect.stringContaining('opened'),
      asOf: new Date(service.host.now()).toISOString(),
      timeZone: 'Asia/Kathmandu',
      interval: 'day',
      from: '2026-02-28T18:15:00.000Z',
    });
    expect(body.series).toHaveLength(31);
    const sum = body.series.reduce((all: number, { totals }: { totals: { cases: number } }) => all + totals.cases, 0);
    expect(sum).toBe(body.totals.cases);
    expect(body.series[0].totals.cases).toBe(0);
    expect(body.series[1].totals.cases).toBeGreaterThan(10);
  });

  it.each(Object.values(reports).map(({ name }) => name))('%s can be had by the weeks of a zone', async (name) => {
    const { series, from, to } = await report(name, 'interval=week&timeZone=America/New_York');
    // March 2026 begins on a Sunday and ends on a Tuesday; clocks change on the 8th.
    expect(series.map((part: { from: string }) => part.from)).toEqual([
      from,
      '2026-03-02T05:00:00.000Z',
      '2026-03-09T04:00:00.000Z',
      '2026-03-16T04:00:00.000Z',
      '2026-03-23T04:00:00.000Z',
      '2026-03-30T04:00:00.000Z',
    ]);
    expect([from, to]).toEqual(['2026-03-01T05:00:00.000Z', '2026-04-01T04:00:00.000Z']);
  });

  it('is for supervisors, and refuses what it does not know', async () => {
    expect((await service.anna.get('/v1/reports/received')).body.code).toBe('FORBIDDEN');
    for (const query of [
      'groupBy=weather',
      'timeZone=Mars/Base',
      'interval=year',
      'from=yesterday',
      'from=2026-03-02&to=2026-03-01',
    ]) {
      expect((await service.supervisor.get(`/v1/reports/received?${query}`)).body.code, query).toBe(
        'VALIDATION_FAILED',
      );
    }
  });
});

describe('a recount', () => {
  it('of all that was done here, by the program that operators run, finds no difference', async () => {
    await service.settled();
    const args = ['infra/local/rebuild-reports.ts', '--url', service.host.url, '--repair'];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout).toMatch(/done: \d+ cases counted, 0 sums differ/);
    expect((await report('closed-by-reason')).totals.closed).toBeGreaterThan(5);
  });

  it('is for admins', async () => {
    expect((await service.supervisor.post('/v1/reports/rebuilds', {})).body.code).toBe('FORBIDDEN');
  });
});
