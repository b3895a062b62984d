import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Client, everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();

type Body = Answer['body'];
const HIERARCHY = 'hierarchy=parentsAndChildren';
const resolve = (caseId: string) =>
  service.anna.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done' });
const titles = async (query: string, by: Client = service.anna): Promise<string[]> =>
  (await everyItem(by, `/v1/cases?${query}`)).map(({ title }: Body) => title);
const family = async (name: string, children: number, fields: object = {}): Promise<Body[]> => {
  const parent = await service.opened({ title: name, queueId: 'default', ...fields });
  const all = [parent];
  for (let n = 1; n <= children; n += 1) {
    all.push(await service.opened({ title: `${name}.${n}`, parentId: parent.caseId }));
  }
  return all;
};

describe('a list of parents and children', () => {
  it('tells that there are none, so that a page can hide the filter', async () => {
    await service.opened({ title: 'lone' });
    expect((await service.anna.get(`/v1/cases?${HIERARCHY}`)).body).toEqual({ items: [], linkedCases: false });
    const [, child] = await family('short-lived', 1);
    expect((await service.anna.get(`/v1/cases?${HIERARCHY}&limit=1`)).body.linkedCases).toBe(true);
    expect((await service.anna.get(`/v1/cases?${HIERARCHY}&label=none`)).body).toEqual({
      items: [],
      linkedCases: true,
    });
    await service.anna.delete(`/v1/cases/${child.caseId}/parent`);
    expect((await service.anna.get(`/v1/cases?${HIERARCHY}`)).body).toEqual({ items: [], linkedCases: false });
    expect((await service.anna.get('/v1/cases')).body.linkedCases).toBeUndefined();
  });

  describe('with three families', () => {
    let customerId: string;
    let families: Body[][];
    beforeAll(async () => {
      customerId = await service.customer();
      families = [
        await family('a', 2, { customerId, labels: ['outage'] }),
        await family('b', 3),
        await family('c', 1, { customerId, priority: 'urgent' }),
      ];
    });

    it('has each parent, followed by its children, and no other case', async () => {
      expect(await titles(HIERARCHY)).toEqual(['c', 'c.1', 'b', 'b.1', 'b.2', 'b.3', 'a', 'a.1', 'a.2']);
      expect(await titles(`${HIERARCHY}&sort=createdOn`)).toEqual([
        'a',
        'a.1',
        'a.2',
        'b',
        'b.1',
        'b.2',
        'b.3',
        'c',
        'c.1',
      ]);
    });

    it.each([1, 2, 3, 4, 5])('goes on inside a family that does not fit a page of %s', async (limit) => {
      const seen: string[] = [];
      let cursor = '';
      do {
        const { body } = await service.anna.get(`/v1/cases?${HIERARCHY}&limit=${limit}${cursor}`);
        expect(body.items.length).toBeLessThanOrEqual(limit);
        seen.push(...body.items.map(({ title }: Body) => title));
        cursor = body.nextCursor ? `&cursor=${body.nextCursor}` : '';
      } while (cursor);
      expect(seen).toEqual(['c', 'c.1', 'b', 'b.1', 'b.2', 'b.3', 'a', 'a.1', 'a.2']);
    });

    it('is filtered by its parents, and led as any list', async () => {
      expect(await titles(`${HIERARCHY}&label=outage`)).toEqual(['a', 'a.1', 'a.2']);
      expect(await titles(`${HIERARCHY}&customerId=${customerId}&priority=urgent`)).toEqual(['c', 'c.1']);
      const led = await titles(`${HIERARCHY}&customerId=${customerId}`);
      expect(led).toEqual(['c', 'c.1', 'a', 'a.1', 'a.2']);
    });

    it('has a child by itself where its parent is not asked for', async () => {
      const grace = await service.customer({ name: 'Grace Hopper' });
      const child = await service.opened({ title: 'b.4', parentId: families[1]![0].caseId, customerId: grace });
      await service.opened({ title: 'lone', customerId: grace });
      expect(await titles(`${HIERARCHY}&customerId=${grace}`)).toEqual(['b.4']);
      await service.anna.delete(`/v1/cases/${child.caseId}/parent`);
    });

    it('keeps a family while anything in it is active', async () => {
      const [parent, first, second] = await family('d', 2);
      await resolve(parent.caseId);
      expect((await titles(HIERARCHY)).slice(0, 3)).toEqual(['d', 'd.1', 'd.2']);
      for (const { caseId } of [first, second]) await resolve(caseId);
      expect(await titles(HIERARCHY)).not.toContain('d');
      expect(await titles(`${HIERARCHY}&status=resolved`)).toEqual(['d', 'd.1', 'd.2']);
    });

    it('hides what the caller may not know of', async () => {
      await service.admin.put('/v1/queues/board', { name: 'Board', visibility: 'private', members: ['ben'] });
      const [, secret] = await family('e', 1);
      await service.supervisor.post(`/v1/cases/${secret.caseId}/route`, { queueId: 'board' });
      const hidden = await service.opened({ title: 'f', queueId: 'board' }, service.ben);
      await service.ben.post('/v1/cases', { title: 'f.1', origin: 'web', parentId: hidden.caseId });
      expect((await titles(HIERARCHY, service.ben)).slice(0, 4)).toEqual(['f', 'f.1', 'e', 'e.1']);
      expect((await titles(HIERARCHY)).slice(0, 2)).toEqual(['e', 'c']);
    });

    it('is in the hands of a cursor that belongs to it', async () => {
      const { body } = await service.anna.get(`/v1/cases?${HIERARCHY}&limit=2`);
      const other = await service.anna.get(`/v1/cases?${HIERARCHY}&sort=createdOn&cursor=${body.nextCursor}`);
      expect(other.body.code).toBe('VALIDATION_FAILED');
    });
  });
});

