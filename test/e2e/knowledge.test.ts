import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();

const articles = '/v1/articles';
const text = { title: 'Put out a printer', body: 'Use the red button.', visibility: 'internal' };
const written = async (fields: object = {}) => (await service.anna.post(articles, { ...text, ...fields })).body;
const published = async (fields: object = {}) => {
  const { articleId } = await written(fields);
  const path = `${articles}/${articleId}`;
  await service.anna.post(`${path}/submit`);
  await service.supervisor.post(`${path}/approve`);
  return (await service.supervisor.post(`${path}/publish`)).body;
};
const article = async (articleId: string) => (await service.anna.get(`${articles}/${articleId}`)).body;
const found = async (query: string) =>
  (await everyItem(service.anna, `${articles}?${query}`)).map(({ articleId }) => articleId);
const facts = async (caseId: string) =>
  (await everyItem(service.anna, `/v1/cases/${caseId}/timeline`)).map(({ type }) => type);
const narrative = { resolutionType: 'problemSolved', resolution: 'Pressed the red button.' };

describe('an article', () => {
  it('begins as a draft of its author, is submitted, approved by another, and published', async () => {
    const draft = await written({ labels: ['fire'], language: 'en' });
    expect(draft).toMatchObject({ version: 1, state: 'draft', ownerId: 'anna', usageCount: 0, resolvedByCount: 0 });
    const path = `${articles}/${draft.articleId}`;
    expect((await service.anna.post(`${path}/submit`)).body.state).toBe('submitted');
    expect((await service.supervisor.post(`${path}/approve`)).body).toMatchObject({
      state: 'approved',
      approvedBy: 'sue',
    });
    const { body } = await service.supervisor.post(`${path}/publish`);
    expect(body).toMatchObject({ state: 'published', publishedVersion: 1, publishedBy: 'sue', labels: ['fire'] });
    expect((await service.anna.get(path)).body).toEqual(body);
  });

  it('is approved by nobody who has written in it, supervisor or not', async () => {
    const { articleId } = (await service.supervisor.post(articles, text)).body;
    const path = `${articles}/${articleId}`;
    await service.anna.patch(path, { body: 'Use the blue button.' });
    await service.anna.post(`${path}/submit`);
    for (const client of [service.anna, service.supervisor]) {
      expect(await client.post(`${path}/approve`)).toMatchObject({ status: 409, body: { code: 'SELF_APPROVAL' } });
    }
    expect((await service.ben.post(`${path}/approve`)).body.code).toBe('FORBIDDEN');
    expect((await service.admin.post(`${path}/approve`)).body.state).toBe('approved');
    expect((await service.anna.post(`${path}/publish`)).body.code).toBe('FORBIDDEN');
  });

  it('skips no step of its way', async () => {
    const { articleId } = await written();
    const path = `${articles}/${articleId}`;
    for (const step of ['approve', 'publish']) {
      expect((await service.supervisor.post(`${path}/${step}`)).body).toMatchObject({
        code: 'TRANSITION_NOT_ALLOWED',
        permitted: ['submitted'],
      });
    }
  });

  it('that is published stays so while its next version is written and reviewed', async () => {
    const { articleId } = await published({ title: 'Extinguish printers' });
    const path = `${articles}/${articleId}`;
    const edited = await service.ben.patch(path, { title: 'Suffocate printers' });
    expect(edited.body).toMatchObject({ version: 2, state: 'draft', publishedVersion: 1 });
    expect((await service.anna.get(`${path}?version=1`)).body).toMatchObject({
      title: 'Extinguish printers',
      state: 'published',
    });
    expect(await found('q=extinguish')).toContain(articleId);
    expect(await found('q=suffocate')).not.toContain(articleId);
    expect(await found('q=suffocate&state=draft')).toContain(articleId);

    await service.ben.post(`${path}/submit`);
    await service.supervisor.post(`${path}/approve`);
    await service.supervisor.post(`${path}/publish`);
    expect(await found('q=suffocate')).toContain(articleId);
    expect(await found('q=extinguish')).not.toContain(articleId);
    expect((await service.anna.get(`${path}?version=1`)).body.state).toBe('superseded');
    expect((await service.anna.get(`${path}?version=3`)).body.code).toBe('NOT_FOUND');
  });

  it('has a version for each edit, and an edit that rests on an older one is refused', async () => {
    const { articleId } = await written({ labels: ['fire'] });
    const path = `${articles}/${articleId}`;
    const read = await service.anna.get(path);
    expect(read.headers.get('etag')).toBe('"1"');
    expect((await service.anna.patch(path, { body: 'Second' }, { ifMatch: 1 })).body).toMatchObject({ version: 2 });
    expect((await service.ben.patch(path, { body: 'Third' }, { ifMatch: 1 })).body.code).toBe('STALE_VERSION');
    expect((await service.ben.patch(path, { body: 'Second' })).body.version).toBe(2);
    expect((await service.anna.get(`${path}?version=1`)).body).toMatchObject({ body: text.body, state: 'superseded' });
  });

  it('keeps every edit when several arrive at once, each as a version', async () => {
    const { articleId } = await written();
    const edits = ['One', 'Two', 'Three', 'Four'];
    await Promise.all(edits.map((title) => service.anna.patch(`${articles}/${articleId}`, { title })));
    expect((await article(articleId)).version).toBe(5);
    const versions = await Promise.all(
      [2, 3, 4, 5].map((version) => service.anna.get(`${articles}/${articleId}?version=${version}`)),
    );
    expect(versions.map(({ body }) => body.title).sort()).toEqual([...edits].sort());
  });

  it('is read by agents only', async () => {
    const { articleId } = await published({ visibility: 'external' });
    expect((await service.integration.get(`${articles}/${articleId}`)).body.code).toBe('FORBIDDEN');
    expect((await service.integration.get(articles)).body.code).toBe('FORBIDDEN');
  });
});

