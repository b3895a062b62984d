import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answer, type Client, everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();
const nightly = process.env.NIGHTLY !== undefined;

const queue = (id: string, fields: object = {}) =>
  service.supervisor.put(`/v1/queues/${id}`, { name: id, visibility: 'public', ...fields });
const user = (id: string, fields: object = {}) => service.admin.put(`/v1/users/${id}`, { name: id, ...fields });
const team = (id: string, members: string[], fields: object = {}) =>
  service.admin.put(`/v1/teams/${id}`, { name: id, members, ...fields });
const pick = (client: Client, queueId: string, caseId: string) =>
  client.post(`/v1/queues/${queueId}/items/${caseId}/pick`);
const release = (client: Client, queueId: string, caseId: string) =>
  client.post(`/v1/queues/${queueId}/items/${caseId}/release`);
const theCase = async (caseId: string) => (await service.supervisor.get(`/v1/cases/${caseId}`)).body;
const audit = async (caseId: string) => everyItem(service.supervisor, `/v1/cases/${caseId}/audit`);
const idsOf = (items: Answer['body'][]) => items.map(({ caseId }) => caseId);
const later = async (minutes: number) => {
  const { now } = (await service.nobody.get('/health')).body;
  await service.clockTo(new Date(Date.parse(now) + minutes * 60_000).toISOString());
};

