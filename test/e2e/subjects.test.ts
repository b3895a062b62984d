import { describe, expect, it } from 'vitest';
import { withService } from '../support/service.ts';

const service = withService();
const path = (id: string) => `/v1/settings/subjects/${id}`;
const put = (id: string, fields: object = {}) => service.admin.put(path(id), { name: id, ...fields });
const remove = (id: string) => service.admin.delete(path(id));
const similarTo = async (caseId: string, query = '') =>
  (await service.anna.get(`/v1/cases/${caseId}/similar${query}`)).body.items;

describe('a subject', () => {
  it('on the fourth level is put with a warning, on the sixth refused', async () => {
    expect((await put('one')).body).not.toHaveProperty('warnings');
    await put('two', { parentId: 'one' });
    expect((await put('three', { parentId: 'two' })).body).not.toHaveProperty('warnings');
    expect((await put('four', { parentId: 'three' })).body.warnings).toEqual([expect.stringContaining('level 4')]);
    await put('five', { parentId: 'four' });
    expect((await put('six', { parentId: 'five' })).body.code).toBe('SUBJECT_TOO_DEEP');
  });

  it.each([
    ['a subject stands below', 'above', async () => put('below', { parentId: 'above' })],
    ['a case has', 'on-case', async () => service.opened({ subjectId: 'on-case' })],
    [
      'a rule names',
      'in-rule',
      async () =>
        service.admin.put('/v1/settings/routing-rule-sets/by-subject', {
          name: 'By subject',
          defaultQueueId: 'default',
          rules: [
            {
              id: 'one',
              when: { any: [{ not: { field: 'subjectId', op: 'under', value: 'in-rule' } }] },
              queueId: 'default',
            },
          ],
        }),
    ],
    [
      'an SLA names',
      'in-sla',
      async () =>
        service.admin.put('/v1/settings/slas/by-subject', {
          name: 'By subject',
          items: [
            {
              id: 'one',
              kpi: 'resolve',
              targetMinutes: 60,
              when: { field: 'subjectId', op: 'in', value: ['in-sla'] },
            },
          ],
        }),
    ],
    [
      'a template has',
      'in-template',
      async () =>
        service.admin.put('/v1/settings/case-templates/by-subject', {
          name: 'By subject',
          case: { title: 'x', customerId: await service.customer(), origin: 'api', subjectId: 'in-template' },
        }),
    ],
    [
      'an article is about',
      'in-article',
      async () =>
        service.anna.post('/v1/articles', { title: 'x', body: 'x', visibility: 'internal', subjectId: 'in-article' }),
    ],
  ])('that %s is not removed', async (_, id, use) => {
    await put(id);
    await use();
    expect(await remove(id)).toMatchObject({ status: 409, body: { code: 'IN_USE' } });
    expect((await service.anna.get(path(id))).status).toBe(200);
  });

  it('that nothing has or names is removed', async () => {
    await put('unused');
    const { caseId } = await service.opened({ subjectId: 'unused' });
    expect((await remove('unused')).body.code).toBe('IN_USE');
    await service.anna.patch(`/v1/cases/${caseId}`, { subjectId: null });
    expect((await remove('unused')).body).toMatchObject({ id: 'unused', deleted: true });
    expect((await service.anna.get(path('unused'))).body.code).toBe('NOT_FOUND');
  });

  it('that is disabled stays on the cases that have it, and no other case gets it', async () => {
    await put('old');
    const { caseId } = await service.opened({ subjectId: 'old' });
    await put('old', { enabled: false });
    const customerId = await service.customer();
    const refused = { code: 'VALIDATION_FAILED', errors: [{ path: 'subjectId' }] };
    const body = { title: 'x', origin: 'web', customerId, subjectId: 'old' };
    expect((await service.anna.post('/v1/cases', body)).body).toMatchObject(refused);
    const other = await service.opened();
    expect((await service.anna.patch(`/v1/cases/${other.caseId}`, { subjectId: 'old' })).body).toMatchObject(refused);
    const kept = await service.anna.patch(`/v1/cases/${caseId}`, { subjectId: 'old', title: 'Still old' });
    expect(kept.body).toMatchObject({ subjectId: 'old', title: 'Still old' });
  });

  it('never comes to stand below itself, however two are moved at once', async () => {
    for (let n = 0; n < 5; n += 1) {
      const [a, b] = [`a${n}`, `b${n}`];
      await Promise.all([put(a), put(b)]);
      const answers = await Promise.all([put(a, { parentId: b }), put(b, { parentId: a })]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
      expect(answers.find(({ status }) => status === 400)?.body.code).toBe('SUBJECT_CYCLE');
    }
  });
});

describe('similar cases', () => {
  it('share the subject, or one of its branch, and words of the title, the likest first', async () => {
    await put('hardware');
    await put('printer', { parentId: 'hardware' });
    await put('scanner', { parentId: 'hardware' });
    await put('billing');
    const opened = (title: string, subjectId?: string) => service.opened({ title, ...(subjectId && { subjectId }) });
    const asked = await opened('Zebra copier smokes', 'printer');
    const both = await opened('The zebra smokes again', 'printer');
    const sameSubject = await opened('No paper', 'printer');
    const sameBranch = await opened('Glass is dirty', 'scanner');
    const sameWords = await opened('Zebra on the invoice', 'billing');
    await opened('Nothing alike', 'billing');
    const twoWords = await opened('Zebra copier', 'printer');
    await service.anna.post(`/v1/cases/${both.caseId}/resolve`, {
      resolutionType: 'problemSolved',
      resolution: 'Cleaned it.',
    });
    await service.settled();

    const items = await similarTo(asked.caseId);
    expect(items.map(({ caseId }: { caseId: string }) => caseId)).toEqual(
      [both, twoWords, sameSubject, sameWords, sameBranch].map(({ caseId }) => caseId),
    );
    expect(items[0]).toMatchObject({
      sharedWords: ['zebra', 'smokes'],
      sharedSubjectId: 'printer',
      status: 'resolved',
      resolution: { resolution: 'Cleaned it.' },
    });
    expect(items.at(-1)).toMatchObject({ sharedWords: [], sharedSubjectId: 'hardware' });
    expect(await similarTo(asked.caseId, '?limit=2')).toEqual(items.slice(0, 2));
  });

  it('are found by their titles when there is no subject, and those in private queues are not shown', async () => {
    await service.admin.put('/v1/queues/secret', { name: 'Secret', visibility: 'private', members: ['ben'] });
    const asked = await service.opened({ title: 'Ostrich egg' });
    const shown = await service.opened({ title: 'Ostriches and an ostrich' });
    const hidden = await service.opened({ title: 'Ostrich of somebody else', queueId: 'secret' });
    await service.settled();
    const ids = (items: { caseId: string }[]) => items.map(({ caseId }) => caseId);
    expect(ids(await similarTo(asked.caseId))).toEqual([shown.caseId]);
    expect(ids((await service.ben.get(`/v1/cases/${asked.caseId}/similar`)).body.items).sort()).toEqual(
      [shown.caseId, hidden.caseId].sort(),
    );
    expect((await service.anna.get(`/v1/cases/${hidden.caseId}/similar`)).body.code).toBe('NOT_FOUND');
  });
});

describe('the catalogue of products', () => {
  const put = (id: string, product: object) => service.admin.put(`/v1/settings/products/${id}`, product);

  it('says what cases may be about as soon as there is one; until then any text may be', async () => {
    const early = await service.opened({ product: 'Anything at all' });
    expect((await put('printers', { name: 'Printers', kind: 'family' })).status).toBe(200);
    await put('laser-9', { name: 'Laser 9', familyId: 'printers' });
    await put('laser-10', { name: 'Laser 10', familyId: 'printers', state: 'draft' });
    const about = (product: string) => service.anna.patch(`/v1/cases/${early.caseId}`, { product });
    expect((await about('laser-9')).body.product).toBe('laser-9');
    for (const product of ['printers', 'laser-10', 'laser-11']) {
      expect(await about(product)).toMatchObject({
        status: 400,
        body: { code: 'VALIDATION_FAILED', errors: [{ path: 'product' }] },
      });
    }
    const customerId = await service.customer();
    const another = { title: 'x', origin: 'web', customerId, product: 'Anything at all' };
    expect((await service.anna.post('/v1/cases', another)).body.errors[0].path).toBe('product');
  });

  it('keeps what cases may have: it is retired, and they stay as they are', async () => {
    const { caseId } = await service.opened({ product: 'laser-9' });
    expect((await service.admin.delete('/v1/settings/products/laser-9')).body.code).toBe('IN_USE');
    expect((await service.admin.delete('/v1/settings/products/printers')).body.code).toBe('IN_USE');
    await put('laser-9', { name: 'Laser 9', familyId: 'printers', state: 'retired' });
    expect((await put('laser-9', { name: 'Laser 9', state: 'draft' })).body.code).toBe('VALIDATION_FAILED');
    const kept = await service.anna.patch(`/v1/cases/${caseId}`, { product: 'laser-9', title: 'Still about it' });
    expect(kept).toMatchObject({ status: 200, body: { product: 'laser-9' } });
    expect((await service.admin.delete('/v1/settings/products/laser-10')).status).toBe(200);
  });
});