describe('the order of a list', () => {
  it('is the one that its leading filter has, or the same turned round', async () => {
    const customerId = await service.customer();
    for (const [n, priority] of ['normal', 'urgent', 'low'].entries()) {
      await service.clockTo(`2026-03-03T0${n + 1}:00:00.000Z`);
      await service.opened({
        title: priority,
        priority,
        customerId,
        ownerId: 'ben',
        queueId: 'default',
        product: 'sorted',
      });
    }
    const query = (lead: string, sort = '') => titles(`${lead}&product=sorted${sort && `&sort=${sort}`}`);
    expect(await query(`customerId=${customerId}`)).toEqual(['low', 'urgent', 'normal']);
    expect(await query(`customerId=${customerId}`, 'createdOn')).toEqual(['normal', 'urgent', 'low']);
    expect(await query('ownerId=ben', '-createdOn')).toEqual(['low', 'urgent', 'normal']);
    expect(await query('queueId=default')).toEqual(['urgent', 'normal', 'low']);
    expect(await query('queueId=default', '-priority')).toEqual(['low', 'normal', 'urgent']);
    expect(await query('status=active', 'modifiedOn')).toEqual(['normal', 'urgent', 'low']);
    expect(await query('status=active', '-modifiedOn')).toEqual(['low', 'urgent', 'normal']);
    const all = await everyItem(service.anna, '/v1/cases?sort=modifiedOn');
    const times = all.map(({ modifiedOn }) => modifiedOn);
    expect(times).toEqual([...times].sort());
    expect(new Set(all.map(({ caseId }) => caseId)).size).toBe(all.length);
  });

  it('of its children turns a parent’s list round', async () => {
    const [parent] = await family('g', 3);
    expect(await titles(`parentId=${parent.caseId}&sort=-createdOn`)).toEqual(['g.3', 'g.2', 'g.1']);
  });

  it('of cases at risk is that of their deadlines', async () => {
    expect((await service.anna.get('/v1/cases?slaAtRisk=true&sort=dueAt')).status).toBe(200);
    expect((await service.anna.get(`/v1/cases?slaAtRisk=true&${HIERARCHY}`)).body.items).toEqual([]);
    expect((await service.anna.get('/v1/cases?slaAtRisk=true&sort=createdOn')).body.code).toBe('VALIDATION_FAILED');
  });

  it('cannot be another', async () => {
    const answer = await service.anna.get('/v1/cases?ownerId=ben&sort=priority');
    expect(answer.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'query.sort' }] });
    expect((await service.anna.get('/v1/cases?sort=title')).body.code).toBe('VALIDATION_FAILED');
  });
});
