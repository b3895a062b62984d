import { beforeAll, describe, expect, it } from 'vitest';
import { type Answer, everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();

const FLOWS = '/v1/settings/process-flows';
const flow = (fields: object = {}) => ({
  name: 'Problems',
  when: { field: 'caseType', op: 'eq', value: 'problem' },
  calendarId: 'desk',
  stages: [
    {
      id: 'identify',
      name: 'Identify',
      steps: [{ field: 'subjectId' }, { field: 'customFields.serial', label: 'Serial' }],
    },
    { id: 'research', name: 'Research', steps: [{ check: 'searched', label: 'Articles searched' }] },
    { id: 'resolve', name: 'Resolve' },
  ],
  ...fields,
});
const refusal = ({ status, body }: Answer) => [status, body.code];
const move = (caseId: string, body: object, by = service.anna) => by.post(`/v1/cases/${caseId}/stage`, body);
const problem = (fields: object = {}) => service.opened({ caseType: 'problem', ...fields });
const complete = { subjectId: 'printers', customFields: { serial: 'X' } };
const audit = async (caseId: string, action: string): Promise<Answer['body'][]> =>
  (await everyItem(service.anna, `/v1/cases/${caseId}/audit`)).filter((entry) => entry.action === action);

beforeAll(async () => {
  await service.admin.put('/v1/settings/subjects/printers', { name: 'Printers' });
  await service.admin.put('/v1/settings/custom-fields/serial', { label: 'Serial', type: 'text' });
  await service.admin.put('/v1/settings/calendars/desk', {
    timeZone: 'Europe/London',
    weekly: { mon: [{ from: '09:00', to: '17:00' }], tue: [{ from: '09:00', to: '17:00' }] },
    holidays: [],
  });
  await service.admin.put(`${FLOWS}/problems`, flow());
});

describe('a process flow', () => {
  it('refers only to what there is', async () => {
    const put = (fields: object) => service.admin.put(`${FLOWS}/other`, flow(fields));
    const asking = (field: string) => ({ stages: [{ id: 'a', name: 'A', steps: [{ field }] }] });
    expect((await put(asking('customFields.nothing'))).body.errors[0].path).toBe('stages.0.steps.0.field');
    expect((await put({ calendarId: 'nowhere' })).body.errors[0].path).toBe('calendarId');
    expect(refusal(await service.admin.delete('/v1/settings/custom-fields/serial'))).toEqual([409, 'IN_USE']);
    expect(refusal(await service.admin.delete('/v1/settings/calendars/desk'))).toEqual([409, 'IN_USE']);
  });

  it('is begun by the cases that it is for, and left only stage by stage', async () => {
    expect((await service.opened()).stage).toBeUndefined();
    const { caseId, stage } = await problem();
    expect(stage).toBe('identify');
    const refused = await move(caseId, { stage: 'research' });
    expect(refusal(refused)).toEqual([409, 'STAGE_INCOMPLETE']);
    expect(refused.body.missing).toEqual([
      { stage: 'identify', field: 'subjectId' },
      { stage: 'identify', field: 'customFields.serial', label: 'Serial' },
    ]);
    await service.anna.patch(`/v1/cases/${caseId}`, complete);
    expect((await move(caseId, { stage: 'research' })).body.stage).toBe('research');
    expect(refusal(await move(caseId, { stage: 'resolve' }))).toEqual([409, 'STAGE_INCOMPLETE']);
    const { stages } = (await service.anna.get(`/v1/cases/${caseId}/stage`)).body;
    expect(stages.map(({ id, missing }: Answer['body']) => [id, missing.length])).toEqual([
      ['identify', 0],
      ['research', 1],
      ['resolve', 0],
    ]);
    expect((await move(caseId, { checks: { searched: true }, stage: 'resolve' })).body.stage).toBe('resolve');
    expect((await move(caseId, { stage: 'identify' })).body.stage).toBe('identify');
    expect((await audit(caseId, 'case.stageChanged')).map(({ changes: [{ new: to }] }) => to)).toEqual([
      'identify',
      'research',
      'resolve',
      'identify',
    ]);
    const listed = await everyItem(service.anna, '/v1/cases?stage=identify');
    expect(listed.map((one) => one.caseId)).toContain(caseId);
  });

  it('keeps the version that a case has begun, also when it is replaced or removed', async () => {
    const { caseId } = await problem(complete);
    await service.admin.put(`${FLOWS}/problems`, flow({ stages: [{ id: 'only', name: 'Only' }] }));
    expect((await move(caseId, { stage: 'research' })).body.stage).toBe('research');
    expect((await problem()).stage).toBe('only');
    await service.admin.delete(`${FLOWS}/problems`);
    expect((await move(caseId, { stage: 'identify' })).body.stage).toBe('identify');
    const late = await problem(complete);
    expect(late.stage).toBeUndefined();
    expect(refusal(await move(late.caseId, { stage: 'identify' }))).toEqual([400, 'VALIDATION_FAILED']);
    await service.admin.put(`${FLOWS}/problems`, flow());
    expect((await move(late.caseId, { stage: 'research' })).body.stage).toBe('research');
  });

  it('lets nobody move a case that is closed, and takes it up again where it was', async () => {
    const { caseId } = await problem(complete);
    await move(caseId, { stage: 'research' });
    const resolved = await service.anna.post(`/v1/cases/${caseId}/resolve`, {
      resolutionType: 'problemSolved',
      resolution: 'Done',
    });
    expect(resolved.body.stage).toBeUndefined();
    expect(refusal(await move(caseId, { stage: 'identify' }))).toEqual([409, 'CASE_NOT_ACTIVE']);
    const reopened = await service.anna.post(`/v1/cases/${caseId}/reactivate`);
    expect(reopened.body.stage).toBe('research');
    expect(reopened.body.process.visits).toHaveLength(3);
    const survivor = await service.opened({ customerId: reopened.body.customerId });
    await service.anna.post(`/v1/cases/${survivor.caseId}/merge`, { caseIds: [caseId] });
    expect((await service.anna.get(`/v1/cases/${caseId}`)).body.stage).toBeUndefined();
    await service.settled();
    await service.anna.post(`/v1/cases/${survivor.caseId}/unmerge`, { caseId });
    expect((await service.anna.get(`/v1/cases/${caseId}`)).body.stage).toBe('research');
  });

  it('moves a case once when two send it on at the same time', async () => {
    const { caseId } = await problem(complete);
    const answers = await Promise.all([
      move(caseId, { stage: 'research' }),
      move(caseId, { stage: 'research' }, service.ben),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await audit(caseId, 'case.stageChanged')).toHaveLength(2);
  });

  it('decides what an SLA promises and where the report says that time went', async () => {
    const report = async (query = '') => {
      await service.settled();
      return (await service.supervisor.get(`/v1/reports/time-per-stage?from=2026-03-02&to=2026-03-09&${query}`)).body;
    };
    const of = (items: Answer['body'][], stage: string) => items.find((item) => item.stage === stage);
    const visits = (item: Answer['body'] | undefined) => item?.visits ?? 0;
    const before = of((await report()).items, 'identify');
    await service.admin.put('/v1/settings/slas/staged', {
      name: 'Staged',
      items: [
        { id: 'research', kpi: 'resolve', when: { field: 'stage', op: 'eq', value: 'research' }, targetMinutes: 60 },
      ],
    });
    const { caseId } = await problem({ ...complete, slaId: 'staged' });
    expect((await service.anna.get(`/v1/cases/${caseId}/sla`)).body.kpis).toEqual([]);
    await service.clockTo('2026-03-03T10:00:00.000Z');
    await move(caseId, { stage: 'research' });
    expect((await service.anna.get(`/v1/cases/${caseId}/sla`)).body.kpis[0]).toMatchObject({ kpi: 'resolve' });

    const byDay = await report('interval=day');
    expect(of(byDay.items, 'identify')).toMatchObject({
      flow: 'problems',
      flowName: 'Problems',
      name: 'Identify',
      visits: visits(before) + 1,
      minutes: (before?.minutes ?? 0) + 25 * 60,
      businessMinutes: (before?.businessMinutes ?? 0) + 9 * 60,
    });
    expect(byDay.series[1].items).toEqual([
      expect.objectContaining({ stage: 'identify', visits: 1, meanMinutes: 1500, meanBusinessMinutes: 540 }),
    ]);
    expect((await report('groupBy=flow')).items.map((item: Answer['body']) => item.flow)).toEqual(['problems']);
  });

  it('warns of a stage that takes too long and does what is asked for then, once a visit', async () => {
    await service.supervisor.post('/v1/queues', { id: 'late', name: 'Late', visibility: 'public' });
    const triage = {
      id: 'triage',
      name: 'Triage',
      maxMinutes: 60,
      warnMinutes: 30,
      actions: { warn: [{ type: 'notify', to: 'supervisors' }], breach: [{ type: 'routeToQueue', queueId: 'late' }] },
    };
    const put = (stage: object) =>
      service.admin.put(`${FLOWS}/timed`, flow({ name: 'Timed', order: -1, when: undefined, stages: [stage] }));
    const misrouted = await put({ ...triage, actions: { breach: [{ type: 'routeToQueue', queueId: 'nowhere' }] } });
    expect(misrouted.body.errors[0].path).toBe('stages.0.actions.breach.0.queueId');
    await put(triage);
    await service.clockTo('2026-03-09T16:00:00.000Z');
    const { caseId } = await service.opened({ queueId: 'default' });
    // Half an hour of Monday is left for the warning; Tuesday opens at nine.
    await service.clockTo('2026-03-10T09:01:00.000Z');
    const told = (await everyItem(service.anna, `/v1/cases/${caseId}/timeline`)).map(({ type, dueAt }) => [
      type,
      dueAt,
    ]);
    expect(told).toEqual(
      expect.arrayContaining([
        ['sla.warning', '2026-03-09T16:30:00.000Z'],
        ['sla.notified', undefined],
        ['sla.breached', '2026-03-09T17:00:00.000Z'],
      ]),
    );
    const late = (await service.anna.get(`/v1/cases/${caseId}`)).body;
    expect(late).toMatchObject({ queueId: 'late', sla: { status: 'noncompliant' }, stage: 'triage' });
    const acknowledged = await service.anna.post(`/v1/cases/${caseId}/sla/stageTriage/acknowledge`, {
      reasonCode: 'nobody-there',
    });
    expect(acknowledged.status).toBe(200);
  });
});
