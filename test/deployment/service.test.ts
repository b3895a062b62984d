import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startHost } from '../../infra/local/host.ts';
import { type Answer, type Client, clientOf, everyItem } from '../support/api-client.ts';
import { assemblyOnce } from '../support/assembly-once.ts';
import { CALLERS, ROLES, type Target, targetFromEnvironment, targetOf, tokensBy } from './target.ts';

/**
 * What must hold wherever Docket runs, told by nothing but its API: on the local host, when the environment names no
 * service, or at `DOCKET_URL` (`docs/deployment.md`). Time is the target's own: what takes a minute is waited for, so the
 * clocks start first and are looked at last. Whatever it makes carries the name of its run; a setting that all cases
 * share is put back.
 */
type Body = Answer['body'];

const run = `run-${randomUUID().slice(0, 8)}`;
const done = { resolutionType: 'problemSolved', resolution: 'Done' };

/** Fast enough that a minute is no wait, slow enough that requests take seconds of its time and not minutes. */
const LOCAL_SPEED = 20;

let target: Target;
let customerId: string;
let stop = async () => {};

// A function that starts for the first time, twenty-five cases one after the other, a clock of a minute.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

/** A stream, a timer or a list may take this long to follow on a target that is just starting up. */
const FOLLOWS = { timeout: 45_000, interval: 250 };
const eventually = <Found>(look: () => Promise<Found>): Promise<Found> => vi.waitFor(look, FOLLOWS);
/** A clock of two minutes has run out, and everything has heard of it. */
const CLOCKS_RUN_OUT = { timeout: 150_000, interval: 1000 };

const accepted = ({ status, body }: Answer): Body => {
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
};
const opened = async (fields: object = {}, by: Client = target.agent): Promise<Body> =>
  accepted(await by.post('/v1/cases', { title: `The printer is on fire`, customerId, origin: 'web', ...fields }));
const read = async (caseId: string): Promise<Body> => accepted(await target.agent.get(`/v1/cases/${caseId}`));
const act = async (caseId: string, verb: string, body: object = {}, by: Client = target.agent): Promise<Body> =>
  accepted(await by.post(`/v1/cases/${caseId}/${verb}`, body));
const timeline = (caseId: string): Promise<Body[]> => everyItem(target.agent, `/v1/cases/${caseId}/timeline`);
const told = async (caseId: string, type: string) => (await timeline(caseId)).filter((post) => post.type === type);
const clock = async (caseId: string, kpi = 'resolve'): Promise<Body> =>
  accepted(await target.agent.get(`/v1/cases/${caseId}/sla`)).kpis.find((one: Body) => one.kpi === kpi);

/** Cases whose clocks of a minute or two run while everything else is tried. */
const clocks: { left?: Body; held?: Body; met?: Body; before?: Body } = {};

beforeAll(async () => {
  target = (await targetFromEnvironment(process.env)) ?? (await startLocally());
  for (const caller of CALLERS) await target[caller].get('/v1/cases?limit=1');
  accepted(await target.agent.post('/v1/customers', { id: run, name: `Ada of ${run}`, kind: 'contact' }));
  customerId = run;
  accepted(await target.admin.put(`/v1/queues/${run}`, { name: run, visibility: 'public' }));
  accepted(
    await target.admin.put(`/v1/settings/slas/${run}`, {
      name: run,
      items: [
        { id: 'solve', kpi: 'resolve', targetMinutes: 1 },
        { id: 'answer', kpi: 'firstResponse', targetMinutes: 2, warnMinutes: 1 },
      ],
    }),
  );
  clocks.met = await opened({ slaId: run, queueId: run });
  await act(clocks.met.caseId, 'resolve', done);
  clocks.left = await opened({ slaId: run, queueId: run });
  clocks.held = await opened({ slaId: run, queueId: run });
  accepted(await target.agent.patch(`/v1/cases/${clocks.held.caseId}`, { statusReason: 'onHold' }));
  clocks.before = await clock(clocks.held.caseId);
});

