import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { MONDAY, withService } from '../support/service.ts';

const service = withService();
const nightly = process.env.NIGHTLY !== undefined;

const user = (id: string, fields: object = {}) => service.admin.put(`/v1/users/${id}`, { name: id, ...fields });
const team = (id: string, members: string[], fields: object = {}) =>
  service.admin.put(`/v1/teams/${id}`, { name: id, members, ...fields });
const queue = (id: string, fields: object = {}) =>
  service.supervisor.put(`/v1/queues/${id}`, { name: id, visibility: 'public', ...fields });
const theCase = async (caseId: string) => (await service.supervisor.get(`/v1/cases/${caseId}`)).body;
const openCasesOf = async (ownerId: string) => everyItem(service.supervisor, `/v1/cases?ownerId=${ownerId}`);

describe('users', () => {
  it('are made by their first request, once, with what the token says of them', async () => {
    const carla = await service.as('carla', 'agent');
    await Promise.all([1, 2, 3, 4].map(() => carla.get('/v1/queues')));
    expect((await service.anna.get('/v1/users/carla')).body).toEqual({
      id: 'carla',
      version: 1,
      name: 'carla',
      active: true,
      teams: [],
      createdOn: MONDAY,
      modifiedOn: MONDAY,
      modifiedBy: 'carla',
    });
  });

  it('are not made of machines', async () => {
    await service.integration.get('/v1/queues');
    expect((await service.anna.get('/v1/users/erp')).status).toBe(404);
  });

  it('are set up by administrators before they come, and keep that when they do', async () => {
    await queue('second-line');
    const fields = {
      name: 'Dora Dahl',
      email: 'dora@example.com',
      active: true,
      skills: ['Networks', 'vip'],
      languages: ['da'],
      defaultQueueId: 'second-line',
      timeZone: 'Europe/Copenhagen',
    };
    const put = await service.admin.put('/v1/users/dora', fields);
    expect(put).toMatchObject({
      status: 200,
      body: { ...fields, id: 'dora', version: 1, skills: ['networks', 'vip'] },
    });
    await (await service.as('dora', 'agent')).get('/v1/queues');
    expect((await service.anna.get('/v1/users/user:dora')).body).toEqual(put.body);
    expect((await service.admin.put('/v1/users/dora', fields)).body.version).toBe(1);
    expect((await service.admin.put('/v1/users/dora', { ...fields, name: 'D.' }, { ifMatch: 1 })).body.version).toBe(2);
    const stale = await service.admin.put('/v1/users/dora', fields, { ifMatch: 1 });
    expect(stale).toMatchObject({ status: 412, body: { code: 'STALE_VERSION' } });
  });

  it.each([
    ['a queue that does not exist', { defaultQueueId: 'nowhere' }, 'defaultQueueId'],
    ['a zone that does not exist', { timeZone: 'Europe/Atlantis' }, 'timeZone'],
    ['a skill of two words', { skills: ['two words'] }, 'skills.0'],
  ])('cannot have %s', async (_, fields, path) => {
    const { body } = await user('ella', fields);
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path }] });
  });

  it('are changed by administrators only, and nobody deactivates themselves', async () => {
    expect((await service.supervisor.put('/v1/users/anna', { name: 'Anna' })).body.code).toBe('FORBIDDEN');
    const { body } = await user('root', { active: false });
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'active' }] });
  });

  it('are listed by id, page by page, whatever letters their ids have', async () => {
    for (const id of ['~tilde', 'åse', 'zoë']) await user(encodeURIComponent(id));
    const ids: string[] = [];
    let cursor = '';
    do {
      const { body } = await service.anna.get(`/v1/users?limit=2${cursor}`);
      ids.push(...body.items.map((item: { id: string }) => item.id));
      cursor = body.nextCursor ? `&cursor=${body.nextCursor}` : '';
    } while (cursor);
    expect(ids).toEqual([...ids].sort());
    expect(ids).toEqual(expect.arrayContaining(['anna', 'ben', 'root', 'sue', 'zoë', '~tilde', 'åse']));
  });

  it('are removed when nothing names them, and not before', async () => {
    await user('frank');
    await team('franks', ['user:frank']);
    await queue('franks', { members: ['frank'], ownerId: 'user:frank' });
    const refused = await service.admin.delete('/v1/users/frank');
    expect(refused).toMatchObject({ status: 409, body: { code: 'IN_USE' } });
    expect(refused.body.detail).toBe('frank is still named by team franks, queue franks');
    await team('franks', []);
    await service.supervisor.delete('/v1/queues/franks');
    const { caseId } = await service.opened({ ownerId: 'frank' });
    expect((await service.admin.delete('/v1/users/frank')).body.code).toBe('IN_USE');
    await service.anna.post(`/v1/cases/${caseId}/cancel`);
    expect((await service.admin.delete('/v1/users/frank')).body).toEqual({ id: 'frank', version: 1, deleted: true });
    expect((await service.anna.get('/v1/users/frank')).body.code).toBe('NOT_FOUND');
    expect((await service.admin.delete('/v1/users/frank')).body.code).toBe('NOT_FOUND');
  });
});

