import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();
const REASONS = '/v1/settings/status-reasons';
const GRAPH = '/v1/settings/transitions';
const parts = { status: 'active', label: 'Awaiting parts', isOnHold: true, enabled: true };

const reason = (id: string, fields: object = {}) => service.admin.put(`${REASONS}/${id}`, { ...parts, ...fields });
const moved = (caseId: string, statusReason: string) => service.anna.patch(`/v1/cases/${caseId}`, { statusReason });
const narrative = { resolutionType: 'problemSolved', resolution: 'Done' };

/** The default graph, drawn: a service cannot go back to having drawn none. */
const drawDefault = async (): Promise<void> => {
  const reasons = await everyItem(service.anna, REASONS);
  const ids = reasons.map(({ id }) => id);
  const active = reasons.filter(({ status }) => status === 'active').map(({ id }) => id);
  const allow = Object.fromEntries(
    ids.map((from) => [
      from,
      from === 'merged' ? [] : active.includes(from) ? ids.filter((to) => to !== from) : ['inProgress'],
    ]),
  );
  expect((await service.admin.put(GRAPH, { enabled: true, allow })).status).toBe(200);
};

describe('status reasons', () => {
  it('are the eight of a fresh service until somebody changes them', async () => {
    const reasons = await everyItem(service.anna, REASONS);
    expect(reasons.map(({ id }) => id).sort()).toEqual(
      [
        'cancelled',
        'inProgress',
        'informationProvided',
        'merged',
        'onHold',
        'problemSolved',
        'researching',
        'waitingForDetails',
      ].sort(),
    );
    expect((await service.anna.get(`${REASONS}/waitingForDetails`)).body).toEqual({
      id: 'waitingForDetails',
      version: 0,
      status: 'active',
      label: 'Waiting for Details',
      isOnHold: true,
      enabled: true,
      onCustomerReply: 'inProgress',
    });
    expect((await service.anna.get(`${REASONS}/nothing`)).body.code).toBe('NOT_FOUND');
  });

  it('may be the organisation’s own: cases move to them and back, and the graph knows them', async () => {
    const saved = await reason('awaiting-parts');
    expect(saved).toMatchObject({ status: 200, body: { id: 'awaiting-parts', version: 1, warnings: [] } });
    const { caseId, permittedTransitions } = await service.opened();
    expect(permittedTransitions).toContain('awaiting-parts');
    expect((await moved(caseId, 'awaiting-parts')).body).toMatchObject({
      statusReason: 'awaiting-parts',
      status: 'active',
    });
    expect((await service.anna.get(GRAPH)).body).toMatchObject({
      version: 0,
      allow: { 'awaiting-parts': expect.arrayContaining(['problemSolved', 'inProgress']) },
    });
    expect((await moved(caseId, 'inProgress')).status).toBe(200);
  });

  it('hold the clocks of a case when they are made so, and a customer’s message wakes it', async () => {
    await service.admin.put('/v1/settings/slas/hold', {
      name: 'Hold',
      isDefault: true,
      items: [{ id: 'resolve', kpi: 'resolve', targetMinutes: 480 }],
    });
    await reason('awaiting-customer', { onCustomerReply: 'researching' });
    const { caseId } = await service.opened();
    const kpi = async () => (await service.anna.get(`/v1/cases/${caseId}/sla`)).body.kpis[0].status;
    await moved(caseId, 'awaiting-customer');
    expect(await kpi()).toBe('paused');
    const [{ segments: before }] = (await service.anna.get(`/v1/cases/${caseId}/sla`)).body.kpis;
    await moved(caseId, 'awaiting-parts');
    await moved(caseId, 'awaiting-customer');
    expect((await service.anna.get(`/v1/cases/${caseId}/sla`)).body.kpis[0].segments).toEqual(before);
    await service.anna.post(`/v1/cases/${caseId}/activities`, {
      type: 'email',
      direction: 'inbound',
      body: 'Here it is',
    });
    expect((await service.anna.get(`/v1/cases/${caseId}`)).body.statusReason).toBe('researching');
    expect(await kpi()).toBe('inProgress');
    await service.admin.put('/v1/settings/slas/hold', { name: 'Hold', isDefault: false, items: [] });
  });

  it('that held clocks let them run on when a case leaves, also if they hold none any more', async () => {
    await service.admin.put('/v1/settings/slas/hold', {
      name: 'Hold',
      isDefault: true,
      items: [{ id: 'resolve', kpi: 'resolve', targetMinutes: 480 }],
    });
    await reason('awaiting-supplier');
    const { caseId } = await service.opened();
    await moved(caseId, 'awaiting-supplier');
    await reason('awaiting-supplier', { isOnHold: false });
    await moved(caseId, 'inProgress');
    expect((await service.anna.get(`/v1/cases/${caseId}/sla`)).body.kpis[0].status).toBe('inProgress');
    await service.admin.put('/v1/settings/slas/hold', { name: 'Hold', isDefault: false, items: [] });
  });

  it('keep their status, and say which field is wrong', async () => {
    await reason('awaiting-parts');
    expect(await reason('awaiting-parts', { status: 'resolved', isOnHold: false })).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED', errors: [{ path: 'status' }] },
    });
    expect(
      await service.admin.put(`${REASONS}/inProgress`, { status: 'active', label: 'x', enabled: false }),
    ).toMatchObject({
      body: { code: 'VALIDATION_FAILED', errors: [{ path: 'enabled' }] },
    });
    expect(await reason('awaiting-parts', { onCustomerReply: 'nowhere' })).toMatchObject({
      body: { code: 'VALIDATION_FAILED', errors: [{ path: 'onCustomerReply' }] },
    });
    expect((await service.anna.put(`${REASONS}/mine`, parts)).body.code).toBe('FORBIDDEN');
    expect((await service.admin.put(`${REASONS}/unused`, parts)).body.code).toBe('VALIDATION_FAILED');
  });

  it('that are disabled take no more cases, and let those go that stand in them', async () => {
    await reason('paused-by-us');
    const [stands, comes] = [await service.opened(), await service.opened()];
    await moved(stands.caseId, 'paused-by-us');
    expect((await reason('paused-by-us', { enabled: false })).status).toBe(200);
    expect((await moved(comes.caseId, 'paused-by-us')).body.code).toBe('REASON_DISABLED');
    expect((await moved(stands.caseId, 'inProgress')).status).toBe(200);
    await service.admin.put(`${REASONS}/problemSolved`, {
      status: 'resolved',
      label: 'Problem Solved',
      enabled: false,
    });
    expect((await service.anna.post(`/v1/cases/${comes.caseId}/resolve`, narrative)).body.code).toBe('REASON_DISABLED');
    await service.admin.put(`${REASONS}/problemSolved`, { status: 'resolved', label: 'Problem Solved', enabled: true });
  });

  it('are deleted only when no case stands in them and nothing names them', async () => {
    expect((await service.admin.delete(`${REASONS}/onHold`)).body).toMatchObject({ code: 'IN_USE' });
    await reason('doomed');
    await reason('replied', { onCustomerReply: 'doomed' });
    expect((await service.admin.delete(`${REASONS}/doomed`)).body.code).toBe('IN_USE');
    await reason('replied', { onCustomerReply: undefined });
    const { caseId } = await service.opened();
    await moved(caseId, 'doomed');
    expect((await service.admin.delete(`${REASONS}/doomed`)).body).toMatchObject({
      code: 'IN_USE',
      detail: expect.stringContaining('1 case'),
    });
    await moved(caseId, 'inProgress');
    expect(await service.admin.delete(`${REASONS}/doomed`)).toMatchObject({ status: 200, body: { deleted: true } });
    expect((await moved(caseId, 'doomed')).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ path: 'statusReason' }],
    });
    expect((await service.admin.delete(`${REASONS}/doomed`)).body.code).toBe('NOT_FOUND');
    expect((await reason('doomed')).body.version).toBe(2);
    expect((await moved(caseId, 'doomed')).status).toBe(200);
    await moved(caseId, 'inProgress');
  });

  it('count the closed cases that stand in them too', async () => {
    await reason('sold', { status: 'resolved', isOnHold: false });
    const { caseId } = await service.opened();
    await service.anna.post(`/v1/cases/${caseId}/resolve`, { resolutionType: 'sold', resolution: 'Sold' });
    expect((await service.admin.delete(`${REASONS}/sold`)).body.code).toBe('IN_USE');
    await service.anna.post(`/v1/cases/${caseId}/reactivate`);
    expect((await service.admin.delete(`${REASONS}/sold`)).status).toBe(200);
  });

  it('warn of more than twenty, and take them', async () => {
    const before = (await everyItem(service.anna, REASONS)).filter(({ enabled }) => enabled).length;
    const added = Array.from({ length: 21 - before }, (_, n) => `extra-${n}`);
    const answers = [];
    for (const id of added) answers.push(await reason(id));
    expect(answers.map(({ status }) => status)).toEqual(added.map(() => 200));
    expect(answers.at(-2)?.body.warnings).toEqual([]);
    expect(answers.at(-1)?.body.warnings).toEqual([expect.stringContaining('21 reasons')]);
    for (const id of added) await service.admin.delete(`${REASONS}/${id}`);
  });

  it('to which no case has moved for a time are reported', async () => {
    await reason('in-fashion');
    const { caseId } = await service.opened();
    await moved(caseId, 'in-fashion');
    await service.settled();
    const report = async (days: number) => (await service.supervisor.get(`${REASONS}/unused?days=${days}`)).body;
    const unused = (await report(90)).items;
    expect(unused).toContainEqual({
      id: 'informationProvided',
      status: 'resolved',
      label: 'Information Provided',
      enabled: true,
    });
    expect(unused.map(({ id }: { id: string }) => id)).not.toContain('in-fashion');
    expect(unused.map(({ id }: { id: string }) => id)).not.toContain('inProgress');
    await service.clockTo('2026-06-03T09:00:00.000Z');
    expect((await report(90)).items).toContainEqual(
      expect.objectContaining({ id: 'in-fashion', lastUsedOn: expect.stringMatching(/^2026-03-02/) }),
    );
    expect((await report(120)).items.map(({ id }: { id: string }) => id)).not.toContain('in-fashion');
    expect((await service.anna.get(`${REASONS}/unused`)).body.code).toBe('FORBIDDEN');
  });

  it('are never deleted under a case that comes in at the same moment', async () => {
    for (let round = 0; round < (process.env.NIGHTLY ? 40 : 3); round += 1) {
      const id = `contested-${round}`;
      await reason(id);
      const cases = await Promise.all([1, 2, 3].map(() => service.opened()));
      const [deleted, ...moves] = await Promise.all([
        service.admin.delete(`${REASONS}/${id}`),
        ...cases.map(({ caseId }) => moved(caseId, id)),
      ]);
      const inside = moves.filter(({ status }) => status === 200).length;
      const refused = moves.filter(({ body }) => body.code === 'VALIDATION_FAILED').length;
      expect([deleted.status, inside]).toEqual(deleted.status === 200 ? [200, 0] : [409, 3 - refused]);
      if (deleted.status === 409) expect(inside).toBeGreaterThan(0);
    }
  });
});

