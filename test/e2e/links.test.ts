import { describe, expect, it } from 'vitest';
import { type Answer, everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();

type Body = Answer['body'];
const link = (caseId: string, otherId: string, kind: string) =>
  service.anna.put(`/v1/cases/${caseId}/links/${otherId}`, { kind });
const linksOf = async (caseId: string): Promise<string[]> =>
  (await everyItem(service.anna, `/v1/cases/${caseId}/links`))
    .map(({ kind, direction, otherId }: Body) => `${kind} ${direction} ${otherId}`)
    .sort();
const told = async (caseId: string): Promise<Body[]> =>
  (await everyItem(service.anna, `/v1/cases/${caseId}/timeline`)).filter(({ type }) => /linked$/.test(type));
const resolve = (caseId: string) =>
  service.anna.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done' });
const pair = async (): Promise<[string, string]> => [(await service.opened()).caseId, (await service.opened()).caseId];

describe('a link between cases', () => {
  it('is there from both sides, and both tell of it', async () => {
    const [copy, original] = await pair();
    expect(await link(copy, original, 'duplicateOf')).toMatchObject({
      status: 200,
      body: { otherId: original, kind: 'duplicateOf' },
    });
    expect(await linksOf(copy)).toEqual([`duplicateOf outgoing ${original}`]);
    expect(await linksOf(original)).toEqual([`duplicateOf incoming ${copy}`]);
    const [shown] = await everyItem(service.anna, `/v1/cases/${original}/links`);
    expect(shown).toMatchObject({ title: 'The printer is on fire', status: 'active', linkedBy: 'anna' });
    expect(shown.caseNumber).toMatch(/^CASE-/);
    expect(await told(copy)).toMatchObject([{ otherId: original, linkKind: 'duplicateOf', direction: 'outgoing' }]);
    expect(await told(original)).toMatchObject([{ otherId: copy, direction: 'incoming' }]);
    expect((await service.anna.get(`/v1/cases/${copy}`)).body).toMatchObject({ version: 1, childCount: 0 });
  });

  it('that is there already changes nothing, and one of each kind may stand beside it', async () => {
    const [one, other] = await pair();
    await link(one, other, 'relatesTo');
    await link(one, other, 'relatesTo');
    await link(other, one, 'relatesTo');
    expect(await told(one)).toHaveLength(1);
    await link(one, other, 'possibleRelated');
    expect(await linksOf(other)).toEqual([`possibleRelated incoming ${one}`, `relatesTo incoming ${one}`]);
  });

  it('turns round when it is made from the other side', async () => {
    const [one, other] = await pair();
    await link(one, other, 'duplicateOf');
    await link(other, one, 'duplicateOf');
    expect(await linksOf(one)).toEqual([`duplicateOf incoming ${other}`]);
    expect(await linksOf(other)).toEqual([`duplicateOf outgoing ${one}`]);
  });

  it('is taken away from both sides: one kind, or all of them', async () => {
    const [one, other] = await pair();
    for (const kind of ['relatesTo', 'previous', 'duplicateOf']) await link(one, other, kind);
    const path = `/v1/cases/${other}/links/${one}`;
    expect((await service.anna.delete(path, { body: { kind: 'previous' } })).body.deleted).toEqual(['previous']);
    expect((await service.anna.delete(`${path}?kind=duplicateOf`)).body.deleted).toEqual(['duplicateOf']);
    expect(await linksOf(one)).toEqual([`relatesTo outgoing ${other}`]);
    await link(one, other, 'previous');
    expect((await service.anna.delete(path)).body.deleted).toEqual(['previous', 'relatesTo']);
    expect([await linksOf(one), await linksOf(other)]).toEqual([[], []]);
    expect((await service.anna.delete(path)).body.code).toBe('NOT_FOUND');
    expect((await told(one)).filter(({ type }) => type === 'case.unlinked')).toHaveLength(4);
  });

  it('comes with a case that goes on from another one, whatever became of that', async () => {
    const before = await service.opened();
    await resolve(before.caseId);
    const after = await service.opened({ previousCaseId: before.caseId });
    expect(await linksOf(after.caseId)).toEqual([`previous outgoing ${before.caseId}`]);
    expect(await linksOf(before.caseId)).toEqual([`previous incoming ${after.caseId}`]);
    const nowhere = await service.anna.post('/v1/cases', {
      title: 'x',
      origin: 'web',
      customerId: before.customerId,
      previousCaseId: '0196b3a0-0000-7000-8000-00000000dead',
    });
    expect(nowhere.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'previousCaseId' }] });
  });

  it('is made by an active case, to any other', async () => {
    const [closed, active] = await pair();
    await resolve(closed);
    expect((await link(closed, active, 'relatesTo')).body.code).toBe('CASE_NOT_ACTIVE');
    expect((await link(active, closed, 'relatesTo')).status).toBe(200);
    expect((await service.anna.delete(`/v1/cases/${closed}/links/${active}`)).body.code).toBe('CASE_NOT_ACTIVE');
    const [merged, survivor] = await pair();
    const { customerId } = (await service.anna.get(`/v1/cases/${survivor}`)).body;
    await service.anna.patch(`/v1/cases/${merged}`, { customerId });
    await service.anna.post(`/v1/cases/${survivor}/merge`, { caseIds: [merged] });
    expect((await link(active, merged, 'relatesTo')).body).toMatchObject({
      code: 'MERGED_ELSEWHERE',
      mergedInto: survivor,
    });
    expect((await link(active, active, 'relatesTo')).body.code).toBe('VALIDATION_FAILED');
    expect((await link(active, '0196b3a0-0000-7000-8000-00000000dead', 'relatesTo')).body.code).toBe('NOT_FOUND');
    expect((await link(active, closed, 'cousin')).body.code).toBe('VALIDATION_FAILED');
  });

  it('to a case of a private queue is seen by those who see that case', async () => {
    await service.admin.put('/v1/queues/board', { name: 'Board', visibility: 'private', members: ['ben'] });
    const [open] = await pair();
    const secret = await service.opened({ queueId: 'board' }, service.ben);
    expect((await link(open, secret.caseId, 'relatesTo')).body.code).toBe('NOT_FOUND');
    await service.ben.put(`/v1/cases/${open}/links/${secret.caseId}`, { kind: 'relatesTo' });
    expect(await linksOf(open)).toEqual([]);
    expect(await everyItem(service.ben, `/v1/cases/${open}/links`)).toHaveLength(1);
  });

  it('is one link, however many make it at once', async () => {
    const [one, other] = await pair();
    const answers = await Promise.all([
      ...[1, 2, 3].map(() => link(one, other, 'relatesTo')),
      link(other, one, 'relatesTo'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await linksOf(one)).toHaveLength(1);
    expect(await told(other)).toHaveLength(1);
  });
});

describe('labels', () => {
  it('are what a case is found by, also once it is closed', async () => {
    const customerId = await service.customer();
    const { caseId } = await service.opened({ customerId, labels: ['vip', 'recall'] });
    await service.opened({ customerId });
    const found = async (label: string) =>
      (await everyItem(service.anna, `/v1/cases?customerId=${customerId}&label=${label}`)).map((item) => item.caseId);
    expect(await found('recall')).toEqual([caseId]);
    await resolve(caseId);
    expect((await service.anna.patch(`/v1/cases/${caseId}`, { labels: ['vip', 'refunded'] })).status).toBe(200);
    expect([await found('recall'), await found('refunded')]).toEqual([[], [caseId]]);
  });
});