describe('owners', () => {
  it.each([
    ['nobody knows', 'who-is-this'],
    ['is inactive', 'gone'],
    ['is no team', 'team:no-such'],
  ])('must be there: an owner who %s is refused', async (_, ownerId) => {
    await user('gone', { active: false });
    const { caseId, customerId } = await service.opened();
    const refusal = { status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ path: 'ownerId' }] } };
    expect(await service.anna.post(`/v1/cases/${caseId}/assign`, { ownerId })).toMatchObject(refusal);
    const body = { title: 'x', origin: 'web', customerId, ownerId };
    expect(await service.anna.post('/v1/cases', body)).toMatchObject(refusal);
  });

  it('are one and the same with and without the prefix of a user', async () => {
    const { caseId } = await service.opened({ ownerId: 'user:ben' });
    expect((await theCase(caseId)).ownerId).toBe('ben');
    for (const ownerId of ['ben', 'user:ben']) {
      expect((await openCasesOf(ownerId)).map((item) => item.caseId)).toContain(caseId);
    }
  });

  it('get cases that stand in no queue in their default queue', async () => {
    await queue('desk');
    await team('desk', ['anna'], { defaultQueueId: 'desk' });
    const created = await service.opened({ ownerId: 'team:desk' });
    expect(created).toMatchObject({ ownerId: 'team:desk', queueId: 'desk' });
    const { caseId } = await service.opened({ ownerId: 'ben' });
    expect((await theCase(caseId)).queueId).toBeUndefined();
    const assigned = await service.anna.post(`/v1/cases/${caseId}/assign`, { ownerId: 'team:desk' });
    expect(assigned.body).toMatchObject({ ownerId: 'team:desk', queueId: 'desk' });
    const elsewhere = await service.opened({ queueId: 'default' });
    const stays = await service.anna.post(`/v1/cases/${elsewhere.caseId}/assign`, { ownerId: 'team:desk' });
    expect(stays.body).toMatchObject({ ownerId: 'team:desk', queueId: 'default' });
    const taken = await service.anna.post(`/v1/cases/${caseId}/assign`, { ownerId: null });
    expect([taken.body.ownerId, taken.body.queueId]).toEqual([undefined, 'desk']);
    const [entry] = (await service.anna.get(`/v1/cases/${caseId}/audit?limit=100`)).body.items.slice(-1);
    expect(entry).toMatchObject({ action: 'case.assigned', changes: [{ field: 'ownerId', old: 'team:desk' }] });
    expect((await service.anna.get('/v1/cases?ownerId=team:desk')).body.items).not.toMatchObject([{ caseId }]);
  });

  it('who get a case that somebody else has picked take it off them', async () => {
    const { caseId } = await service.opened({ queueId: 'default' });
    await service.anna.post(`/v1/queues/default/items/${caseId}/pick`);
    const { body } = await service.supervisor.post(`/v1/cases/${caseId}/assign`, { ownerId: 'ben' });
    expect(body.ownerId).toBe('ben');
    expect(body.workedBy).toBeUndefined();
    expect((await service.ben.post(`/v1/queues/default/items/${caseId}/pick`)).body.workedBy).toBe('ben');
  });

  it('who have left do not get a case back that is reactivated, nor the children of their old cases', async () => {
    await user('hugo');
    const { caseId } = await service.opened({ ownerId: 'hugo' });
    await service.anna.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done' });
    await user('hugo', { active: false });
    const child = await service.opened({ parentId: caseId });
    expect(child.ownerId).toBeUndefined();
    const { body } = await service.anna.post(`/v1/cases/${caseId}/reactivate`);
    expect(body).toMatchObject({ status: 'active', queueId: 'default' });
    expect(body.ownerId).toBeUndefined();
  });
});

