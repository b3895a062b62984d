import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();

type Body = Answer['body'];
const rounds = process.env.NIGHTLY ? 50 : 3;

const settings = (body: object) => service.admin.put('/v1/settings/case-settings', body);
const got = async (caseId: string): Promise<Body> => (await service.anna.get(`/v1/cases/${caseId}`)).body;
const associate = (parentId: string, caseIds: string[], key?: string) =>
  service.anna.post('/v1/cases/associate', { parentId, caseIds }, { key });
const resolve = (caseId: string) =>
  service.anna.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done' });
const refusal = ({ status, body }: Answer) => [status, body.code];
const several = (n: number, fields: object = {}): Promise<Body[]> =>
  Promise.all(Array.from({ length: n }, () => service.opened({ queueId: 'default', ...fields })));
const idsOf = (cases: Body[]): string[] => cases.map(({ caseId }) => caseId);
const posts = async (caseId: string, type: string): Promise<Body[]> =>
  (await everyItem(service.anna, `/v1/cases/${caseId}/timeline`)).filter((entry) => entry.type === type);

describe('associating cases', () => {
  beforeAll(async () => {
    await settings({ maxChildren: 30 });
  });

  it('makes twenty-five of them children of one, in one step', async () => {
    const parent = await service.opened({ labels: ['outage'] });
    const children = await several(25);
    const { status, body } = await associate(parent.caseId, idsOf(children));
    expect(status).toBe(200);
    expect(body.parent).toMatchObject({ caseId: parent.caseId, childCount: 25, activeChildren: 25, version: 1 });
    expect(body.children.every((child: Body) => child.parentId === parent.caseId && child.labels[0] === 'outage')).toBe(
      true,
    );
    expect(await got(parent.caseId)).toMatchObject({ childCount: 25, activeChildren: 25 });
    const listed = await everyItem(service.anna, `/v1/cases/${parent.caseId}/children`);
    expect(idsOf(listed).sort()).toEqual(idsOf(children).sort());
    const [told] = await posts(parent.caseId, 'case.childrenAttached');
    expect(told.childIds).toEqual(idsOf(children));
    expect(await posts(children[7].caseId, 'case.parentChanged')).toHaveLength(1);
  });

  it('takes cases that nobody has routed yet to the queue of their parent, as far as one step holds', async () => {
    const parent = await service.opened({ queueId: 'default' });
    const children = await Promise.all(Array.from({ length: 25 }, () => service.opened()));
    expect((await associate(parent.caseId, idsOf(children))).status).toBe(200);
    await service.settled();
    const listed = await everyItem(service.anna, `/v1/cases/${parent.caseId}/children`);
    expect(listed.map(({ queueId }) => queueId)).toEqual(children.map(() => 'default'));
  });

  it('may name the parent among the selected cases, and those that it has already', async () => {
    const parent = await service.opened();
    const [first, second] = await several(2);
    await associate(parent.caseId, [parent.caseId, first.caseId]);
    const again = await associate(parent.caseId, [parent.caseId, first.caseId, second.caseId]);
    expect(again.body.parent.childCount).toBe(2);
    expect((await posts(parent.caseId, 'case.childrenAttached')).map(({ childIds }) => childIds)).toEqual([
      [first.caseId],
      [second.caseId],
    ]);
    expect((await associate(parent.caseId, [first.caseId, second.caseId])).body.parent.childCount).toBe(2);
    expect(await posts(parent.caseId, 'case.childrenAttached')).toHaveLength(2);
  });

  it('changes nothing at all when one of them cannot be attached, and says which', async () => {
    const parent = await service.opened();
    const [fine, taken] = await several(2);
    await service.anna.put(`/v1/cases/${taken.caseId}/parent`, { parentId: (await service.opened()).caseId });
    const refused = await associate(parent.caseId, [fine.caseId, taken.caseId]);
    expect(refusal(refused)).toEqual([409, 'ALREADY_HAS_PARENT']);
    expect(refused.body.caseId).toBe(taken.caseId);
    expect((await got(fine.caseId)).parentId).toBeUndefined();
    expect(await got(parent.caseId)).toMatchObject({ childCount: 0 });
    const closed = await service.opened();
    await resolve(closed.caseId);
    expect(refusal(await associate(parent.caseId, [fine.caseId, closed.caseId]))).toEqual([409, 'CASE_NOT_ACTIVE']);
    const other = await service.opened();
    await service.opened({ parentId: other.caseId });
    expect(refusal(await associate(parent.caseId, [fine.caseId, other.caseId]))).toEqual([409, 'PARENT_AS_CHILD']);
    expect(refusal(await associate(taken.caseId, [fine.caseId, parent.caseId]))).toEqual([409, 'CHILD_OF_CHILD']);
  });

  it('takes no case that has been merged into another', async () => {
    const customerId = await service.customer();
    const [parent, fine] = await several(2);
    const [survivor, merged] = await several(2, { customerId });
    await service.anna.post(`/v1/cases/${survivor.caseId}/merge`, { caseIds: [merged.caseId] });
    const refused = await associate(parent.caseId, [fine.caseId, merged.caseId]);
    expect(refused.body).toMatchObject({
      code: 'MERGED_ELSEWHERE',
      caseId: merged.caseId,
      mergedInto: survivor.caseId,
    });
    expect(refusal(await associate(merged.caseId, [fine.caseId, parent.caseId]))).toEqual([409, 'PARENT_NOT_ACTIVE']);
  });

  it('takes a case that has had children, once all of them have left', async () => {
    const parent = await service.opened();
    const [former, lone] = await several(2);
    const child = await service.opened({ parentId: former.caseId });
    await service.anna.delete(`/v1/cases/${child.caseId}/parent`);
    expect((await associate(parent.caseId, [former.caseId, lone.caseId])).status).toBe(200);
    expect(refusal(await service.anna.post('/v1/cases', { origin: 'web', parentId: former.caseId }))).toEqual([
      409,
      'CHILD_OF_CHILD',
    ]);
  });

  it('is asked for two to twenty-five cases, each once', async () => {
    const [parent, one] = await several(2);
    const unknown = '0196b3a0-0000-7000-8000-00000000dead';
    for (const caseIds of [[one.caseId], [one.caseId, one.caseId], [one.caseId, unknown]]) {
      expect(refusal(await associate(parent.caseId, caseIds))).toEqual([400, 'VALIDATION_FAILED']);
    }
    const many = Array.from({ length: 26 }, (_, n) => `0196b3a0-0000-7000-8000-0000000000${n + 10}`);
    expect(refusal(await associate(parent.caseId, many))).toEqual([400, 'VALIDATION_FAILED']);
    expect((await associate(parent.caseId, [one.caseId, unknown])).body.errors).toMatchObject([{ path: 'caseIds.1' }]);
    expect((await associate(unknown, [one.caseId, parent.caseId])).body.errors).toMatchObject([{ path: 'parentId' }]);
  });

  it('is done once for one key', async () => {
    const parent = await service.opened();
    const children = idsOf(await several(2));
    const [first, second] = await Promise.all([1, 2].map(() => associate(parent.caseId, children, 'once')));
    expect(first!.body).toEqual(second!.body);
    expect(await got(parent.caseId)).toMatchObject({ childCount: 2 });
  });

  it('never exceeds the cap, whoever comes at the same time', async () => {
    for (let round = 0; round < rounds; round += 1) {
      await settings({ maxChildren: 5 });
      const parent = await service.opened();
      const cases = idsOf(await several(7));
      const answers = await Promise.all([
        associate(parent.caseId, cases.slice(0, 3)),
        associate(parent.caseId, cases.slice(3, 6)),
        service.anna.put(`/v1/cases/${cases[6]}/parent`, { parentId: parent.caseId }),
        service.anna.post('/v1/cases', { origin: 'web', parentId: parent.caseId }),
      ]);
      const { childCount, activeChildren } = await got(parent.caseId);
      const children = await everyItem(service.anna, `/v1/cases/${parent.caseId}/children`);
      expect([childCount, activeChildren]).toEqual([children.length, children.length]);
      expect(childCount).toBeLessThanOrEqual(5);
      expect(
        answers.map(({ status, body }) => body.code ?? status).every((one) => [200, 201, 'CHILD_LIMIT'].includes(one)),
      ).toBe(true);
      const groups = answers.slice(0, 2).map(({ status }) => status === 200);
      const inside = cases.map((caseId) => children.some((child) => child.caseId === caseId));
      expect(inside.slice(0, 6)).toEqual([...Array(3).fill(groups[0]), ...Array(3).fill(groups[1])]);
    }
    await settings({ maxChildren: 30 });
  });

  it('never makes a child of a case that gets a child of its own at the same time', async () => {
    for (let round = 0; round < rounds * 2; round += 1) {
      const parent = await service.opened();
      const [one, two] = idsOf(await several(2));
      const [associated, opened] = await Promise.all([
        associate(parent.caseId, [one!, two!]),
        service.anna.post('/v1/cases', { origin: 'web', parentId: one }),
      ]);
      expect([associated.status, opened.status].sort()).toSatisfy((both: number[]) =>
        both[0] === 200 ? both[1] === 409 : both[0] === 201 && both[1] === 409,
      );
      const { parentId, childCount } = await got(one!);
      expect(parentId === undefined || childCount === 0).toBe(true);
    }
  });
});

