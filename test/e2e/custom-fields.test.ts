import { describe, expect, it } from 'vitest';
import { type Answer, everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();

const FIELDS = '/v1/settings/custom-fields';
const define = (id: string, fields: object = {}) =>
  service.admin.put(`${FIELDS}/${id}`, { label: id, type: 'text', ...fields });
const patch = (caseId: string, customFields: object, by = service.anna) =>
  by.patch(`/v1/cases/${caseId}`, { customFields });
const wrong = ({ status, body }: Answer) => [
  status,
  body.code,
  ...(body.errors ?? []).map(({ path }: { path: string }) => path),
];

describe('custom fields', () => {
  it('hold from the answer on, and are checked with the path of what is wrong', async () => {
    await define('serial', { maxLength: 8, caseTypes: ['problem'] });
    const { caseId, customFields } = await service.opened({ caseType: 'problem', customFields: { serial: 'X-204' } });
    expect(customFields).toEqual({ serial: 'X-204' });
    expect(wrong(await patch(caseId, { serial: 'much too long' }))).toEqual([
      400,
      'VALIDATION_FAILED',
      'customFields.serial',
    ]);
    expect(wrong(await patch(caseId, { nothing: 1 }))).toEqual([400, 'VALIDATION_FAILED', 'customFields.nothing']);
    expect((await patch(caseId, { serial: 'X-205' })).body.customFields).toEqual({ serial: 'X-205' });
    const [last] = (await everyItem(service.anna, `/v1/cases/${caseId}/audit`)).filter(
      ({ action }) => action === 'case.updated',
    );
    expect(last.changes).toEqual([{ field: 'customFields.serial', old: 'X-204', new: 'X-205' }]);
    const listed = await everyItem(service.anna, '/v1/cases?customField=serial:X-205');
    expect(listed.map((one) => one.caseId)).toEqual([caseId]);
  });

  it('that must be filled are asked of people at creation, of everybody before a resolution', async () => {
    await define('site', { required: 'onCreate', caseTypes: ['request'] });
    await define('cause', { required: 'onResolve', caseTypes: ['request'] });
    const body = { title: 'A new desk', origin: 'web', caseType: 'request', customerId: await service.customer() };
    expect(wrong(await service.anna.post('/v1/cases', body))).toEqual([400, 'VALIDATION_FAILED', 'customFields.site']);
    const { caseId } = (await service.integration.post('/v1/cases', body)).body;
    const resolve = () =>
      service.anna.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'problemSolved', resolution: 'Done' });
    expect(wrong(await resolve())).toEqual([400, 'VALIDATION_FAILED', 'customFields.cause', 'customFields.site']);
    await patch(caseId, { site: 'Leeds', cause: 'move' });
    expect((await resolve()).status).toBe(200);
    expect(wrong(await patch(caseId, { cause: 'other' }))).toEqual([409, 'CASE_NOT_ACTIVE']);
    expect((await patch(caseId, { cause: 'other' }, service.supervisor)).status).toBe(200);
  });

  it('may name people and customers who are there', async () => {
    await define('reviewer', { type: 'user' });
    await define('supplier', { type: 'customer' });
    const { caseId } = await service.opened();
    expect(wrong(await patch(caseId, { reviewer: 'nobody' }))).toEqual([
      400,
      'VALIDATION_FAILED',
      'customFields.reviewer',
    ]);
    expect(wrong(await patch(caseId, { supplier: 'nobody' }))).toContain('customFields.supplier');
    const given = { reviewer: 'ben', supplier: await service.customer({ kind: 'account' }) };
    expect((await patch(caseId, given)).body.customFields).toEqual(given);
  });

  it('decide where a case is routed, and change what its SLA promises with the time already used', async () => {
    await define('impact', { type: 'option', options: [{ value: 'one' }, { value: 'everybody' }] });
    const isWide = { field: 'customFields.impact', op: 'eq', value: 'everybody' };
    await service.admin.post('/v1/queues', { id: 'majors', name: 'Majors', visibility: 'public' });
    await service.admin.put('/v1/settings/routing-rule-sets/impact', {
      name: 'Impact',
      rules: [{ id: 'wide', when: isWide, queueId: 'majors' }],
      defaultQueueId: 'default',
    });
    await service.admin.post('/v1/settings/routing-rule-sets/impact/activate');
    await service.admin.put('/v1/settings/slas/impact', {
      name: 'Impact',
      items: [
        { id: 'wide', kpi: 'resolve', when: isWide, targetMinutes: 60 },
        { id: 'any', kpi: 'resolve', targetMinutes: 480 },
      ],
    });
    const wide = await service.opened({ customFields: { impact: 'everybody' } });
    await service.settled();
    expect((await service.anna.get(`/v1/cases/${wide.caseId}`)).body.queueId).toBe('majors');

    const { caseId } = await service.opened({ slaId: 'impact' });
    await service.clockTo('2026-03-02T09:30:00.000Z');
    await patch(caseId, { impact: 'everybody' });
    const { kpis } = (await service.anna.get(`/v1/cases/${caseId}/sla`)).body;
    expect(kpis.at(-1)).toMatchObject({ targetMinutes: 60, usedMinutes: 30, status: 'inProgress' });
    expect(wrong(await service.admin.delete(`${FIELDS}/impact`))).toEqual([409, 'IN_USE']);
  });

  it('are taken over by children where the settings say so', async () => {
    await define('building');
    const settings = (inheritedFields: string[]) =>
      service.admin.put('/v1/settings/case-settings', { inheritedFields: ['title', 'customerId', ...inheritedFields] });
    expect(wrong(await settings(['customFields.nothing']))).toEqual([400, 'VALIDATION_FAILED', 'inheritedFields']);
    expect((await settings(['customFields.building'])).body.availableFields).toContain('customFields.building');
    const parent = await service.opened({ customFields: { building: 'North' } });
    const child = await service.opened({ parentId: parent.caseId });
    expect(child.customFields).toEqual({ building: 'North' });
    const { caseId } = await service.opened();
    const attached = await service.anna.put(`/v1/cases/${caseId}/parent`, { parentId: parent.caseId });
    expect(attached.body.customFields).toEqual({ building: 'North' });
    await settings([]);
  });

  it('that a case has or had are disabled, not deleted, and never change their type', async () => {
    await define('once');
    expect(wrong(await define('once', { type: 'number' }))).toEqual([400, 'VALIDATION_FAILED', 'type']);
    const { caseId } = await service.opened({ customFields: { once: 'here' } });
    expect(wrong(await service.admin.delete(`${FIELDS}/once`))).toEqual([409, 'IN_USE']);
    await define('once', { enabled: false });
    expect(wrong(await patch(caseId, { once: 'again' }))).toEqual([400, 'VALIDATION_FAILED', 'customFields.once']);
    const edited = await service.anna.patch(`/v1/cases/${caseId}`, { title: 'Another title' });
    expect(edited.body.customFields).toEqual({ once: 'here' });
    await define('twice');
    await define('later', { requiredWhen: { field: 'customFields.twice', op: 'exists' }, required: 'onResolve' });
    expect(wrong(await service.admin.delete(`${FIELDS}/twice`))).toEqual([409, 'IN_USE']);
    expect((await service.admin.delete(`${FIELDS}/later`)).status).toBe(200);
    expect((await service.admin.delete(`${FIELDS}/twice`)).status).toBe(200);
    expect(wrong(await patch(caseId, { twice: 'x' }))).toEqual([400, 'VALIDATION_FAILED', 'customFields.twice']);
  });

  it('are not deleted by one while another gives a case its first value', async () => {
    for (const id of ['race-a', 'race-b', 'race-c']) {
      await define(id);
      const { caseId } = await service.opened();
      const [given, deleted] = await Promise.all([
        patch(caseId, { [id]: 'x' }),
        service.admin.delete(`${FIELDS}/${id}`),
      ]);
      expect([given.status === 200, deleted.status === 200].filter(Boolean)).toHaveLength(1);
    }
  });
});
