import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { entitlementsOf, TEN_CASES } from '../support/entitlements.ts';
import { withService } from '../support/service.ts';

const service = withService();
const entitlements = entitlementsOf(service);
const path = (id: string, command = '') => `/v1/entitlements/${id}${command && `/${command}`}`;
const told = (movements: { kind: string; amount: number }[]) =>
  movements.map(({ kind, amount }) => `${kind} ${amount}`).reverse();
const movements = (id: string) => everyItem(service.anna, path(id, 'movements'));

describe('an entitlement', () => {
  it('is born a draft with all of its allotment, in all and for each channel', async () => {
    const customerId = await service.customer();
    const channels = [
      { origin: 'email', total: 4 },
      { origin: 'phone', total: 2 },
    ];
    const { status, body } = await service.supervisor.post('/v1/entitlements', { ...TEN_CASES, customerId, channels });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      customerId,
      status: 'draft',
      total: 10,
      remaining: 10,
      channels: [
        { origin: 'email', total: 4, remaining: 4 },
        { origin: 'phone', total: 2, remaining: 2 },
      ],
      isDefault: false,
      createdBy: 'sue',
      version: 1,
    });
    expect((await service.anna.get(path(body.id))).body).toEqual(body);
    expect(told(await movements(body.id))).toEqual(['granted 10']);
  });

  it('can be drafted by the customer’s own path', async () => {
    const customerId = await service.customer();
    const answer = await service.supervisor.post(`/v1/customers/${customerId}/entitlements`, TEN_CASES);
    expect(answer).toMatchObject({ status: 201, body: { customerId } });
    const other = { ...TEN_CASES, customerId: 'somebody-else' };
    const refused = await service.supervisor.post(`/v1/customers/${customerId}/entitlements`, other);
    expect(refused.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'customerId' }] });
  });

  it('is granted by supervisors and read by agents; integrations do neither', async () => {
    const customerId = await service.customer();
    expect((await service.anna.post('/v1/entitlements', { ...TEN_CASES, customerId })).body.code).toBe('FORBIDDEN');
    const { id } = await entitlements.draft(customerId);
    expect((await service.anna.post(path(id, 'activate'))).body.code).toBe('FORBIDDEN');
    expect((await service.integration.get(path(id))).body.code).toBe('FORBIDDEN');
  });

  it('that nobody knows is not found, nor is a customer’s list', async () => {
    expect((await service.anna.get(path('unknown'))).body.code).toBe('NOT_FOUND');
    expect((await service.anna.get(path('unknown', 'movements'))).body.code).toBe('NOT_FOUND');
    expect((await service.supervisor.post(path('unknown', 'activate'))).body.code).toBe('NOT_FOUND');
    expect((await service.anna.get('/v1/customers/unknown/entitlements')).body.code).toBe('NOT_FOUND');
  });

  it.each([
    ['customerId', { customerId: 'nobody-known' }],
    ['endsOn', { endsOn: '2025-12-31' }],
    ['decrementOn', { allotment: 'hours' }],
    ['slaId', { slaId: 'unknown' }],
    ['contacts.0', { contacts: ['nobody-known'] }],
    ['total', { total: -1 }],
    [
      'channels',
      {
        channels: [
          { origin: 'web', total: 1 },
          { origin: 'web', total: 2 },
        ],
      },
    ],
  ])('whose %s makes no sense is refused', async (field, terms) => {
    const body = { ...TEN_CASES, customerId: await service.customer(), ...terms };
    const answer = await service.supervisor.post('/v1/entitlements', body);
    expect(answer.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: field }] });
  });

  it('is listed with its customer’s others, the newest first, and by status', async () => {
    const customerId = await service.customer();
    const drafted = [];
    for (let n = 0; n < 3; n += 1) drafted.push((await entitlements.draft(customerId)).id);
    await service.supervisor.post(path(drafted[1]!, 'activate'));
    const list = `/v1/customers/${customerId}/entitlements`;
    const first = await service.anna.get(`${list}?limit=2`);
    const second = await service.anna.get(`${list}?limit=2&cursor=${first.body.nextCursor}`);
    const ids = (items: { id: string }[]) => items.map(({ id }) => id);
    expect(ids([...first.body.items, ...second.body.items])).toEqual(drafted.reverse());
    expect(ids(await everyItem(service.anna, `${list}?status=active`))).toEqual([drafted[1]]);
  });
});