describe('the transition graph', () => {
  afterEach(drawDefault);

  const allow = {
    inProgress: ['researching', 'waitingForDetails', 'cancelled'],
    waitingForDetails: ['inProgress'],
    onHold: ['inProgress'],
    researching: ['problemSolved', 'informationProvided'],
    problemSolved: [],
    informationProvided: ['inProgress'],
    cancelled: ['inProgress'],
  };
  const onlyBuiltIn = async (): Promise<void> => {
    for (const { id, ...document } of await everyItem(service.anna, REASONS)) {
      if (!(id in allow) && id !== 'merged') {
        const { version: _version, ...body } = document;
        await service.admin.put(`${REASONS}/${id}`, { ...body, enabled: false });
      }
    }
  };

  it('that lets a case get stuck is refused with the reasons where it would', async () => {
    await onlyBuiltIn();
    const stuck = await service.admin.put(GRAPH, {
      enabled: true,
      allow: { ...allow, researching: ['onHold'], inProgress: ['researching'] },
    });
    expect(stuck).toMatchObject({
      status: 400,
      body: { code: 'GRAPH_DEAD_END', reasons: ['inProgress', 'onHold', 'waitingForDetails', 'researching'] },
    });
    expect((await service.admin.put(GRAPH, { enabled: true, allow: { inProgress: ['nowhere'] } })).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ path: 'allow.inProgress' }],
    });
  });

  it('refuses a move that it does not list, and tells those that it does', async () => {
    await onlyBuiltIn();
    const saved = await service.admin.put(GRAPH, { enabled: true, allow });
    expect(saved.status).toBe(200);
    const { caseId } = await service.opened();
    expect((await service.anna.get(`/v1/cases/${caseId}`)).body.permittedTransitions).toEqual(allow.inProgress);
    const list = await everyItem(service.anna, '/v1/cases');
    expect(list.find((item) => item.caseId === caseId).permittedTransitions).toEqual(allow.inProgress);
    expect(await moved(caseId, 'onHold')).toMatchObject({
      status: 409,
      body: { code: 'TRANSITION_NOT_ALLOWED', permitted: ['researching', 'waitingForDetails'] },
    });
    const early = await service.anna.post(`/v1/cases/${caseId}/resolve`, narrative);
    expect(early.body).toMatchObject({ code: 'TRANSITION_NOT_ALLOWED', permitted: allow.inProgress });
    await moved(caseId, 'researching');
    expect((await service.anna.post(`/v1/cases/${caseId}/cancel`, {})).body.code).toBe('TRANSITION_NOT_ALLOWED');
    expect((await service.anna.post(`/v1/cases/${caseId}/resolve`, narrative)).status).toBe(200);
  });

  it('may forbid a reactivation', async () => {
    await onlyBuiltIn();
    await service.admin.put(GRAPH, { enabled: true, allow });
    const [solved, informed] = [await service.opened(), await service.opened()];
    for (const { caseId } of [solved, informed]) await moved(caseId, 'researching');
    await service.anna.post(`/v1/cases/${solved.caseId}/resolve`, narrative);
    await service.anna.post(`/v1/cases/${informed.caseId}/resolve`, {
      ...narrative,
      resolutionType: 'informationProvided',
    });
    expect((await service.anna.post(`/v1/cases/${solved.caseId}/reactivate`)).body).toMatchObject({
      code: 'TRANSITION_NOT_ALLOWED',
      permitted: [],
    });
    expect((await service.anna.post(`/v1/cases/${informed.caseId}/reactivate`)).status).toBe(200);
  });

  it('is looked at again when a reason is disabled or added', async () => {
    await onlyBuiltIn();
    await service.admin.put(GRAPH, {
      enabled: true,
      allow: { ...allow, inProgress: ['researching'], researching: ['problemSolved'] },
    });
    const disabled = await service.admin.put(`${REASONS}/problemSolved`, {
      status: 'resolved',
      label: 'Problem Solved',
      enabled: false,
    });
    expect(disabled).toMatchObject({ status: 400, body: { code: 'GRAPH_DEAD_END' } });
    expect((await reason('late-comer')).body).toMatchObject({ code: 'GRAPH_DEAD_END', reasons: ['late-comer'] });
    expect((await reason('late-comer', { enabled: false })).status).toBe(200);
    expect((await service.admin.delete(`${REASONS}/late-comer`)).status).toBe(200);
  });

  it('that is off is kept and not applied', async () => {
    await onlyBuiltIn();
    await service.admin.put(GRAPH, { enabled: false, allow: { inProgress: [] } });
    expect((await service.anna.get(GRAPH)).body).toMatchObject({ enabled: false, allow: { inProgress: [] } });
    const { caseId } = await service.opened();
    expect((await moved(caseId, 'onHold')).status).toBe(200);
    expect((await service.anna.post(`/v1/cases/${caseId}/resolve`, narrative)).status).toBe(200);
  });

  it('and the reasons never contradict each other, whoever changes them at once', async () => {
    await onlyBuiltIn();
    for (let round = 0; round < (process.env.NIGHTLY ? 40 : 3); round += 1) {
      await drawDefault();
      await onlyBuiltIn();
      const answers = await Promise.all([
        service.admin.put(GRAPH, {
          enabled: true,
          allow: { ...allow, inProgress: ['researching'], researching: ['problemSolved'] },
        }),
        service.admin.put(`${REASONS}/problemSolved`, { status: 'resolved', label: 'Problem Solved', enabled: false }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
      await drawDefault();
      await service.admin.put(`${REASONS}/problemSolved`, {
        status: 'resolved',
        label: 'Problem Solved',
        enabled: true,
      });
    }
  });

  it('can be asked about what has happened before it holds', async () => {
    const graph = { allow: { ...allow, onHold: [], waitingForDetails: ['cancelled'] } };
    const from = '2026-06-04T09:00:00.000Z';
    await service.clockTo(from);
    const { caseId } = await service.opened();
    for (const to of ['onHold', 'inProgress', 'waitingForDetails']) await moved(caseId, to);
    await service.anna.post(`/v1/cases/${caseId}/activities`, {
      type: 'email',
      direction: 'inbound',
      body: 'Any news?',
    });
    await service.anna.post(`/v1/cases/${caseId}/resolve`, narrative);
    const recent = await service.admin.post(`${GRAPH}/dry-run`, { ...graph, from, limit: 100 });
    expect(recent.body).toMatchObject({ deadEnds: ['onHold'], cases: 1, transitions: 5, refused: 3, forced: 1 });
    expect(recent.body.examples.map((move: Answer['body']) => `${move.from} ${move.to} ${move.actor}`)).toEqual([
      'inProgress onHold anna',
      'onHold inProgress anna',
      'inProgress problemSolved anna',
    ]);
    expect(recent.body.byTransition).toContainEqual({
      from: 'waitingForDetails',
      to: 'inProgress',
      refused: 0,
      forced: 1,
    });
    const future = await service.admin.post(`${GRAPH}/dry-run`, { ...graph, from: '2027-01-01T00:00:00.000Z' });
    expect(future.body).toMatchObject({ cases: 0, transitions: 0, refused: 0 });
  });

  it('is asked page by page, each case once, and a page belongs to its graph', async () => {
    const all = await Promise.all(
      ['active', 'resolved', 'cancelled'].map((status) => everyItem(service.anna, `/v1/cases?status=${status}`)),
    );
    const pages: Answer['body'][] = [];
    let cursor: string | undefined;
    do {
      const page = await service.admin.post(`${GRAPH}/dry-run`, { allow, limit: 9, ...(cursor && { cursor }) });
      pages.push(page.body);
      cursor = page.body.nextCursor;
    } while (cursor);
    expect(Math.max(...pages.map(({ cases }) => cases))).toBeLessThanOrEqual(9);
    expect(pages.reduce((sum, { cases }) => sum + cases, 0)).toBe(all.flat().length);
    const other = { allow: { ...allow, onHold: ['cancelled'] }, cursor: pages[0].nextCursor };
    expect((await service.admin.post(`${GRAPH}/dry-run`, other)).body.code).toBe('VALIDATION_FAILED');
  });
});
