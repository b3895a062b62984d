import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { MONDAY, withService } from '../support/service.ts';

const service = withService();

describe('the life of a case', () => {
  it('opens active and in progress, is routed to the default queue, and tells it on its timeline', async () => {
    const opened = await service.opened();
    expect(opened).toMatchObject({
      status: 'active',
      statusReason: 'inProgress',
      priority: 'normal',
      version: 1,
      createdOn: MONDAY,
    });
    await service.settled();
    const { body } = await service.anna.get(`/v1/cases/${opened.caseId}`);
    expect(body.queueId).toBe('default');
    expect(body.version).toBe(1);
    const timeline = await everyItem(service.anna, `/v1/cases/${opened.caseId}/timeline`);
    expect(timeline.map(({ type }) => type)).toEqual(['case.created', 'case.routed']);
  });

  it('is resolved with a narrative, and reactivated into the queue that it came from', async () => {
    const { caseId } = await service.opened();
    await service.settled();
    const resolved = await service.anna.post(`/v1/cases/${caseId}/resolve`, {
      resolutionType: 'problemSolved',
      resolution: 'Extinguished',
    });
    expect(resolved.status).toBe(200);
    expect(resolved.body).toMatchObject({
      status: 'resolved',
      statusReason: 'problemSolved',
      resolution: { resolvedBy: 'anna' },
    });
    expect(resolved.body.queueId).toBeUndefined();
    const again = await service.anna.post(`/v1/cases/${caseId}/resolve`, {
      resolutionType: 'problemSolved',
      resolution: 'Twice',
    });
    expect(again.body.code).toBe('ALREADY_RESOLVED');
    const reactivated = await service.anna.post(`/v1/cases/${caseId}/reactivate`);
    expect(reactivated.body).toMatchObject({
      status: 'active',
      statusReason: 'inProgress',
      reopenCount: 1,
      queueId: 'default',
    });
  });

  it('goes back to the resolution that it had, when it was reopened for nothing', async () => {
    const { caseId } = await service.opened({ queueId: 'default' });
    const resolve = (body: object) => service.anna.post(`/v1/cases/${caseId}/resolve`, body);
    expect((await resolve({ asBefore: true })).body).toMatchObject({ code: 'VALIDATION_FAILED', status: 400 });
    expect((await resolve({ resolution: 'Why?' })).body.errors).toMatchObject([{ message: 'is required' }]);
    const first = (await resolve({ resolutionType: 'informationProvided', resolution: 'It is in the manual' })).body;
    for (let thanks = 0; thanks < 2; thanks += 1) {
      await service.anna.post(`/v1/cases/${caseId}/reactivate`);
      const { status, body } = await resolve({ asBefore: true });
      expect(status).toBe(200);
      expect(body).toMatchObject({ statusReason: 'informationProvided', reopenCount: 0, resolution: first.resolution });
    }
    const { items } = (await service.anna.get(`/v1/cases/${caseId}/resolutions`)).body;
    expect(items).toEqual([first.resolution]);
    await service.anna.post(`/v1/cases/${caseId}/reactivate`);
    await resolve({ resolutionType: 'problemSolved', resolution: 'The manual was wrong' });
    expect((await service.anna.get(`/v1/cases/${caseId}/resolutions`)).body.items).toHaveLength(2);
  });

  it('goes on when its customer writes again, as its queue says', async () => {
    const { supervisor, anna, integration } = service;
    const policy = (reopenPolicy: unknown) =>
      supervisor.put('/v1/queues/returns', { name: 'Returns', visibility: 'public', reopenPolicy });
    expect((await policy({ reopenWithinDays: 0 })).body.code).toBe('VALIDATION_FAILED');
    expect((await policy(undefined)).body.reopenPolicy).toEqual({ reopenWithinDays: 7 });
    const mail = { type: 'email', direction: 'inbound', body: 'It is back' };
    const closed = async () => {
      const { caseId } = await service.opened({ queueId: 'returns' });
      await anna.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done' });
      return caseId;
    };
    const reopened = await closed();
    const { status, body } = await integration.post(`/v1/cases/${reopened}/activities`, mail);
    expect([status, body.landing]).toMatchObject([201, { outcome: 'reopened', caseId: reopened }]);
    expect((await anna.get(`/v1/cases/${reopened}`)).body).toMatchObject({ status: 'active', customerReplied: true });

    await policy('newLinked');
    const previous = await closed();
    const { landing } = (await anna.post(`/v1/cases/${previous}/activities`, mail, { key: 'once' })).body;
    expect(landing).toMatchObject({ outcome: 'opened', autoReplyDue: true });
    expect((await anna.post(`/v1/cases/${previous}/activities`, mail, { key: 'once' })).body.landing).toEqual(landing);
    expect((await anna.get(`/v1/cases/${landing.caseId}`)).body).toMatchObject({ previousCaseId: previous });
    const { items } = (await anna.get(`/v1/cases/${previous}/links`)).body;
    expect(items).toMatchObject([{ otherId: landing.caseId, kind: 'previous', direction: 'incoming' }]);
  });

  it('is not made active twice, and has at most fifty open activities', async () => {
    const { caseId } = await service.opened({ queueId: 'default' });
    expect((await service.anna.post(`/v1/cases/${caseId}/reactivate`)).body.code).toBe('ALREADY_ACTIVE');
    const task = () => service.anna.post(`/v1/cases/${caseId}/activities`, { type: 'task', body: 'Call back' });
    for (let n = 0; n < 50; n += 1) expect((await task()).status).toBe(201);
    const [refused, note] = [
      await task(),
      await service.anna.post(`/v1/cases/${caseId}/activities`, { type: 'note', body: 'Enough' }),
    ];
    expect([refused.body.code, note.status]).toEqual(['TOO_MANY_OPEN_ACTIVITIES', 201]);
  });
});
