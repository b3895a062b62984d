import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';
import { everyStoredItem } from '../support/stored-items.ts';

const service = withService();
const CARD = '4111 1111 1111 1111';

const recorded = async (caseId: string, fields: object = {}) => {
  const body = { type: 'note', subject: `Paid by ${CARD}`, body: `The card is ${CARD}`, ...fields };
  const answer = await service.anna.post(`/v1/cases/${caseId}/activities`, body, { key: `key-${Math.random()}` });
  return answer.body;
};
const activitiesOf = async (caseId: string) =>
  (await everyItem(service.anna, `/v1/cases/${caseId}/timeline`)).filter(({ kind }) => kind === 'activity');

describe('redacting an activity', () => {
  it('takes its text from everywhere, for good, also once the case is closed', async () => {
    const { caseId } = await service.opened();
    const { activityId } = await recorded(caseId);
    const task = await recorded(caseId, { type: 'task' });
    const path = `/v1/cases/${caseId}/activities`;
    await service.anna.patch(`${path}/${activityId}`, { body: `No, it is ${CARD}` });
    await service.supervisor.post(`${path}/${task.activityId}/redact`, {});
    await service.anna.post(`/v1/cases/${caseId}/cancel`, { confirmCancelActivities: true });
    expect((await service.anna.post(`${path}/${activityId}/redact`, {})).body.code).toBe('FORBIDDEN');
    const answer = await service.supervisor.post(`${path}/${activityId}/redact`, { reason: 'A card number' });
    expect(answer).toMatchObject({
      status: 200,
      body: { subject: '[redacted]', body: '[redacted]', redactedBy: 'sue', redactedOn: expect.any(String) },
    });
    expect((await everyStoredItem(service.host)).filter((item) => item.includes(CARD))).toEqual([]);
    const audit = await everyItem(service.anna, `/v1/cases/${caseId}/audit`);
    expect(audit.filter(({ action }) => action === 'activity.redacted').length).toBe(2);
    // Once more changes nothing, and nobody finds what was never there.
    expect((await service.supervisor.post(`${path}/${activityId}/redact`, {})).body).toEqual(answer.body);
    const unknown = `${path}/019c0000-0000-7000-8000-000000000000/redact`;
    expect((await service.supervisor.post(unknown, {})).body.code).toBe('NOT_FOUND');
  });
});

describe('moving an activity', () => {
  it('that landed on the wrong case takes its time, its author and its minutes along, and both cases tell', async () => {
    const [wrong, right] = [await service.opened(), await service.opened()];
    const task = await recorded(wrong.caseId, { type: 'task', durationMinutes: 20, body: 'Call back' });
    const path = `/v1/cases/${wrong.caseId}/activities/${task.activityId}/move`;
    const moved = await service.ben.post(path, { caseId: right.caseId }, { key: 'move' });
    expect(moved).toMatchObject({ status: 200, body: { caseId: right.caseId, movedFrom: wrong.caseId } });
    expect(await service.ben.post(path, { caseId: right.caseId }, { key: 'move' })).toMatchObject({ body: moved.body });
    expect(await activitiesOf(wrong.caseId)).toEqual([]);
    const { caseId: _there, ...same } = task;
    expect(await activitiesOf(right.caseId)).toMatchObject([same]);
    for (const { caseId } of [wrong, right]) {
      const audit = await everyItem(service.anna, `/v1/cases/${caseId}/audit`);
      expect(audit).toContainEqual(expect.objectContaining({ action: 'activity.moved', actor: 'ben' }));
    }
    const done = { resolutionType: 'problemSolved', resolution: 'Done' };
    expect((await service.anna.post(`/v1/cases/${right.caseId}/resolve`, done)).body).toMatchObject({
      code: 'OPEN_ACTIVITIES',
      activities: [{ activityId: task.activityId }],
    });
    expect((await service.anna.post(`/v1/cases/${wrong.caseId}/resolve`, done)).body.resolution.totalMinutes).toBe(0);
    const confirmed = { ...done, confirmCancelActivities: true };
    const resolved = await service.anna.post(`/v1/cases/${right.caseId}/resolve`, confirmed);
    expect(resolved.body.resolution.totalMinutes).toBe(20);
  });

  it('goes nowhere that would not take it', async () => {
    const [from, closed] = [await service.opened(), await service.opened()];
    await service.anna.post(`/v1/cases/${closed.caseId}/cancel`, {});
    const [task, note] = [await recorded(from.caseId, { type: 'task' }), await recorded(from.caseId)];
    const move = (activityId: string, caseId: string) =>
      service.anna.post(`/v1/cases/${from.caseId}/activities/${activityId}/move`, { caseId });
    expect((await move(task.activityId, closed.caseId)).body.code).toBe('CASE_NOT_ACTIVE');
    expect((await move(note.activityId, from.caseId)).body.code).toBe('VALIDATION_FAILED');
    expect((await move(note.activityId, '019c0000-0000-7000-8000-000000000000')).body.code).toBe('VALIDATION_FAILED');
    expect((await move(note.activityId, closed.caseId)).body.movedFrom).toBe(from.caseId);
  });
});