describe('teams', () => {
  it('cannot be members of teams, and are removed only when nothing names them', async () => {
    const nested = await team('nested', ['team:desk']);
    expect(nested.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'members.0' }] });
    await team('leaving', ['anna', 'user:anna']);
    expect((await service.anna.get('/v1/teams/leaving')).body).toMatchObject({ members: ['anna'], version: 1 });
    expect((await service.anna.get('/v1/users/anna')).body.teams).toContain('leaving');
    await queue('of-leaving', { members: ['team:leaving'] });
    expect((await service.admin.delete('/v1/teams/leaving')).body.code).toBe('IN_USE');
    await queue('of-leaving');
    expect((await service.admin.delete('/v1/teams/leaving')).body).toMatchObject({ deleted: true });
    expect((await service.anna.get('/v1/users/anna')).body.teams).not.toContain('leaving');
  });

  it('let whoever joins into their private queues and cases at once, and nobody who has left', async () => {
    await team('board', []);
    await queue('board', { visibility: 'private', members: ['team:board'] });
    const inQueue = await service.opened({ queueId: 'board' }, service.supervisor);
    await queue('hidden', { visibility: 'private' });
    const ofTeam = await service.opened({ queueId: 'hidden', ownerId: 'team:board' }, service.supervisor);
    const seen = () =>
      Promise.all([inQueue, ofTeam].map(async ({ caseId }) => (await service.ben.get(`/v1/cases/${caseId}`)).status));
    expect(await seen()).toEqual([404, 404]);
    await team('board', ['ben']);
    expect(await seen()).toEqual([200, 200]);
    const picked = await service.ben.post(`/v1/queues/board/items/${inQueue.caseId}/pick`);
    expect(picked.body).toMatchObject({ workedBy: 'ben', ownerId: 'ben' });
    await service.supervisor.post(`/v1/cases/${inQueue.caseId}/assign`, { ownerId: 'sue' });
    await team('board', []);
    expect(await seen()).toEqual([404, 404]);
  });
});

