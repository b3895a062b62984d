import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();

// biome-ignore lint/suspicious/noExplicitAny: hits are looked at as they come.
const casesIn = (hits: any[]) => hits.filter(({ kind }) => kind === 'case').map((hit) => hit.case.caseId);
const search = async (q: string, more = '', by = service.anna) =>
  everyItem(by, `/v1/search?q=${encodeURIComponent(q)}${more}`);
const found = async (q: string) => casesIn(await search(q));

describe('a case is found', () => {
  it('by words of its title, labels, product and description, in any order, case and accent', async () => {
    const { caseId } = await service.opened({
      title: 'Drücker im 3. Stock brennt',
      labels: ['Feuerwehr'],
      product: 'LaserJet 9000',
      description: 'Es raucht seit gestern aus dem hinteren Fach.',
    });
    await service.settled();
    for (const q of ['drucker', 'BRENNT Drücker', 'feuerwehr', 'laserjet raucht', 'hinteren']) {
      expect(await found(q), q).toEqual([caseId]);
    }
    expect(await found('drucker wasser')).toEqual([]);
  });

  it('by the beginning of a word from four letters on', async () => {
    const { caseId } = await service.opened({ title: 'Kubernetes cluster unreachable' });
    await service.settled();
    expect(await found('kube unrea')).toEqual([caseId]);
    expect(await found('kub')).toEqual([]);
  });

  it('by its number however it is written, by its reference key and by what another system calls it', async () => {
    const { caseId, caseNumber, referenceKey } = await service.opened({ externalId: 'ORD/2026-Ä 77' });
    await service.settled();
    for (const q of [
      caseNumber,
      caseNumber.toLowerCase(),
      `#${Number(caseNumber.slice(5))}`,
      `[${referenceKey}]`,
      'ord/2026-ä 77',
    ]) {
      expect((await found(q))[0], q).toBe(caseId);
    }
  });

  it('by the address of its customer, or of a contact of the account, also after that has changed hands', async () => {
    const accountId = await service.customer({ kind: 'account', name: 'Engines', email: 'desk@engines.example' });
    const contactId = await service.customer({ parentId: accountId, phone: '+49 30 901820' });
    const { caseId } = await service.opened({ customerId: contactId });
    await service.settled();
    expect(await found('DESK@engines.example')).toEqual([caseId]);
    expect(await found('030 901820')).toEqual([caseId]);
    const hits = await search('030 901820');
    expect(hits[0]).toMatchObject({ kind: 'customer', customer: { customerId: contactId } });
  });

  it('as it is now, and no longer as it was', async () => {
    const { caseId } = await service.opened({ title: 'Zebra crossing', description: 'Ocelot', labels: ['quagga'] });
    await service.settled();
    expect(await found('ocelot')).toEqual([caseId]);
    await service.anna.patch(`/v1/cases/${caseId}`, { title: 'Okapi crossing', description: null, labels: ['tapir'] });
    await service.settled();
    for (const [q, is] of [
      ['zebra', false],
      ['ocelot', false],
      ['quagga', false],
      ['okapi tapir crossing', true],
    ] as const) {
      expect(await found(q), q).toEqual(is ? [caseId] : []);
    }
  });

  it('the newest first, each once over all pages, whichever word is the rare one', async () => {
    const opened: string[] = [];
    for (let n = 0; n < 30; n += 1) {
      opened.push((await service.opened({ title: `Wombat ${n % 3 === 0 ? 'burrow' : 'meadow'} number ${n}` })).caseId);
    }
    await service.settled();
    expect(await found('wombat')).toEqual(opened.toReversed());
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await service.anna.get(`/v1/search?q=wombat%20burrow&limit=4${cursor}`);
      expect(body.items.length).toBeLessThanOrEqual(4);
      seen.push(...casesIn(body.items));
      cursor = body.nextCursor ? `&cursor=${body.nextCursor}` : '';
    } while (cursor);
    expect(seen).toEqual(opened.filter((_, n) => n % 3 === 0).toReversed());
  });

  it('by those only who may know of it', async () => {
    await service.supervisor.post('/v1/queues', {
      id: 'secret',
      name: 'Secret',
      visibility: 'private',
      members: ['ben'],
    });
    const { caseId, caseNumber } = await service.opened({ title: 'Whistleblower', queueId: 'secret' }, service.ben);
    await service.settled();
    for (const q of ['whistleblower', caseNumber]) {
      expect(await found(q)).toEqual([]);
      expect(casesIn(await search(q, '', service.ben))).toEqual([caseId]);
      expect(casesIn(await search(q, '', service.supervisor))).toEqual([caseId]);
    }
  });

  it('among the first words of a long text', async () => {
    const description = Array.from({ length: 3_000 }, (_, n) => `word${n.toString(36)}`).join(' ');
    const { caseId } = await service.opened({ title: 'Platypus', description: `${description} antidisestablishment` });
    await service.settled();
    expect(await found('platypus antidis')).toEqual([caseId]);
  });
});