const startLocally = async (): Promise<Target> => {
  const data = mkdtempSync(join(tmpdir(), 'docket-deployment-'));
  const host = await startHost({ port: 0, data, speed: LOCAL_SPEED, assembly: await assemblyOnce(), coldStarts: true });
  stop = async () => {
    await host.stop();
    rmSync(data, { recursive: true, force: true });
  };
  return targetOf(host.url, await tokensBy((name) => host.token({ sub: name, roles: [ROLES[name]] })));
};

afterAll(() => stop());

describe('at the door', () => {
  it('whoever has no token, or a forged one, is turned away by the gateway', async () => {
    expect(await target.stranger.get('/v1/cases')).toMatchObject({ status: 401, body: { message: 'Unauthorized' } });
    const [head, claims, signature = ''] = target.tokens.agent.split('.');
    const forged = [head, claims, [...signature].reverse().join('')].join('.');
    expect(await clientOf(target.url, forged).get('/v1/cases')).toMatchObject({ status: 401 });
  });

  it('an unknown route is a problem in the form of all others', async () => {
    const answer = await target.stranger.get('/v2/nonsense');
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });

  it('an integration may open a case and nothing more, and an agent may not set things up', async () => {
    const { caseId } = await opened({ queueId: run }, target.integration);
    const resolved = await target.integration.post(`/v1/cases/${caseId}/resolve`, done);
    expect(resolved).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect((await target.agent.put('/v1/settings/case-settings', {})).status).toBe(403);
    const [created] = await everyItem(target.agent, `/v1/cases/${caseId}/audit`);
    expect(created).toMatchObject({ action: 'case.created', actor: target.idOf('integration') });
  });

  it('every list of the OpenAPI document answers an admin: each function runs and may read what it needs', async () => {
    const { paths } = accepted(await target.stranger.get('/openapi.json'));
    const lists = Object.keys(paths).filter(
      (path) => path.startsWith('/v1/') && paths[path].get && !path.includes('{'),
    );
    expect(lists.length).toBeGreaterThan(20);
    for (const path of lists) {
      const { status, body } = await target.admin.get(path);
      expect([200, 400], `${path} ${JSON.stringify(body)}`).toContain(status);
    }
  });
});

describe('a case', () => {
  it('opens, is edited by whoever saw its last version, is resolved and reopened, and tells all of it', async () => {
    const { caseId, version } = await opened({ queueId: run });
    const edited = await target.agent.patch(`/v1/cases/${caseId}`, { priority: 'high' }, { ifMatch: version });
    expect(edited).toMatchObject({ status: 200, body: { priority: 'high', version: version + 1 } });
    expect(edited.headers.get('etag')).toBe(`"${version + 1}"`);
    const late = await target.colleague.patch(`/v1/cases/${caseId}`, { priority: 'low' }, { ifMatch: version });
    expect(late).toMatchObject({ status: 412, body: { code: 'STALE_VERSION' } });
    await act(caseId, 'activities', { type: 'note', body: 'Smoke was seen' });
    expect(await act(caseId, 'resolve', done)).toMatchObject({ status: 'resolved', statusReason: 'problemSolved' });
    expect((await target.agent.post(`/v1/cases/${caseId}/resolve`, done)).body.code).toBe('ALREADY_RESOLVED');
    expect(await act(caseId, 'reactivate')).toMatchObject({ status: 'active', reopenCount: 1, queueId: run });
    const actions = (await everyItem(target.agent, `/v1/cases/${caseId}/audit`)).map(({ action }) => action);
    expect(actions).toEqual(
      expect.arrayContaining(['case.created', 'case.updated', 'case.resolved', 'case.reactivated']),
    );
    expect((await timeline(caseId)).some(({ body }) => body === 'Smoke was seen')).toBe(true);
  });

  it('is opened once by a request that comes again, comes twice at once, or comes with another body', async () => {
    const body = { title: 'Once', customerId, origin: 'web', queueId: run };
    const key = randomUUID();
    const twice = await Promise.all([1, 2].map(() => target.agent.post('/v1/cases', body, { key })));
    const again = await target.agent.post('/v1/cases', body, { key });
    expect(new Set([...twice, again].map((answer) => accepted(answer).caseId)).size).toBe(1);
    const other = await target.agent.post('/v1/cases', { ...body, title: 'Twice' }, { key });
    expect(other).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_MISMATCH' } });
  });

  it('is in the lists of its customer and its queue', async () => {
    const { caseId } = await opened({ queueId: run });
    await eventually(async () => {
      for (const list of [`/v1/cases?customerId=${customerId}`, `/v1/queues/${run}/items`]) {
        expect(
          (await everyItem(target.agent, list)).map((item) => item.caseId ?? item.case?.caseId),
          list,
        ).toContain(caseId);
      }
    });
  });
});