describe('a child that an agent opens', () => {
  beforeAll(async () => {
    await service.admin.put('/v1/settings/slas/both', {
      name: 'Both',
      isDefault: true,
      items: [
        {
          id: 'urgent',
          kpi: 'firstResponse',
          targetMinutes: 15,
          when: { field: 'priority', op: 'eq', value: 'urgent' },
        },
        { id: 'answer', kpi: 'firstResponse', targetMinutes: 60 },
        { id: 'resolve', kpi: 'resolve', targetMinutes: 480 },
      ],
    });
  });
  const clocks = async (caseId: string): Promise<string[]> =>
    (await service.anna.get(`/v1/cases/${caseId}/sla`)).body.kpis.map(
      ({ kpi, generation, excludedFromStatistics }: Body) => `${kpi} ${generation} ${excludedFromStatistics ?? false}`,
    );

  it('says nothing about first responses, and is received by that agent', async () => {
    const parent = await service.opened();
    const child = await service.opened({ parentId: parent.caseId }, service.ben);
    expect(child).toMatchObject({ excludedFromFirstResponse: true, receivedBy: 'ben' });
    await service.anna.patch(`/v1/cases/${child.caseId}`, { priority: 'urgent' });
    expect(await clocks(child.caseId)).toEqual(['firstResponse 1 true', 'firstResponse 2 true', 'resolve 1 false']);
    await service.anna.post(`/v1/cases/${child.caseId}/activities`, {
      type: 'email',
      direction: 'outbound',
      body: 'Hi',
    });
    const told = (await everyItem(service.anna, `/v1/cases/${child.caseId}/timeline`)).filter(({ kpi }) => kpi);
    expect(told.filter(({ kpi }) => kpi === 'firstResponse').every((fact) => fact.excludedFromStatistics)).toBe(true);
    expect(told.filter(({ kpi }) => kpi === 'resolve').some((fact) => fact.excludedFromStatistics)).toBe(false);
    expect(await posts(child.caseId, 'case.created')).toMatchObject([{ receivedBy: 'ben' }]);
  });

  it.each([
    [
      'is no such child when a machine opens it',
      async (parentId: string) => service.opened({ parentId }, service.integration),
    ],
    [
      'is no such child when it was a case of its own before',
      async (parentId: string) => {
        const lone = await service.opened();
        return (await service.anna.put(`/v1/cases/${lone.caseId}/parent`, { parentId })).body;
      },
    ],
  ])('%s', async (_, born) => {
    const parent = await service.opened();
    const child = await born(parent.caseId);
    expect(child.parentId).toBe(parent.caseId);
    expect([child.excludedFromFirstResponse, child.receivedBy]).toEqual([undefined, undefined]);
    expect(await clocks(child.caseId)).toEqual(['firstResponse 1 false', 'resolve 1 false']);
  });
});

