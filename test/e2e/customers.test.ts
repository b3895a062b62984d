import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { withService } from '../support/service.ts';

const service = withService();
const account = () => service.customer({ kind: 'account', name: 'Analytical Engines' });
const idsOf = (items: { customerId: string }[]) => items.map(({ customerId }) => customerId);

describe('an account', () => {
  it('lists its contacts and no others, page by page', async () => {
    const accountId = await account();
    const contacts = [];
    for (const name of ['Ada', 'Bea', 'Cyd']) contacts.push(await service.customer({ name, parentId: accountId }));
    await service.customer({ name: 'Of nobody' });
    const first = await service.anna.get(`/v1/customers?parentId=${accountId}&limit=2`);
    const second = await service.anna.get(
      `/v1/customers?parentId=${accountId}&limit=2&cursor=${first.body.nextCursor}`,
    );
    expect(idsOf([...first.body.items, ...second.body.items]).sort()).toEqual(contacts.sort());
  });

  it('lists its own cases with those of its contacts, open and closed', async () => {
    const accountId = await account();
    const contact = await service.customer({ parentId: accountId });
    const own = await service.opened({ customerId: accountId });
    const ofContact = await service.opened({ customerId: contact });
    await service.anna.post(`/v1/cases/${own.caseId}/cancel`, {});
    const listed = await everyItem(service.anna, `/v1/customers/${accountId}/cases`);
    expect(listed.map(({ caseId }) => caseId).sort()).toEqual([own.caseId, ofContact.caseId].sort());
    const active = await everyItem(service.anna, `/v1/customers/${accountId}/cases?status=active`);
    expect(active.map(({ caseId }) => caseId)).toEqual([ofContact.caseId]);
  });

  it('that nobody knows has no list of cases', async () => {
    expect((await service.anna.get('/v1/customers/nobody-known/cases')).body.code).toBe('NOT_FOUND');
  });
});

describe('editing a customer', () => {
  it('changes what is sent, clears what is null, and leaves the rest', async () => {
    const customerId = await service.customer({ name: 'Ada', tier: 'gold', email: 'ada@example.com', country: 'GB' });
    const edited = await service.anna.patch(`/v1/customers/${customerId}`, { tier: 'platinum', email: null });
    expect(edited).toMatchObject({ status: 200, body: { name: 'Ada', tier: 'platinum', country: 'GB', version: 2 } });
    expect(edited.body).not.toHaveProperty('email');
    expect((await service.anna.get(`/v1/customers/${customerId}`)).body).toEqual(edited.body);
  });

  it('that rests on an older version is refused, and the same again changes nothing', async () => {
    const customerId = await service.customer({ name: 'Ada' });
    const path = `/v1/customers/${customerId}`;
    expect((await service.anna.patch(path, { name: 'Bea' }, { ifMatch: 1 })).body.version).toBe(2);
    expect((await service.ben.patch(path, { name: 'Cyd' }, { ifMatch: 1 })).body.code).toBe('STALE_VERSION');
    expect((await service.anna.patch(path, { name: 'Bea' })).body.version).toBe(2);
  });

  it('loses no edit when several arrive at once', async () => {
    const customerId = await service.customer({ name: 'Ada' });
    const fields = [{ tier: 'gold' }, { phone: '+44 1' }, { country: 'GB' }, { language: 'en' }];
    await Promise.all(fields.map((field) => service.anna.patch(`/v1/customers/${customerId}`, field)));
    const { body } = await service.anna.get(`/v1/customers/${customerId}`);
    expect(body).toMatchObject({ tier: 'gold', phone: '+44 1', country: 'GB', language: 'en', version: 5 });
  });

  it('moves a contact to another account, whose cases are those opened from then on', async () => {
    const [first, second] = [await account(), await account()];
    const contact = await service.customer({ parentId: first });
    const before = await service.opened({ customerId: contact });
    await service.anna.patch(`/v1/customers/${contact}`, { parentId: second });
    const after = await service.opened({ customerId: contact });
    expect(idsOf(await everyItem(service.anna, `/v1/customers?parentId=${first}`))).toEqual([]);
    expect(idsOf(await everyItem(service.anna, `/v1/customers?parentId=${second}`))).toEqual([contact]);
    for (const [accountId, { caseId }] of [
      [first, before],
      [second, after],
    ]) {
      const listed = await everyItem(service.anna, `/v1/customers/${accountId}/cases`);
      expect(listed.map((one) => one.caseId)).toEqual([caseId]);
    }
  });

  it.each([
    ['a contact', async () => service.customer()],
    ['nobody', async () => 'nobody-known'],
  ])('cannot put anybody under %s', async (_, parent) => {
    const customerId = await service.customer();
    const answer = await service.anna.patch(`/v1/customers/${customerId}`, { parentId: await parent() });
    expect(answer.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'parentId' }] });
  });

  it('cannot put an account below itself, however many stand between', async () => {
    const top = await account();
    const middle = await service.customer({ kind: 'account', name: 'Middle', parentId: top });
    const bottom = await service.customer({ kind: 'account', name: 'Bottom', parentId: middle });
    for (const parentId of [top, bottom]) {
      const answer = await service.anna.patch(`/v1/customers/${top}`, { parentId });
      expect(answer.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'parentId' }] });
    }
  });
});