describe('routing', () => {
  it('finds a place for a case that was given none, without touching its version', async () => {
    const { caseId, version } = await opened();
    await eventually(async () => expect(await told(caseId, 'case.routed')).toHaveLength(1));
    const routed = await read(caseId);
    expect(routed.queueId ?? routed.ownerId).toBeDefined();
    expect(routed.version).toBe(version);
  });

  it('lets one person pick a case, and another only after its release', async () => {
    const { caseId } = await opened({ queueId: run });
    const item = `/v1/queues/${run}/items/${caseId}`;
    expect((await target.agent.post(`${item}/pick`)).status).toBe(200);
    const second = await target.colleague.post(`${item}/pick`);
    expect(second).toMatchObject({ status: 409, body: { code: 'ALREADY_PICKED', workedBy: target.idOf('agent') } });
    await target.agent.post(`${item}/release`);
    expect((await target.colleague.post(`${item}/pick`)).status).toBe(200);
  });
});

describe('a family and a merge, larger than one transaction', () => {
  it('a parent that is resolved takes its twenty-five children along, and no new one is let in', async () => {
    const before = accepted(await target.admin.get('/v1/settings/case-settings'));
    await target.admin.put('/v1/settings/case-settings', { closurePolicy: 'cascadeToChildren' });
    try {
      const parent = await opened({ queueId: run });
      for (let n = 0; n < 25; n += 5) {
        await Promise.all([1, 2, 3, 4, 5].map(() => opened({ parentId: parent.caseId, customerId: undefined })));
      }
      const { cascade } = await act(parent.caseId, 'resolve', done);
      expect(cascade).toMatchObject({ state: 'running', total: 25 });
      const late = await target.agent.post('/v1/cases', { parentId: parent.caseId, origin: 'web' });
      expect(late).toMatchObject({ status: 409, body: { code: 'PARENT_NOT_ACTIVE' } });
      await eventually(async () =>
        expect((await read(parent.caseId)).cascade).toMatchObject({ state: 'completed', closed: 25, failed: 0 }),
      );
      const children = await everyItem(target.agent, `/v1/cases/${parent.caseId}/children`);
      expect(children.map(({ status }) => status)).toEqual(Array(25).fill('resolved'));
    } finally {
      await restoreCaseSettings(before);
    }
  });

  it('merged cases keep their history with the survivor, and one of them can be taken out again', async () => {
    const [survivor, one, two] = [await opened({ queueId: run }), await opened(), await opened()];
    await act(one.caseId, 'activities', { type: 'note', body: 'Heard of one' });
    await act(survivor.caseId, 'merge', { caseIds: [one.caseId, two.caseId] });
    await eventually(async () => expect((await read(survivor.caseId)).mergeState).toBe('done'));
    expect(await read(one.caseId)).toMatchObject({ status: 'cancelled', mergedInto: survivor.caseId });
    expect(await timeline(survivor.caseId)).toContainEqual(
      expect.objectContaining({ body: 'Heard of one', mergedFrom: one.caseId }),
    );
    await act(survivor.caseId, 'unmerge', { caseId: one.caseId });
    await eventually(async () => expect(await read(one.caseId)).toMatchObject({ status: 'active' }));
  });
});

/** What GET tells of the case settings, without what cannot be put. */
const restoreCaseSettings = async (before: Body) => {
  const { paths, components } = accepted(await target.stranger.get('/openapi.json'));
  const { $ref } = paths['/v1/settings/case-settings'].put.requestBody.content['application/json'].schema;
  const names = Object.keys(components.schemas[$ref.split('/').at(-1)].properties);
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => names.includes(name)));
  accepted(await target.admin.put('/v1/settings/case-settings', kept));
};