describe('articles are found', () => {
  it('by words and by the branch of their subject, page by page', async () => {
    await service.admin.put('/v1/settings/subjects/hardware', { name: 'Hardware' });
    await service.admin.put('/v1/settings/subjects/printers', { name: 'Printers', parentId: 'hardware' });
    const ids: string[] = [];
    for (const n of [1, 2, 3]) {
      ids.unshift((await published({ title: `Toner ${n} for Zebra`, subjectId: 'printers' })).articleId);
    }
    const other = await published({ title: 'Zebra crossing', visibility: 'external' });
    expect(await found('subjectId=hardware')).toEqual(ids);
    expect(await found('q=toner zebra')).toEqual(ids);
    expect(await found('q=zebr')).toEqual([other.articleId, ...ids]);
    expect(await found('q=zebra&visibility=external')).toEqual([other.articleId]);
    expect(await found('q=zebra&subjectId=printers')).toEqual(ids);
    expect(await found('q=the')).toEqual([]);

    const first = await service.anna.get(`${articles}?q=zebra&subjectId=printers&limit=2`);
    const rest = await service.anna.get(
      `${articles}?q=zebra&subjectId=printers&limit=2&cursor=${first.body.nextCursor}`,
    );
    expect([...first.body.items, ...rest.body.items].map(({ articleId }) => articleId)).toEqual(ids);
    expect(first.body.items[0]).toMatchObject({ excerpt: text.body, state: 'published', version: 1 });
  });
});

describe('gaps', () => {
  const gaps = async (query = '') => {
    await service.settled();
    return (await service.supervisor.get(`/v1/reports/article-gaps?from=2026-03-02&to=2026-03-02&${query}`)).body;
  };
  const searched = async (q: string) => (await service.anna.get(`${articles}?q=${q}`)).body;

  it('are searches after which nobody opened or linked anything, under their words in any order', async () => {
    const { articleId } = await published({ title: 'Okapi and quagga' });
    const [opened, linked] = [await searched('okapi quagga'), await searched('quagga OKAPI')];
    await searched('the okapi quagga');
    expect((await searched('okapi unicorn')).items).toEqual([]);
    await Promise.all([1, 2].map(() => service.anna.get(`${articles}/${articleId}?searchId=${opened.searchId}`)));
    const { caseId } = await service.opened();
    await service.anna.put(`/v1/cases/${caseId}/articles/${articleId}?searchId=${linked.searchId}`);
    const { items } = await gaps();
    expect(items).toContainEqual({ words: 'okapi quagga', searches: 3, withoutClick: 1, foundNothing: 0 });
    expect(items).toContainEqual({ words: 'okapi unicorn', searches: 1, withoutClick: 1, foundNothing: 1 });
    const { totals, series } = await gaps('interval=day&timeZone=Asia/Kathmandu');
    expect(series.at(-1).totals).toEqual(totals);
  });

  it('are no pages that follow, no lists without words, and no search among drafts', async () => {
    expect((await service.anna.get(articles)).body.searchId).toBeUndefined();
    expect((await service.anna.get(`${articles}?q=okapi&state=draft`)).body.searchId).toBeUndefined();
    const { items } = await gaps();
    expect(items.map(({ words }: { words: string }) => words)).not.toContain('okapi');
  });

  it('are subjects that are often resolved without an article', async () => {
    await service.admin.put('/v1/settings/subjects/lifts', { name: 'Lifts' });
    const { articleId } = await published();
    for (const more of [{}, {}, { articleId }]) {
      const { caseId } = await service.opened({ subjectId: 'lifts' });
      await service.anna.post(`/v1/cases/${caseId}/resolve`, { ...narrative, ...more });
    }
    expect((await gaps('groupBy=subject')).items).toContainEqual({
      subject: 'lifts',
      name: 'Lifts',
      resolutions: 3,
      withArticle: 1,
      withoutArticle: 2,
      share: 0.3333,
    });
  });
});

