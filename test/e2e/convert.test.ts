import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();
const convert = (caseId: string, body: object, key?: string) =>
  service.anna.post(`/v1/cases/${caseId}/convert`, body, key ? { key } : {});
const narrative = { resolutionType: 'problemSolved', resolution: 'Pressed the red button.' };

describe('a case', () => {
  it('becomes a lead that knows where it came from, and stays open itself', async () => {
    const opened = await service.opened({ product: 'Printer 9', description: 'We want ten more', ownerId: 'ben' });
    const { caseId, title, customerId } = opened;
    const { status, body } = await convert(caseId, { to: 'lead', title: 'Ten printers' });
    expect({ status, kind: body.kind }).toEqual({ status: 201, kind: 'lead' });
    const lead = (await service.anna.get(`/v1/leads/${body.id}`)).body;
    expect(lead).toMatchObject({
      leadId: body.id,
      title: 'Ten printers',
      customerId,
      sourceCaseId: caseId,
      ownerId: 'ben',
    });
    expect(lead).toMatchObject({ product: 'Printer 9', description: 'We want ten more', createdBy: 'anna' });
    expect((await service.anna.get(`/v1/cases/${caseId}`)).body).toMatchObject({ status: 'active', title, version: 1 });
    const told = (await everyItem(service.anna, `/v1/cases/${caseId}/timeline`)).find(
      ({ type }) => type === 'case.converted',
    );
    expect(told).toMatchObject({ to: 'lead', targetId: body.id, actor: 'anna' });
  });

  it('becomes an opportunity with what is expected of it', async () => {
    const { caseId, title } = await service.opened();
    const expected = { estimatedValue: 12_000, currency: 'EUR', closesOn: '2026-06-30' };
    const { body } = await convert(caseId, { to: 'opportunity', ...expected });
    expect((await service.anna.get(`/v1/opportunities/${body.id}`)).body).toMatchObject({
      opportunityId: body.id,
      title,
      ownerId: 'anna',
      sourceCaseId: caseId,
      ...expected,
    });
  });

  it('becomes several article drafts, the later ones with what resolved it', async () => {
    await service.admin.put('/v1/settings/subjects/printers', { name: 'Printers' });
    const { caseId, title } = await service.opened({
      description: 'It smokes.',
      subjectId: 'printers',
      ownerId: 'ben',
    });
    const first = (await convert(caseId, { to: 'article' })).body;
    await service.anna.post(`/v1/cases/${caseId}/resolve`, narrative);
    const second = (await convert(caseId, { to: 'article', visibility: 'external' })).body;
    expect(second.id).not.toBe(first.id);
    const common = { title, subjectId: 'printers', ownerId: 'ben', sourceCaseId: caseId, state: 'draft', version: 1 };
    expect((await service.anna.get(`/v1/articles/${first.id}`)).body).toMatchObject({
      ...common,
      body: 'It smokes.',
      visibility: 'internal',
    });
    expect((await service.anna.get(`/v1/articles/${second.id}`)).body).toMatchObject({
      ...common,
      body: 'It smokes.\n\nPressed the red button.',
      visibility: 'external',
    });
    await service.anna.post(`/v1/articles/${first.id}/submit`);
    expect((await service.anna.post(`/v1/articles/${first.id}/approve`)).body.code).toBe('SELF_APPROVAL');
  });

  it('with nothing said yet becomes an empty draft, which nobody submits', async () => {
    const { caseId } = await service.opened();
    const { id } = (await convert(caseId, { to: 'article' })).body;
    expect((await service.anna.post(`/v1/articles/${id}/submit`)).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ path: 'body' }],
    });
  });

  it('is converted once by a request that arrives five times', async () => {
    const { caseId } = await service.opened();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => convert(caseId, { to: 'lead' }, 'once')));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    const told = await everyItem(service.anna, `/v1/cases/${caseId}/timeline`);
    expect(told.filter(({ type }) => type === 'case.converted')).toHaveLength(1);
  });

  it('in a private queue has leads that only those may know of who may know of it', async () => {
    await service.admin.put('/v1/queues/secret', { name: 'Secret', visibility: 'private', members: ['ben'] });
    const { caseId } = await service.opened({ queueId: 'secret' });
    expect((await convert(caseId, { to: 'lead' })).body.code).toBe('NOT_FOUND');
    for (const [to, path] of [
      ['lead', 'leads'],
      ['opportunity', 'opportunities'],
    ]) {
      const { id } = (await service.ben.post(`/v1/cases/${caseId}/convert`, { to })).body;
      expect((await service.ben.get(`/v1/${path}/${id}`)).status).toBe(200);
      expect((await service.anna.get(`/v1/${path}/${id}`)).body.code).toBe('NOT_FOUND');
    }
  });
});
