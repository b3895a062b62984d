import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();
const path = '/v1/settings/case-templates';
const at = { at: '09:00', timeZone: 'Europe/London' };

describe('a case template', () => {
  it('is kept by supervisors, and tells when its next case is due', async () => {
    const customerId = await service.customer();
    const body = {
      name: 'Monthly check',
      case: { title: 'Check the printer', customerId, origin: 'api' },
      schedule: { monthly: 15, ...at },
    };
    expect((await service.anna.put(`${path}/check`, body)).body.code).toBe('FORBIDDEN');
    const { body: put } = await service.supervisor.put(`${path}/check`, body);
    expect(put).toMatchObject({
      id: 'check',
      version: 1,
      enabled: true,
      schedule: { nextAt: '2026-03-15T09:00:00.000Z' },
    });
    expect((await service.anna.get(`${path}/check`)).body).toEqual(put);
    expect(await everyItem(service.anna, path)).toEqual([put]);
    expect((await service.supervisor.delete(`${path}/check`)).body.deleted).toBe(true);
    expect((await service.anna.get(`${path}/check`)).body.code).toBe('NOT_FOUND');
    expect((await service.supervisor.put(`${path}/check`, body)).body.version).toBe(2);
  });

  it('that refers to nothing says which field does', async () => {
    const template = { name: 'x', case: { title: 'x', customerId: 'nobody-known', origin: 'api' } };
    expect((await service.supervisor.put(`${path}/x`, template)).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ path: 'case.customerId' }],
    });
  });

  it('opens a case when somebody runs it, once for a request that comes again', async () => {
    const customerId = await service.customer();
    await service.supervisor.put(`${path}/by-hand`, {
      name: 'By hand',
      case: { title: 'New colleague', customerId, origin: 'api', priority: 'high', labels: ['onboarding'] },
    });
    const runs = await Promise.all([1, 2].map(() => service.anna.post(`${path}/by-hand/run`, {}, { key: 'run' })));
    expect(runs[0]).toMatchObject({
      status: 201,
      body: { title: 'New colleague', priority: 'high', createdBy: 'anna' },
    });
    expect(runs[1]?.body).toEqual(runs[0]?.body);
    const [created] = await everyItem(service.anna, `/v1/cases/${runs[0]?.body.caseId}/audit`);
    expect(created).toMatchObject({ actor: 'anna', cause: 'template:by-hand' });
    expect((await service.anna.post(`${path}/none/run`)).body.code).toBe('NOT_FOUND');
  });

  it('is made of a case by a supervisor, and the sweeper opens the next one when it is due', async () => {
    const { caseId, caseNumber, customerId } = await service.opened({ title: 'Back up the server', labels: ['it'] });
    const convert = { to: 'template', schedule: { everyDays: 7, ...at, nextAt: '2026-03-02T09:02:30.000Z' } };
    const path_ = `/v1/cases/${caseId}/convert`;
    expect((await service.anna.post(path_, convert)).body.code).toBe('FORBIDDEN');
    const { body } = await service.supervisor.post(path_, convert);
    expect(body).toEqual({ kind: 'template', id: caseNumber.toLowerCase() });
    expect((await service.supervisor.post(path_, convert)).body.code).toBe('IN_USE');
    expect((await service.anna.get(`${path}/${body.id}`)).body).toMatchObject({
      sourceCaseId: caseId,
      name: 'Back up the server',
      schedule: { nextAt: '2026-03-02T09:02:30.000Z' },
    });

    await service.clockTo('2026-03-02T09:05:00.000Z');
    await service.settled();
    const cases = await everyItem(service.anna, `/v1/cases?customerId=${customerId}`);
    expect(cases.map(({ title, createdBy, queueId }) => ({ title, createdBy, queueId }))).toEqual([
      { title: 'Back up the server', createdBy: 'system', queueId: 'default' },
      { title: 'Back up the server', createdBy: 'anna', queueId: 'default' },
    ]);
    const template = (await service.anna.get(`${path}/${body.id}`)).body;
    expect(template.lastRun).toMatchObject({ dueAt: '2026-03-02T09:02:30.000Z', caseId: cases[0].caseId });
    expect(template.schedule.nextAt).toBe('2026-03-09T09:00:00.000Z');
  });
});