describe('a case', () => {
  it('counts once in the usage of an article that is linked to it, and no more when it is unlinked', async () => {
    const [{ articleId }, { caseId }] = [await published(), await service.opened()];
    const path = `/v1/cases/${caseId}/articles/${articleId}`;
    await Promise.all([1, 2, 3].map(() => service.anna.put(path)));
    expect((await article(articleId)).usageCount).toBe(1);
    const [linked] = await everyItem(service.anna, `/v1/cases/${caseId}/articles`);
    expect(linked).toMatchObject({ articleId, title: text.title, linkedBy: 'anna', resolvedCase: false });
    expect((await service.anna.get(`/v1/cases/${caseId}`)).body.version).toBe(1);

    expect((await service.anna.delete(path)).body).toEqual({ caseId, articleId, deleted: true });
    expect((await service.anna.delete(path)).body.code).toBe('NOT_FOUND');
    expect((await article(articleId)).usageCount).toBe(0);
    expect((await facts(caseId)).filter((type) => type?.startsWith('article'))).toEqual([
      'article.linked',
      'article.unlinked',
    ]);
  });

  it('says which article resolved it, and reopening takes nothing back', async () => {
    const [{ articleId }, { caseId }] = [await published(), await service.opened()];
    const resolved = await service.anna.post(`/v1/cases/${caseId}/resolve`, { ...narrative, articleId });
    expect(resolved.body.resolution.articleId).toBe(articleId);
    expect(await article(articleId)).toMatchObject({ usageCount: 1, resolvedByCount: 1 });
    await service.anna.post(`/v1/cases/${caseId}/reactivate`);
    expect(await article(articleId)).toMatchObject({ usageCount: 1, resolvedByCount: 1 });
    await service.anna.post(`/v1/cases/${caseId}/resolve`, { ...narrative, articleId });
    expect(await article(articleId)).toMatchObject({ usageCount: 1, resolvedByCount: 2 });
    const { body } = await service.anna.get(`/v1/cases/${caseId}/resolutions`);
    expect(body.items.map((resolution: { articleId: string }) => resolution.articleId)).toEqual([articleId, articleId]);
  });

  it('is not resolved by an article that does not exist', async () => {
    const { caseId } = await service.opened();
    const articleId = '019c0000-0000-7000-8000-000000000000';
    const answer = await service.anna.post(`/v1/cases/${caseId}/resolve`, { ...narrative, articleId });
    expect(answer.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'articleId' }] });
    expect((await service.anna.put(`/v1/cases/${caseId}/articles/${articleId}`)).body.code).toBe('NOT_FOUND');
  });

  it('that is closed is linked all the same', async () => {
    const [{ articleId }, { caseId }] = [await published(), await service.opened()];
    await service.anna.post(`/v1/cases/${caseId}/cancel`, {});
    expect((await service.anna.put(`/v1/cases/${caseId}/articles/${articleId}`)).status).toBe(200);
  });

  it('shows its articles to those only who may know of it', async () => {
    await service.admin.put('/v1/queues/secret', { name: 'Secret', visibility: 'private', members: ['ben'] });
    const { caseId } = await service.opened({ queueId: 'secret' });
    const { articleId } = await published();
    expect((await service.anna.put(`/v1/cases/${caseId}/articles/${articleId}`)).body.code).toBe('NOT_FOUND');
    expect((await service.ben.put(`/v1/cases/${caseId}/articles/${articleId}`)).status).toBe(200);
    expect((await service.anna.get(`/v1/cases/${caseId}/articles`)).body.code).toBe('NOT_FOUND');
  });
});