describe('the life of an entitlement', () => {
  it('goes from draft to active, back to be edited, and on with the balance that it had', async () => {
    const customerId = await service.customer();
    const { id } = await entitlements.active(customerId);
    await service.opened({ customerId, entitlementId: id });
    const readOnly = await service.supervisor.patch(path(id), { total: 20 });
    expect(readOnly).toMatchObject({
      status: 409,
      body: { code: 'ENTITLEMENT_READ_ONLY', entitlementStatus: 'active' },
    });

    await service.supervisor.post(path(id, 'deactivate'));
    const edited = await service.supervisor.patch(path(id), { total: 20, name: 'Gold and more', products: null });
    expect(edited.body).toMatchObject({ status: 'draft', name: 'Gold and more', total: 20, remaining: 19 });
    const again = await service.supervisor.post(path(id, 'activate'));
    expect(again.body).toMatchObject({ status: 'active', remaining: 19 });
    expect(told(await movements(id))).toEqual(['granted 10', 'created -1', 'granted 10']);
  });

  it('is replaced as a whole by PUT: what is left out is gone', async () => {
    const customerId = await service.customer();
    const { id, version } = await entitlements.draft(customerId, { products: ['printer'] });
    const replaced = await service.supervisor.put(path(id), { ...TEN_CASES, name: 'Silver' }, { ifMatch: version });
    expect(replaced.body).toMatchObject({ name: 'Silver', version: 2 });
    expect(replaced.body).not.toHaveProperty('products');
    const stale = await service.supervisor.put(path(id), TEN_CASES, { ifMatch: version });
    expect(stale).toMatchObject({ status: 412, body: { code: 'STALE_VERSION' } });
    const same = await service.supervisor.put(path(id), { ...TEN_CASES, name: 'Silver' });
    expect(same.body.version).toBe(2);
    const moved = await service.supervisor.put(path(id), { ...TEN_CASES, customerId: 'other' });
    expect(moved.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'customerId' }] });
  });

  it('does not change from cases to hours once something was taken', async () => {
    const customerId = await service.customer();
    const { id } = await entitlements.active(customerId);
    await service.opened({ customerId, entitlementId: id });
    await service.supervisor.post(path(id, 'deactivate'));
    const answer = await service.supervisor.patch(path(id), { allotment: 'hours', decrementOn: 'onResolve' });
    expect(answer.body).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ path: 'allotment' }] });
  });

  it('counts what a channel has lost before it was named', async () => {
    const customerId = await service.customer();
    const { id } = await entitlements.active(customerId);
    await service.opened({ customerId, entitlementId: id, origin: 'email' });
    await service.supervisor.post(path(id, 'deactivate'));
    const { body } = await service.supervisor.patch(path(id), { channels: [{ origin: 'email', total: 4 }] });
    expect(body.channels).toEqual([{ origin: 'email', total: 4, remaining: 3 }]);
  });

  it('ends when it is cancelled, and what is not possible tells what is', async () => {
    const { id } = await entitlements.active(await service.customer());
    expect((await service.supervisor.post(path(id, 'activate'))).body).toMatchObject({
      code: 'TRANSITION_NOT_ALLOWED',
      permitted: ['deactivate', 'cancel', 'adjust', 'makeDefault'],
    });
    expect((await service.supervisor.post(path(id, 'cancel'))).body.status).toBe('cancelled');
    for (const [command, body] of [
      ['activate', {}],
      ['deactivate', {}],
      ['cancel', {}],
      ['adjust', { amount: 1, note: 'x' }],
    ] as const) {
      expect((await service.supervisor.post(path(id, command), body)).body.code).toBe('TRANSITION_NOT_ALLOWED');
    }
  });

  it('is adjusted with a note, and the history adds up to what remains', async () => {
    const channels = [{ origin: 'web', total: 5 }];
    const { id } = await entitlements.active(await service.customer(), { channels });
    const body = { amount: -3, note: 'Goodwill of last year', origin: 'web' };
    const [adjusted, repeated] = [
      await service.supervisor.post(path(id, 'adjust'), body, { key: 'goodwill' }),
      await service.supervisor.post(path(id, 'adjust'), body, { key: 'goodwill' }),
    ];
    expect(adjusted.body).toMatchObject({ remaining: 7, channels: [{ origin: 'web', remaining: 2 }] });
    expect(repeated.body).toEqual(adjusted.body);
    await service.supervisor.post(path(id, 'adjust'), { amount: 8, note: 'Bought more' });
    const history = await movements(id);
    expect(told(history)).toEqual(['granted 10', 'adjusted -3', 'adjusted 8']);
    expect(history[1]).toMatchObject({ note: 'Goodwill of last year', actor: 'sue', origin: 'web' });
    expect(await entitlements.remaining({ id })).toBe(15);
    expect((await service.supervisor.post(path(id, 'adjust'), { amount: 0, note: 'x' })).status).toBe(400);
    expect((await service.supervisor.post(path(id, 'adjust'), { amount: 1 })).status).toBe(400);
  });
});