describe('the members of a queue', () => {
  it('are users and teams, listed with who they are just now', async () => {
    await queue('mixed');
    await team('reds', ['anna'], { name: 'The reds' });
    await service.supervisor.put('/v1/queues/mixed/members/user:ben');
    await service.supervisor.put('/v1/queues/mixed/members/team:reds');
    const { body } = await service.supervisor.put('/v1/queues/mixed/members/not-here-yet');
    expect(body).toMatchObject({ id: 'mixed', version: 4, members: ['ben', 'team:reds', 'not-here-yet'] });
    const again = await service.supervisor.put('/v1/queues/mixed/members/ben');
    expect(again.body.version).toBe(4);
    expect(await everyItem(service.anna, '/v1/queues/mixed/members')).toEqual([
      { memberId: 'ben', kind: 'user', name: 'ben', active: true },
      { memberId: 'not-here-yet', kind: 'user' },
      { memberId: 'team:reds', kind: 'team', name: 'The reds' },
    ]);
    await service.supervisor.delete('/v1/queues/mixed/members/user:ben');
    const page = await service.anna.get('/v1/queues/mixed/members?limit=1');
    expect(page.body.items).toEqual([{ memberId: 'not-here-yet', kind: 'user' }]);
    const rest = await service.anna.get(`/v1/queues/mixed/members?limit=1&cursor=${page.body.nextCursor}`);
    expect(rest.body).toEqual({ items: [{ memberId: 'team:reds', kind: 'team', name: 'The reds' }] });
    const replaced = await service.supervisor.put('/v1/queues/mixed/members', { members: ['anna', 'user:anna'] });
    expect(replaced.body.members).toEqual(['anna']);
  });

  it('all join when several join at once', async () => {
    await queue('busy');
    const names = ['a', 'b', 'c', 'd'];
    const answers = await Promise.all(names.map((id) => service.supervisor.put(`/v1/queues/busy/members/${id}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await service.anna.get('/v1/queues/busy')).body.members.sort()).toEqual(names);
  });

  it('are changed by supervisors, in queues that exist, and teams must exist too', async () => {
    expect((await service.anna.put('/v1/queues/mixed/members/anna')).body.code).toBe('FORBIDDEN');
    expect((await service.supervisor.put('/v1/queues/nowhere/members/anna')).body.code).toBe('NOT_FOUND');
    expect((await service.anna.get('/v1/queues/nowhere/members')).body.code).toBe('NOT_FOUND');
    const stale = await service.supervisor.put('/v1/queues/mixed/members/anna', undefined, { ifMatch: 1 });
    expect(stale.body.code).toBe('STALE_VERSION');
    for (const answer of [
      await service.supervisor.put('/v1/queues/mixed/members/team:ghosts'),
      await queue('ghostly', { members: ['team:ghosts'] }),
      await service.supervisor.post('/v1/queues', { name: 'x', visibility: 'public', ownerId: 'team:ghosts' }),
    ]) {
      expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    }
  });
});

describe('the views of a queue', () => {
  it('are what nobody works on, what the caller works on, and everything', async () => {
    await queue('views');
    const low = await service.opened({ queueId: 'views', priority: 'low' });
    const urgent = await service.opened({ queueId: 'views', priority: 'urgent' });
    const normal = await service.opened({ queueId: 'views' });
    await pick(service.anna, 'views', urgent.caseId);
    const view = async (client: Client, name: string) =>
      idsOf(await everyItem(client, `/v1/queues/views/items?view=${name}`));
    expect(await view(service.anna, 'available')).toEqual([normal.caseId, low.caseId]);
    expect(await view(service.anna, 'mine')).toEqual([urgent.caseId]);
    expect(await view(service.ben, 'mine')).toEqual([]);
    expect(idsOf(await everyItem(service.ben, '/v1/queues/views/items'))).toEqual([
      urgent.caseId,
      normal.caseId,
      low.caseId,
    ]);
    expect(idsOf(await everyItem(service.ben, '/v1/cases?queueId=views&view=available&priority=low'))).toEqual([
      low.caseId,
    ]);
    await release(service.anna, 'views', urgent.caseId);
    expect(await view(service.ben, 'available')).toEqual([urgent.caseId, normal.caseId, low.caseId]);
    expect(idsOf(await everyItem(service.anna, '/v1/cases?ownerId=anna'))).not.toContain(urgent.caseId);
  });

  it('belong to a queue, and have names', async () => {
    expect((await service.anna.get('/v1/cases?view=mine')).body.errors).toMatchObject([{ path: 'query.view' }]);
    expect((await service.anna.get('/v1/queues/views/items?view=all')).body.errors).toMatchObject([
      { path: 'query.view' },
    ]);
  });
});

describe('a queue that is named', () => {
  it.each([
    ['a user’s default queue', () => user('nora', { defaultQueueId: 'named' }), () => user('nora')],
    ['a team’s default queue', () => team('named', [], { defaultQueueId: 'named' }), () => team('named', [])],
  ])('as %s is not removed', async (_, name, unname) => {
    await queue('named');
    await name();
    expect((await service.supervisor.delete('/v1/queues/named')).body.code).toBe('IN_USE');
    await unname();
    expect((await service.supervisor.delete('/v1/queues/named')).body.deleted).toBe(true);
  });
});

describe('a released case', () => {
  it('belongs to the queue’s owner, who may be a team', async () => {
    await team('owners', ['ben']);
    await queue('owned', { ownerId: 'team:owners' });
    const { caseId } = await service.opened({ queueId: 'owned' });
    await pick(service.anna, 'owned', caseId);
    expect((await release(service.ben, 'owned', caseId)).body.code).toBe('FORBIDDEN');
    const { body } = await release(service.anna, 'owned', caseId);
    expect([body.ownerId, body.workedBy]).toEqual(['team:owners', undefined]);
  });

  it('belongs to nobody when the queue’s owner has left', async () => {
    await user('olga');
    await queue('orphaned', { ownerId: 'olga' });
    const { caseId } = await service.opened({ queueId: 'orphaned' });
    await pick(service.anna, 'orphaned', caseId);
    await user('olga', { active: false });
    expect((await release(service.anna, 'orphaned', caseId)).body.ownerId).toBeUndefined();
  });
});

describe('a private queue', () => {
  it('keeps its cases from others wherever one may look or act, also closed, also when it is gone', async () => {
    const customerId = await service.customer();
    await queue('secret', { visibility: 'private', members: ['sue'] });
    const parent = await service.opened({ customerId }, service.supervisor);
    const { caseId } = await service.opened({ parentId: parent.caseId, queueId: 'secret' }, service.supervisor);
    const isHidden = async (queueLists: string[]) => {
      const one = `/v1/cases/${caseId}`;
      for (const path of ['', '/timeline', '/audit', '/sla', '/resolutions', '/children']) {
        expect([path, (await service.ben.get(`${one}${path}`)).status]).toEqual([path, 404]);
      }
      for (const answer of [
        await service.ben.patch(one, { title: 'Mine' }),
        await service.ben.post(`${one}/assign`, { ownerId: 'ben' }),
        await service.ben.post(`${one}/activities`, { type: 'note', body: 'x' }),
        await service.ben.post(`${one}/route`, { queueId: 'default' }),
        await service.ben.put(`${one}/parent`, { parentId: parent.caseId }),
        await pick(service.ben, 'secret', caseId),
      ]) {
        expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
      }
      const under = { title: 'x', origin: 'web', customerId, parentId: caseId };
      expect((await service.ben.post('/v1/cases', under)).body.code).toBe('VALIDATION_FAILED');
      for (const list of [
        ...queueLists,
        `/v1/cases?customerId=${customerId}`,
        `/v1/cases?parentId=${parent.caseId}`,
        `/v1/cases/${parent.caseId}/children`,
        '/v1/cases?status=active',
        '/v1/cases?status=resolved',
      ]) {
        expect([list, idsOf(await everyItem(service.ben, list)).includes(caseId)]).toEqual([list, false]);
      }
    };
    const ofQueue = ['/v1/queues/secret/items', '/v1/queues/secret/items?view=available'];
    await isHidden(ofQueue);
    expect((await service.integration.get(`/v1/cases/${caseId}`)).status).toBe(404);
    await service.supervisor.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'problemSolved', resolution: 'x' });
    await isHidden(ofQueue);
    expect((await service.supervisor.delete('/v1/queues/secret')).body.deleted).toBe(true);
    await isHidden([]);
    expect((await service.supervisor.get(`/v1/cases/${caseId}`)).status).toBe(200);
  });
});

describe('a case that is picked and left alone', () => {
  it('is released by itself when its queue says so, to the queue’s owner', async () => {
    await queue('timed', { autoReleaseMinutes: 30, ownerId: 'sue' });
    const { caseId } = await service.opened({ queueId: 'timed' });
    await pick(service.anna, 'timed', caseId);
    await later(29);
    expect((await theCase(caseId)).workedBy).toBe('anna');
    await later(2);
    const { workedBy, ownerId, queueId } = await theCase(caseId);
    expect([workedBy, ownerId, queueId]).toEqual([undefined, 'sue', 'timed']);
    const entry = (await audit(caseId)).at(-1);
    expect(entry).toMatchObject({ action: 'case.released', actor: 'system', cause: 'autoRelease' });
    expect((await pick(service.ben, 'timed', caseId)).status).toBe(200);
  });

  it('is not left alone while its worker does something to it, or while it waits for somebody else', async () => {
    const touched = await service.opened({ queueId: 'timed' });
    const held = await service.opened({ queueId: 'timed' });
    const written = await service.opened({ queueId: 'timed' });
    for (const { caseId } of [touched, held, written]) await pick(service.anna, 'timed', caseId);
    await service.anna.patch(`/v1/cases/${held.caseId}`, { statusReason: 'onHold' });
    await later(20);
    await service.anna.post(`/v1/cases/${touched.caseId}/activities`, { type: 'note', body: 'Looking into it' });
    const message = { type: 'email', direction: 'inbound', body: 'Any news?' };
    await service.integration.post(`/v1/cases/${written.caseId}/activities`, message);
    await later(11);
    const workers = async () => {
      const files = await Promise.all([touched, held, written].map(({ caseId }) => theCase(caseId)));
      return files.map(({ workedBy }) => workedBy);
    };
    expect(await workers()).toEqual(['anna', 'anna', undefined]);
    await later(20);
    expect(await workers()).toEqual([undefined, 'anna', undefined]);
    await later(60);
    expect(await workers()).toEqual([undefined, 'anna', undefined]);
    await service.ben.patch(`/v1/cases/${held.caseId}`, { statusReason: 'inProgress' });
    await later(29);
    expect((await workers())[1]).toBe('anna');
    await later(32);
    expect((await workers())[1]).toBeUndefined();
  });

  it('stays with its worker when the queue does not ask for it any more, or when it is closed', async () => {
    const { caseId } = await service.opened({ queueId: 'timed' });
    const closed = await service.opened({ queueId: 'timed' });
    for (const one of [caseId, closed.caseId]) await pick(service.anna, 'timed', one);
    await service.anna.post(`/v1/cases/${closed.caseId}/cancel`);
    await queue('timed');
    await later(60);
    expect((await theCase(caseId)).workedBy).toBe('anna');
    expect((await audit(closed.caseId)).at(-1)).toMatchObject({ action: 'case.cancelled' });
  });
});

describe('many hands on one queue', () => {
  const people = ['anna', 'ben', 'cleo'] as const;
  const command = fc.record({
    by: fc.constantFrom(...people),
    at: fc.nat(1),
    does: fc.constantFrom('pick', 'release', 'assign', 'route', 'pick', 'release'),
  });

  it(
    'give a case one worker at a time, whatever they do in whichever order',
    async () => {
      await queue('race');
      await queue('race-too');
      const clients = new Map([
        ['anna', service.anna],
        ['ben', service.ben],
        ['cleo', await service.as('cleo', 'agent')],
      ]);
      await clients.get('cleo')?.get('/v1/cases?limit=1');
      await fc.assert(
        fc.asyncProperty(fc.array(command, { minLength: 8, maxLength: 16 }), async (commands) => {
          const { caseId } = await service.opened({ queueId: 'race' });
          const answers = await Promise.all(
            commands.map(({ by, at, does }) => {
              const client = clients.get(by)!;
              const queueId = ['race', 'race-too'][at]!;
              if (does === 'assign') return client.post(`/v1/cases/${caseId}/assign`, { ownerId: by });
              if (does === 'route') return client.post(`/v1/cases/${caseId}/route`, { queueId });
              return does === 'pick' ? pick(client, queueId, caseId) : release(client, queueId, caseId);
            }),
          );
          const allowed = ['ALREADY_PICKED', 'NOT_IN_QUEUE', 'FORBIDDEN', 'TRY_AGAIN'];
          expect(answers.filter(({ status, body }) => status !== 200 && !allowed.includes(body.code))).toEqual([]);
          // What happened, told by the facts in the order in which they were committed.
          const facts = await audit(caseId);
          let worker: string | undefined;
          for (const { action, actor, changes } of facts) {
            if (action === 'case.picked') {
              expect(worker).toBeUndefined();
              worker = actor;
            } else if (action === 'case.released') {
              expect(changes).toContainEqual({ field: 'workedBy', old: worker });
              worker = undefined;
            } else if (action === 'case.routed') worker = undefined;
            else if (action === 'case.assigned' && changes.some((one: { field: string }) => one.field === 'workedBy')) {
              worker = undefined;
            }
          }
          const file = await theCase(caseId);
          expect(file.workedBy).toBe(worker);
          for (const list of ['race', 'race-too']) {
            const found = idsOf(await everyItem(service.anna, `/v1/queues/${list}/items`)).includes(caseId);
            expect(found).toBe(file.queueId === list);
          }
        }),
        { numRuns: nightly ? 1_000 : 6 },
      );
    },
    nightly ? 3_600_000 : undefined,
  );
});