describe('what follows from facts', () => {
  it('a case is found by its words a moment after it was opened', async () => {
    const word = `wombat${run.slice(4)}`;
    const { caseId } = await opened({ title: `The ${word} is out`, queueId: run });
    await eventually(async () => {
      const hits = await everyItem(target.agent, `/v1/search?q=${word}`);
      expect(hits.map((hit) => hit.case?.caseId)).toContain(caseId);
    });
  });

  it('a closing is counted once in the reports', async () => {
    const product = `product-${run}`;
    for (const verb of ['resolve', 'cancel']) {
      const { caseId } = await opened({ product, queueId: run });
      await act(caseId, verb, verb === 'resolve' ? done : {});
    }
    await eventually(async () => {
      const { items } = accepted(await target.supervisor.get('/v1/reports/product-volume'));
      expect(items.find((item: Body) => item.product === product)).toMatchObject({ cases: 2 });
      const closed = accepted(await target.supervisor.get('/v1/reports/closed-by-reason?groupBy=queue')).items;
      expect(closed.some((item: Body) => item.queue === run)).toBe(true);
    });
  });
});

describe('settings', () => {
  it('hold from the answer on, are kept by version, and are not deleted while something needs them', async () => {
    const calendar = { timeZone: 'Europe/London', weekly: { mon: [{ from: '09:00', to: '17:00' }] } };
    expect((await target.admin.put(`/v1/settings/calendars/${run}`, calendar)).body).toMatchObject({ version: 1 });
    const sla = { name: run, items: [{ id: 'solve', kpi: 'resolve', targetMinutes: 60, calendarId: run }] };
    accepted(await target.admin.put(`/v1/settings/slas/${run}-hours`, sla));
    expect((await target.admin.delete(`/v1/settings/calendars/${run}`)).body.code).toBe('IN_USE');
    const { caseId } = await opened({ slaId: `${run}-hours`, queueId: run });
    expect(await clock(caseId)).toMatchObject({ calendarId: run, calendarVersion: 1, status: 'inProgress' });
    expect((await target.admin.put(`/v1/settings/calendars/${run}`, { ...calendar, weekly: {} })).body.code).toBe(
      'CALENDAR_NEVER_OPEN',
    );
  });
});

describe('clocks', () => {
  it('one that is met in time has succeeded', async () => {
    expect(await clock(clocks.met.caseId)).toMatchObject({ status: 'succeeded', generation: 1 });
  });

  it('one that nobody minds is missed, dated to the millisecond, and another one warns', async () => {
    const { caseId } = clocks.left;
    // What is read tells of a missed deadline at once; only the timeline tells that its alarm has rung.
    await vi.waitFor(async () => {
      expect((await told(caseId, 'sla.breached'))[0]).toMatchObject({ kpi: 'resolve' });
      expect(await told(caseId, 'sla.warning')).toHaveLength(1);
    }, CLOCKS_RUN_OUT);
    const [missed, warned] = [await clock(caseId), await clock(caseId, 'firstResponse')];
    expect(missed).toMatchObject({ status: 'noncompliant', breachedAt: missed.failAt });
    expect(Date.parse(missed.failAt) - Date.parse(clocks.left.createdOn)).toBe(60_000);
    expect(warned.warnedAt).toBe(warned.warnAt);
  });

  it('one that is held lets its old deadline pass, and has left what it had when it goes on', async () => {
    const { caseId } = clocks.held;
    expect(clocks.before).toMatchObject({ status: 'paused' });
    expect(await clock(caseId)).toMatchObject({ status: 'paused', remainingMinutes: clocks.before.remainingMinutes });
    accepted(await target.agent.patch(`/v1/cases/${caseId}`, { statusReason: 'inProgress' }));
    const { failAt, segments, status } = await clock(caseId);
    expect(status).toBe('inProgress');
    const ran = segments.filter(({ kind }: Body) => kind === 'running');
    const used = Date.parse(ran[0].to) - Date.parse(ran[0].from);
    expect(Date.parse(failAt) - Date.parse(ran[1].from)).toBe(60_000 - used);
    await act(caseId, 'cancel');
  });
});