describe('the default entitlement', () => {
  it('is one a customer: setting another clears it, also on one that is active', async () => {
    const customerId = await service.customer();
    const first = await entitlements.active(customerId, { isDefault: true });
    const second = await entitlements.active(customerId);
    expect(first.isDefault).toBe(true);
    const set = await service.supervisor.patch(path(second.id), { isDefault: true });
    expect(set.body).toMatchObject({ status: 'active', isDefault: true });
    expect((await service.anna.get(path(first.id))).body.isDefault).toBe(false);
    expect((await service.opened({ customerId })).entitlementId).toBe(second.id);

    await service.supervisor.patch(path(second.id), { isDefault: false });
    expect((await service.opened({ customerId })).entitlementId).toBeUndefined();
  });

  it('that has not begun leaves the one before it in force', async () => {
    const customerId = await service.customer();
    const present = await entitlements.active(customerId, { isDefault: true });
    const next = await entitlements.active(customerId, {
      isDefault: true,
      startsOn: '2027-01-01',
      endsOn: '2027-12-31',
    });
    expect(next).toMatchObject({ status: 'waiting', isDefault: true });
    expect((await service.anna.get(path(present.id))).body.isDefault).toBe(false);
    expect((await service.opened({ customerId })).entitlementId).toBe(present.id);
  });

  it('stays one when two are set at once', async () => {
    const customerId = await service.customer();
    const drafts = await Promise.all([1, 2, 3].map(() => entitlements.draft(customerId)));
    await Promise.all(drafts.map(({ id }) => service.supervisor.patch(path(id), { isDefault: true })));
    const listed = await everyItem(service.anna, `/v1/customers/${customerId}/entitlements`);
    expect(listed.filter(({ isDefault }) => isDefault)).toHaveLength(1);
  });

  it('cannot be one that is cancelled', async () => {
    const { id } = await entitlements.active(await service.customer());
    await service.supervisor.post(path(id, 'cancel'));
    const answer = await service.supervisor.patch(path(id), { isDefault: true });
    expect(answer.body.code).toBe('TRANSITION_NOT_ALLOWED');
  });
});

describe('an SLA that entitlements grant', () => {
  it('cannot be removed until they are cancelled', async () => {
    const sla = { name: 'Gold', items: [{ id: 'all', kpi: 'resolve', targetMinutes: 480 }] };
    await service.admin.put('/v1/settings/slas/gold-only', sla);
    const { id } = await entitlements.active(await service.customer(), { slaId: 'gold-only' });
    expect((await service.admin.delete('/v1/settings/slas/gold-only')).body.code).toBe('IN_USE');
    await service.supervisor.post(path(id, 'cancel'));
    expect((await service.admin.delete('/v1/settings/slas/gold-only')).status).toBe(200);
  });
});

// The clock only goes forward: this is the last of the file.
describe('as time goes by an entitlement', () => {
  it('waits, is active from its first to its last day where the organisation is, expires, and is renewed', async () => {
    const settings = (await service.admin.get('/v1/settings/case-settings')).body;
    expect(settings).toMatchObject({ timeZone: 'UTC', entitlementRequired: false });
    await service.admin.put('/v1/settings/case-settings', { timeZone: 'Pacific/Auckland' });
    expect((await service.admin.put('/v1/settings/case-settings', { timeZone: 'Mars/Crater' })).status).toBe(400);
    const customerId = await service.customer();
    const terms = { startsOn: '2026-03-10', endsOn: '2026-03-12', isDefault: true };
    const { id, status } = await entitlements.active(customerId, terms);
    expect(status).toBe('waiting');
    const now = async () => (await service.anna.get(path(id))).body.status;

    // Auckland is 13 hours ahead of UTC in March.
    await service.clockTo('2026-03-09T10:59:59.000Z');
    expect(await now()).toBe('waiting');
    await service.clockTo('2026-03-09T11:00:00.000Z');
    expect(await now()).toBe('active');
    const { caseId } = await service.opened({ customerId });
    await service.clockTo('2026-03-12T10:59:59.000Z');
    expect(await now()).toBe('active');
    expect((await service.supervisor.post(path(id, 'renew'))).body.code).toBe('TRANSITION_NOT_ALLOWED');
    await service.clockTo('2026-03-12T11:00:00.000Z');
    expect(await now()).toBe('expired');

    // What is under it stays under it, and may still give back.
    await service.anna.post(`/v1/cases/${caseId}/cancel`, {});
    expect(await entitlements.remaining({ id })).toBe(10);
    expect((await service.opened({ customerId })).entitlementId).toBeUndefined();

    const renewed = await service.supervisor.post(path(id, 'renew'));
    expect(renewed).toMatchObject({
      status: 201,
      body: {
        status: 'draft',
        startsOn: '2026-03-13',
        endsOn: '2026-03-15',
        remaining: 10,
        renewedFrom: id,
        isDefault: true,
      },
    });
    expect(await now()).toBe('expired');
    await service.supervisor.post(path(renewed.body.id, 'activate'));
    expect((await service.opened({ customerId })).entitlementId).toBe(renewed.body.id);
    await service.admin.put('/v1/settings/case-settings', {});
  });
});