describe('somebody who leaves', () => {
  it('gives their open cases back to the queues they stand in, and keeps what is closed', async () => {
    await user('ines');
    await queue('line');
    await queue('other');
    const ines = await service.as('ines', 'agent');
    const picked = await service.opened({ queueId: 'line' });
    await ines.post(`/v1/queues/line/items/${picked.caseId}/pick`);
    const assigned = await service.opened({ queueId: 'other', ownerId: 'ines' });
    const nowhere = await service.opened({ ownerId: 'ines' });
    const closed = await service.opened({ ownerId: 'ines' });
    await service.anna.post(`/v1/cases/${closed.caseId}/cancel`);

    const { body } = await user('ines', { active: false });
    expect(body).toMatchObject({ active: false, handOver: { state: 'completed', returned: 3, failed: 0, by: 'root' } });
    await service.settled();
    for (const [{ caseId }, queueId] of [
      [picked, 'line'],
      [assigned, 'other'],
      [nowhere, 'default'],
    ] as const) {
      const file = await theCase(caseId);
      expect(file).toMatchObject({ status: 'active', queueId });
      expect([file.ownerId, file.workedBy]).toEqual([undefined, undefined]);
      const audit = await everyItem(service.supervisor, `/v1/cases/${caseId}/audit`);
      const entry = audit.at(-1);
      expect(entry).toMatchObject({ action: 'case.released', actor: 'root' });
      expect(entry.cause).toMatch(/^handOver:/);
      expect(entry.changes).toContainEqual({ field: 'ownerId', old: 'ines' });
    }
    expect((await theCase(closed.caseId)).ownerId).toBe('ines');
  });

  it('gives back more than one transaction holds, page by page, each case once', async () => {
    await user('jan');
    const customerId = await service.customer();
    const opened = await Promise.all(
      Array.from({ length: 55 }, () => service.opened({ customerId, ownerId: 'jan', queueId: 'default' })),
    );
    const { body } = await user('jan', { active: false });
    expect(body.handOver).toMatchObject({ state: 'running', returned: 25 });
    await service.settled();
    const after = await service.anna.get('/v1/users/jan');
    expect(after.body.handOver).toMatchObject({ state: 'completed', returned: 55, failed: 0 });
    expect(await openCasesOf('jan')).toEqual([]);
    for (const { caseId } of opened.slice(0, 5).concat(opened.slice(-5))) {
      const audit = await everyItem(service.anna, `/v1/cases/${caseId}/audit`);
      expect(audit.map(({ action }) => action)).toEqual(['case.created', 'case.released']);
    }
  });

  it('may do nothing from a minute later on, and is given nothing from the answer on', async () => {
    await user('kim');
    const kim = await service.as('kim', 'agent');
    const { caseId } = await service.opened({ queueId: 'default' });
    expect((await kim.get(`/v1/cases/${caseId}`)).status).toBe(200);
    await kim.get('/v1/queues');
    await user('kim', { active: false });
    const pick = await kim.post(`/v1/queues/default/items/${caseId}/pick`);
    expect(pick).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect((await theCase(caseId)).ownerId).toBeUndefined();
    await service.clockTo('2026-03-02T09:01:01.000Z');
    expect(await kim.get(`/v1/cases/${caseId}`)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    await user('kim', { active: true });
    expect((await kim.get(`/v1/cases/${caseId}`)).status).toBe(200);
  });

  it('and comes back keeps what has not gone back yet', async () => {
    await user('lea');
    const customerId = await service.customer();
    for (let n = 0; n < 30; n += 1) await service.opened({ customerId, ownerId: 'lea' });
    const [left] = await Promise.all([user('lea', { active: false }), undefined]);
    expect(left.body.handOver.returned).toBe(25);
    const back = await user('lea', { active: true });
    expect(['stopped', 'completed']).toContain(back.body.handOver.state);
    await service.settled();
    const { handOver } = (await service.anna.get('/v1/users/lea')).body;
    expect((await openCasesOf('lea')).length).toBe(30 - handOver.returned);
  });

  it(
    'has nothing left, however their cases change hands while they leave',
    async () => {
      for (let round = 0; round < (nightly ? 40 : 2); round += 1) {
        const id = `mo-${round}`;
        await user(id);
        const mo = await service.as(id, 'agent');
        const cases = await Promise.all(Array.from({ length: 6 }, () => service.opened({ queueId: 'default' })));
        const commands = cases.flatMap(({ caseId }) => [
          () => mo.post(`/v1/queues/default/items/${caseId}/pick`),
          () => service.anna.post(`/v1/cases/${caseId}/assign`, { ownerId: id }),
        ]);
        const leaves = () => user(id, { active: false });
        const half = commands.length / 2;
        const order = [...commands.slice(0, half), leaves, ...commands.slice(half)];
        const answers = await Promise.all(order.map((command) => command()));
        expect(answers.filter(({ status }) => status >= 500 && status !== 503)).toEqual([]);
        await service.settled();
        // The index that lists an owner's cases may have hidden one; another round finds it.
        const { now } = (await service.nobody.get('/health')).body;
        await service.clockTo(new Date(Date.parse(now) + 3 * 60_000).toISOString());
        const files = await Promise.all(cases.map(({ caseId }) => theCase(caseId)));
        expect(files.filter((file) => file.ownerId === id || file.workedBy === id)).toEqual([]);
      }
    },
    nightly ? 600_000 : undefined,
  );
});