describe('a customer is found', () => {
  it('by the beginning of name, address and number, in pages, each once', async () => {
    const ids = [];
    for (const name of ['Quentin Quark', 'Quentin Tarsier', 'Paul Quentinson']) {
      ids.push(await service.customer({ name, email: `${name.replace(' ', '.')}@quasi.example` }));
    }
    const names = async (q: string) =>
      (await everyItem(service.anna, `/v1/customers?q=${encodeURIComponent(q)}`)).map(({ name }) => name);
    expect((await names('quen')).sort()).toEqual(['Paul Quentinson', 'Quentin Quark', 'Quentin Tarsier']);
    const page = await service.anna.get('/v1/customers?q=quen&limit=2');
    const rest = await service.anna.get(`/v1/customers?q=quen&limit=100&cursor=${page.body.nextCursor}`);
    const both = [...page.body.items, ...rest.body.items].map(({ name }: { name: string }) => name);
    expect(both.sort()).toEqual(['Paul Quentinson', 'Quentin Quark', 'Quentin Tarsier']);
    expect(await names('quen tar')).toEqual(['Quentin Tarsier']);
    expect(await names('paul.quentinson@q')).toEqual(['Paul Quentinson']);
    expect(await names('QUA')).toHaveLength(3);
    expect((await service.anna.get('/v1/customers?q=qu')).body.code).toBe('VALIDATION_FAILED');
    const hits = await search('quentin', '&kind=customer');
    expect(hits.map(({ customer }) => customer.customerId).sort()).toEqual(ids.sort());
  });

  it('as they are called now, and no longer as they were', async () => {
    const customerId = await service.customer({ name: 'Zenobia Zwart', email: 'zenobia@old.example' });
    await service.anna.patch(`/v1/customers/${customerId}`, { name: 'Xanthippe Zwart', email: null });
    const ids = async (q: string) =>
      (await everyItem(service.anna, `/v1/customers?q=${encodeURIComponent(q)}`)).map((one) => one.customerId);
    expect([await ids('zenobia'), await ids('old.example'), await ids('xant zwart')]).toEqual([[], [], [customerId]]);
  });

  it('among the contacts of one account, if that is asked', async () => {
    const accountId = await service.customer({ kind: 'account', name: 'Umbrella' });
    const customerId = await service.customer({ name: 'Ulysses', parentId: accountId });
    await service.customer({ name: 'Ulysses' });
    const found = await everyItem(service.anna, `/v1/customers?q=ulysses&parentId=${accountId}`);
    expect(found.map((one) => one.customerId)).toEqual([customerId]);
    expect((await service.anna.get('/v1/customers')).body.errors).toMatchObject([{ path: 'query.q' }]);
  });
});

describe('a search', () => {
  it('is not asked by integrations, and refuses a cursor of another search', async () => {
    expect((await service.integration.get('/v1/search?q=printer')).status).toBe(403);
    for (let n = 0; n < 2; n += 1) await service.opened({ title: 'Numbat' });
    await service.settled();
    const { body } = await service.anna.get('/v1/search?q=numbat&limit=1');
    expect((await service.anna.get(`/v1/search?q=wombat&cursor=${body.nextCursor}`)).body.code).toBe(
      'VALIDATION_FAILED',
    );
  });
});