describe('telling all children something', () => {
  it('leaves a note on each of the active ones, and shows how far it has come', async () => {
    const parent = await service.opened({ queueId: 'default' });
    const children = await several(3, { parentId: parent.caseId });
    await resolve(children[1].caseId);
    const path = `/v1/cases/${parent.caseId}`;
    const { status, body } = await service.anna.post(`${path}/broadcast`, { text: 'By noon', visibility: 'internal' });
    expect([status, body.broadcast]).toMatchObject([202, { state: 'running', total: 2 }]);
    await service.settled();
    expect((await got(parent.caseId)).broadcast).toMatchObject({ state: 'completed', delivered: 2, failed: 0 });
    const notes = async ({ caseId }: Body) =>
      (await everyItem(service.anna, `/v1/cases/${caseId}/timeline`)).filter(({ type }) => type === 'note');
    expect(await notes(children[0])).toMatchObject([{ body: 'By noon', visibility: 'internal', createdBy: 'anna' }]);
    expect(await notes(children[1])).toEqual([]);
    const listed = await everyItem(service.anna, `${path}/children`);
    const outcomes = children.map(
      ({ caseId }) => listed.find((child) => child.caseId === caseId).broadcastOutcome.outcome,
    );
    expect(outcomes).toEqual(['delivered', 'skipped', 'delivered']);
    const told = await everyItem(service.anna, `${path}/broadcasts`);
    expect(told).toMatchObject([{ id: body.broadcast.id, text: 'By noon', by: 'anna', state: 'completed' }]);
    await resolve(parent.caseId);
    const late = await service.anna.post(`${path}/broadcast`, { text: 'Done', visibility: 'internal' });
    expect(refusal(late)).toEqual([409, 'CASE_NOT_ACTIVE']);
  });
});
