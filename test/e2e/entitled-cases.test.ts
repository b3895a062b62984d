import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { entitlementsOf } from '../support/entitlements.ts';
import { withService } from '../support/service.ts';

const service = withService();
const entitlements = entitlementsOf(service);
const solved = { resolutionType: 'problemSolved', resolution: 'Extinguished' };
const { active, remaining, remainingOf } = entitlements;

const patch = (caseId: string, body: object) => service.anna.patch(`/v1/cases/${caseId}`, body);
const move = async (caseId: string, command: string, body: object = {}) =>
  service.anna.post(`/v1/cases/${caseId}/${command}`, body);
const cancel = (caseId: string) => move(caseId, 'cancel');
const told = async ({ id }: { id: string }) =>
  (await everyItem(service.anna, `/v1/entitlements/${id}/movements`))
    .map(({ kind, amount }) => `${kind} ${amount}`)
    .reverse();
const exhausted = async (caseId: string) =>
  (await everyItem(service.anna, `/v1/cases/${caseId}/timeline`)).filter(
    ({ type }) => type === 'entitlement.exhausted',
  );

describe('the balance of an entitlement', () => {
  const steps = {
    cancel,
    reactivate: (caseId: string) => move(caseId, 'reactivate'),
    resolve: (caseId: string, billableMinutes?: number) =>
      move(caseId, 'resolve', { ...solved, ...(billableMinutes !== undefined && { billableMinutes }) }),
  };

  it('in cases taken on creation follows what becomes of the case', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId);
    const { caseId } = await service.opened({ customerId, entitlementId: gold.id });
    const seen = [await remaining(gold)];
    for (const step of ['cancel', 'reactivate', 'resolve', 'reactivate'] as const) {
      expect((await steps[step](caseId)).status).toBe(200);
      seen.push(await remaining(gold));
    }
    expect(seen).toEqual([9, 10, 9, 9, 9]);
    expect(await told(gold)).toEqual(['granted 10', 'created -1', 'cancelled 1', 'reactivated -1']);
  });

  it('in cases taken on resolution follows what becomes of the case', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId, { decrementOn: 'onResolve' });
    const { caseId } = await service.opened({ customerId, entitlementId: gold.id });
    const seen = [await remaining(gold)];
    for (const step of ['resolve', 'reactivate', 'resolve'] as const) {
      await steps[step](caseId);
      seen.push(await remaining(gold));
    }
    expect(seen).toEqual([10, 9, 10, 9]);
    expect(await told(gold)).toEqual(['granted 10', 'resolved -1', 'reactivated 1', 'resolved -1']);
  });

  it('in hours is counted in billable minutes', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId, { allotment: 'hours', total: 600, decrementOn: 'onResolve' });
    const { caseId } = await service.opened({ customerId, entitlementId: gold.id });
    await steps.resolve(caseId, 75);
    expect(await remaining(gold)).toBe(525);
    await steps.reactivate(caseId);
    expect(await remaining(gold)).toBe(600);
    await steps.resolve(caseId, 120);
    expect(await remaining(gold)).toBe(480);
  });

  it('of a channel moves with the whole, and a case that changes its channel moves from one to the other', async () => {
    const customerId = await service.customer();
    const channels = [
      { origin: 'email', total: 4 },
      { origin: 'phone', total: 2 },
    ];
    const gold = await active(customerId, { channels });
    const { caseId } = await service.opened({ customerId, entitlementId: gold.id, origin: 'email' });
    expect([await remaining(gold), await remainingOf(gold, 'email')]).toEqual([9, 3]);
    await patch(caseId, { origin: 'phone' });
    expect([await remaining(gold), await remainingOf(gold, 'email'), await remainingOf(gold, 'phone')]).toEqual([
      9, 4, 1,
    ]);
    await steps.cancel(caseId);
    expect([await remaining(gold), await remainingOf(gold, 'phone')]).toEqual([10, 2]);
  });

  it('is not touched by a case that is exempt, while it is', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId);
    const exempt = await service.opened({ customerId, entitlementId: gold.id, doNotDecrement: true });
    expect(exempt).toMatchObject({ entitlementId: gold.id, doNotDecrement: true });
    expect(await remaining(gold)).toBe(10);
    await patch(exempt.caseId, { doNotDecrement: false });
    expect(await remaining(gold)).toBe(9);
    await patch(exempt.caseId, { doNotDecrement: true });
    expect(await remaining(gold)).toBe(10);
    await steps.cancel(exempt.caseId);
    expect(await told(gold)).toEqual(['granted 10', 'changed -1', 'changed 1']);
  });

  it('gets back what was taken, whatever its terms have become', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId);
    const { caseId } = await service.opened({ customerId, entitlementId: gold.id });
    await service.supervisor.post(`/v1/entitlements/${gold.id}/deactivate`);
    await service.supervisor.patch(`/v1/entitlements/${gold.id}`, { decrementOn: 'onResolve' });
    await steps.resolve(caseId);
    expect(await remaining(gold)).toBe(9);
    await steps.reactivate(caseId);
    expect(await remaining(gold)).toBe(10);
  });

  it('tells in its history whose case moved it, and who did', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId);
    const { caseId, caseNumber } = await service.opened({ customerId, entitlementId: gold.id }, service.ben);
    const [newest] = (await service.anna.get(`/v1/entitlements/${gold.id}/movements`)).body.items;
    expect(newest).toMatchObject({
      kind: 'created',
      amount: -1,
      origin: 'web',
      caseId,
      caseNumber,
      actor: 'ben',
      cause: 'user',
    });
  });
});

describe('an entitlement that restricts', () => {
  it('refuses the case that would take more than is left, on creation, reactivation and association', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId, { total: 1 });
    const first = await service.opened({ customerId, entitlementId: gold.id });
    const refused = await service.anna.post('/v1/cases', {
      title: 'x',
      origin: 'web',
      customerId,
      entitlementId: gold.id,
    });
    expect(refused).toMatchObject({ status: 409, body: { code: 'ENTITLEMENT_EXHAUSTED', remaining: 0 } });
    await cancel(first.caseId);
    const second = await service.opened({ customerId, entitlementId: gold.id });
    expect((await move(first.caseId, 'reactivate')).body.code).toBe('ENTITLEMENT_EXHAUSTED');
    const third = await service.opened({ customerId });
    expect((await patch(third.caseId, { entitlementId: gold.id })).body.code).toBe('ENTITLEMENT_EXHAUSTED');
    expect((await patch(third.caseId, { entitlementId: gold.id, doNotDecrement: true })).status).toBe(200);
    expect((await patch(third.caseId, { doNotDecrement: false })).body.code).toBe('ENTITLEMENT_EXHAUSTED');
    await cancel(second.caseId);
    expect((await move(first.caseId, 'reactivate')).status).toBe(200);
    expect(await remaining(gold)).toBe(0);
  });

  it('refuses a resolution that takes more minutes than are left', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId, { allotment: 'hours', total: 60, decrementOn: 'onResolve' });
    const { caseId } = await service.opened({ customerId, entitlementId: gold.id });
    const refused = await move(caseId, 'resolve', { ...solved, billableMinutes: 61 });
    expect(refused.body).toMatchObject({ code: 'ENTITLEMENT_EXHAUSTED', remaining: 60 });
    expect((await move(caseId, 'resolve', { ...solved, billableMinutes: 60 })).status).toBe(200);
    expect(await remaining(gold)).toBe(0);
  });

  it('refuses by the channel as by the whole', async () => {
    const customerId = await service.customer();
    const channels = [
      { origin: 'phone', total: 1 },
      { origin: 'web', total: 9 },
    ];
    const gold = await active(customerId, { channels, isDefault: true });
    await service.opened({ customerId, origin: 'phone' });
    const body = { title: 'x', origin: 'phone', customerId };
    expect((await service.anna.post('/v1/cases', body)).body).toMatchObject({
      code: 'ENTITLEMENT_EXHAUSTED',
      origin: 'phone',
      remaining: 0,
    });
    const { caseId } = await service.opened({ customerId });
    expect((await patch(caseId, { origin: 'phone' })).body.code).toBe('ENTITLEMENT_EXHAUSTED');
    expect(await remaining(gold)).toBe(8);
  });
});

describe('running out', () => {
  it('is told once, by the case that took the last, and the balance goes below nothing where it may', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId, { total: 2, restrictByTerms: false });
    const cases = [];
    for (let n = 0; n < 4; n += 1) cases.push(await service.opened({ customerId, entitlementId: gold.id }));
    expect(await remaining(gold)).toBe(-2);
    const events = await Promise.all(cases.map(({ caseId }) => exhausted(caseId)));
    expect(events.map((some) => some.length)).toEqual([0, 1, 0, 0]);
    expect(events[1]![0]).toMatchObject({ entitlementId: gold.id, customerId, remaining: 0 });
  });

  it('of one channel is told as such', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId, { channels: [{ origin: 'web', total: 1 }] });
    const { caseId } = await service.opened({ customerId, entitlementId: gold.id });
    expect(await exhausted(caseId)).toMatchObject([{ origin: 'web', remaining: 0 }]);
  });
});

describe('which entitlement a case comes under', () => {
  it('is its contact’s default, or the account’s', async () => {
    const accountId = await service.customer({ kind: 'account', name: 'Engines' });
    const contact = await service.customer({ parentId: accountId });
    const shared = await active(accountId, { isDefault: true });
    expect((await service.opened({ customerId: contact })).entitlementId).toBe(shared.id);
    expect((await service.opened({ customerId: accountId })).entitlementId).toBe(shared.id);
    const own = await active(contact, { isDefault: true });
    expect((await service.opened({ customerId: contact })).entitlementId).toBe(own.id);
    expect((await service.opened({ customerId: contact, entitlementId: shared.id })).entitlementId).toBe(shared.id);
  });

  it('is none where the default does not cover it', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId, { isDefault: true, products: ['printer'] });
    expect((await service.opened({ customerId, product: 'printer' })).entitlementId).toBe(gold.id);
    expect((await service.opened({ customerId, product: 'scanner' })).entitlementId).toBeUndefined();
  });

  it.each([
    ['status', {}, { startsOn: '2027-01-01', endsOn: '2027-12-31' }],
    ['product', { product: 'scanner' }, { products: ['printer'] }],
    ['channel', {}, { channels: [{ origin: 'email', total: 1 }] }],
  ])('cannot be one that does not cover it by its %s', async (because, fields, terms) => {
    const customerId = await service.customer();
    const { id: entitlementId } = await active(customerId, terms);
    const answer = await service.anna.post('/v1/cases', {
      title: 'x',
      origin: 'web',
      customerId,
      entitlementId,
      ...fields,
    });
    expect(answer).toMatchObject({ status: 409, body: { code: 'ENTITLEMENT_NOT_VALID', because } });
  });

  it('cannot be another customer’s, nor one that does not list the contact, nor one that is not there', async () => {
    const [ada, bea] = [await service.customer(), await service.customer()];
    const { id } = await active(ada);
    const open = (body: object) => service.anna.post('/v1/cases', { title: 'x', origin: 'web', ...body });
    expect((await open({ customerId: bea, entitlementId: id })).body).toMatchObject({
      code: 'ENTITLEMENT_NOT_VALID',
      because: 'customer',
    });
    const account = await service.customer({ kind: 'account', name: 'Engines' });
    const [listed, other] = [
      await service.customer({ parentId: account }),
      await service.customer({ parentId: account }),
    ];
    const few = await active(account, { contacts: [listed] });
    expect((await open({ customerId: listed, entitlementId: few.id })).status).toBe(201);
    expect((await open({ customerId: account, contactId: listed, entitlementId: few.id })).status).toBe(201);
    expect((await open({ customerId: other, entitlementId: few.id })).body).toMatchObject({
      code: 'ENTITLEMENT_NOT_VALID',
      because: 'contact',
    });
    expect((await open({ customerId: ada, entitlementId: 'unknown' })).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ path: 'entitlementId' }],
    });
  });

  it('may change by an edit: the old one gets back, the new one gives', async () => {
    const customerId = await service.customer();
    const [gold, silver] = [await active(customerId), await active(customerId)];
    const { caseId } = await service.opened({ customerId, entitlementId: gold.id });
    expect((await patch(caseId, { entitlementId: silver.id })).body.entitlementId).toBe(silver.id);
    expect([await remaining(gold), await remaining(silver)]).toEqual([10, 9]);
    const cleared = await patch(caseId, { entitlementId: null });
    expect(cleared.body.entitlementId).toBeUndefined();
    expect([await remaining(gold), await remaining(silver)]).toEqual([10, 10]);
    expect(await told(silver)).toEqual(['granted 10', 'associated -1', 'dissociated 1']);
    const audit = await everyItem(service.anna, `/v1/cases/${caseId}/audit`);
    expect(audit.flatMap(({ changes }) => changes).filter(({ field }) => field === 'entitlementId')).toEqual([
      { field: 'entitlementId', old: gold.id, new: silver.id },
      { field: 'entitlementId', old: silver.id },
    ]);
  });

  it('must still cover the case when its product or channel changes, though it may have expired', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId, { products: ['printer'] });
    const { caseId } = await service.opened({ customerId, entitlementId: gold.id, product: 'printer' });
    expect((await patch(caseId, { product: 'scanner' })).body).toMatchObject({
      code: 'ENTITLEMENT_NOT_VALID',
      because: 'product',
    });
    expect((await patch(caseId, { product: 'scanner', entitlementId: null })).status).toBe(200);
  });

  it('is the new customer’s default when the customer changes; what was taken is given back', async () => {
    const [before, after] = [await service.customer(), await service.customer()];
    const old = await active(before, { isDefault: true });
    const { caseId } = await service.opened({ customerId: before });
    await patch(caseId, { customerId: await service.customer() });
    expect((await service.anna.get(`/v1/cases/${caseId}`)).body.entitlementId).toBeUndefined();
    expect(await remaining(old)).toBe(10);
    const next = await active(after, { isDefault: true });
    expect((await patch(caseId, { customerId: after })).body.entitlementId).toBe(next.id);
    expect(await remaining(next)).toBe(9);
    const wrong = await patch(caseId, { customerId: before, entitlementId: next.id });
    expect(wrong.body.code).toBe('ENTITLEMENT_NOT_VALID');
    expect((await patch(caseId, { customerId: before, entitlementId: old.id })).body.entitlementId).toBe(old.id);
    expect([await remaining(old), await remaining(next)]).toEqual([9, 10]);
  });

  it('stays on a case that is closed', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId);
    const { caseId } = await service.opened({ customerId, entitlementId: gold.id });
    await move(caseId, 'resolve', solved);
    for (const body of [{ entitlementId: null }, { doNotDecrement: true }]) {
      expect((await patch(caseId, body)).body.code).toBe('CASE_NOT_ACTIVE');
    }
    expect((await patch(caseId, { labels: ['kept'] })).body.entitlementId).toBe(gold.id);
  });
});

describe('the tier of an account', () => {
  it('counts for its contacts that have none of their own', async () => {
    await service.admin.put('/v1/settings/slas/by-tier', {
      name: 'By tier',
      isDefault: true,
      items: [
        { id: 'gold', kpi: 'resolve', targetMinutes: 60, when: { field: 'customer.tier', op: 'eq', value: 'gold' } },
        { id: 'others', kpi: 'resolve', targetMinutes: 480 },
      ],
    });
    const account = await service.customer({ kind: 'account', name: 'Engines', tier: 'gold' });
    const target = async (fields: object) => {
      const { caseId } = await service.opened({ customerId: await service.customer({ parentId: account, ...fields }) });
      return (await service.anna.get(`/v1/cases/${caseId}/sla`)).body.kpis[0].targetMinutes;
    };
    expect(await target({})).toBe(60);
    expect(await target({ tier: 'bronze' })).toBe(480);
    await service.admin.delete('/v1/settings/slas/by-tier');
  });
});

describe('an organisation in which every case needs an entitlement', () => {
  it('opens none without, and takes none away', async () => {
    await service.admin.put('/v1/settings/case-settings', { entitlementRequired: true });
    const customerId = await service.customer();
    const body = { title: 'x', origin: 'web', customerId };
    expect(await service.anna.post('/v1/cases', body)).toMatchObject({
      status: 409,
      body: { code: 'ENTITLEMENT_REQUIRED' },
    });
    await active(customerId, { isDefault: true });
    const opened = await service.anna.post('/v1/cases', body);
    expect(opened.status).toBe(201);
    expect((await patch(opened.body.caseId, { entitlementId: null })).body.code).toBe('ENTITLEMENT_REQUIRED');
    const stranger = await service.customer();
    expect((await patch(opened.body.caseId, { customerId: stranger })).body.code).toBe('ENTITLEMENT_REQUIRED');
    await service.admin.put('/v1/settings/case-settings', {});
  });
});

describe('closing a family', () => {
  const family = async (customerId: string, fields: object, count: number) => {
    const parent = await service.opened({ doNotDecrement: true, customerId });
    const children = [];
    for (let n = 0; n < count; n += 1) {
      children.push(await service.opened({ parentId: parent.caseId, title: `Child ${n}`, customerId, ...fields }));
    }
    return { parentId: parent.caseId, children };
  };
  const cascades = (on: boolean) =>
    service.admin.put('/v1/settings/case-settings', on ? { closurePolicy: 'cascadeToChildren' } : {});

  it('gives back for every child that it cancels', async () => {
    await cascades(true);
    const customerId = await service.customer();
    const gold = await active(customerId);
    const { parentId } = await family(customerId, { entitlementId: gold.id }, 4);
    expect(await remaining(gold)).toBe(6);
    await move(parentId, 'cancel');
    await service.settled();
    expect(await remaining(gold)).toBe(10);
    const [newest] = (await service.anna.get(`/v1/entitlements/${gold.id}/movements`)).body.items;
    expect(newest).toMatchObject({ kind: 'cancelled', actor: 'anna', cause: expect.stringMatching(/^cascade:/) });
    await cascades(false);
  });

  it('takes for every child that it resolves, leaves those open for which nothing is left, and says so', async () => {
    await cascades(true);
    const customerId = await service.customer();
    const gold = await active(customerId, { decrementOn: 'onResolve', total: 3 });
    const { parentId, children } = await family(customerId, { entitlementId: gold.id }, 5);
    await move(parentId, 'resolve', solved);
    await service.settled();
    expect(await remaining(gold)).toBe(0);
    const listed = await everyItem(service.anna, `/v1/cases/${parentId}/children`);
    const states = listed.map(({ status, cascadeOutcome }) => `${status} ${cascadeOutcome.outcome}`);
    expect(states.sort()).toEqual([...Array(2).fill('active failed'), ...Array(3).fill('resolved closed')]);
    expect((await service.anna.get(`/v1/cases/${parentId}`)).body.cascade).toMatchObject({
      state: 'partial',
      failed: 2,
    });
    const events = await Promise.all(children.map(({ caseId }) => exhausted(caseId)));
    expect(events.flat()).toHaveLength(1);
    await cascades(false);
  });
});

describe('merging several cases under one entitlement', () => {
  it('gives back for each of them in one step', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId, { total: 3 });
    const [survivor, ...others] = await Promise.all(
      [1, 2, 3].map(() => service.opened({ customerId, entitlementId: gold.id })),
    );
    expect(await remaining(gold)).toBe(0);
    const merged = await move(survivor.caseId, 'merge', { caseIds: others.map(({ caseId }) => caseId) });
    expect(merged.status).toBe(200);
    expect(await remaining(gold)).toBe(2);
    expect((await told(gold)).slice(-2)).toEqual(['merged 1', 'merged 1']);
  });
});

// The clock only goes forward: this is the last of the file.
describe('the SLA of an entitled case', () => {
  const sla = (id: string, targetMinutes: number, isDefault = false) =>
    service.admin.put(`/v1/settings/slas/${id}`, {
      name: id,
      isDefault,
      items: [{ id: 'all', kpi: 'resolve', targetMinutes }],
    });
  const shown = ({ slaId, slaSource }: { slaId?: string; slaSource?: string }) => `${slaId} ${slaSource}`;

  it('is the one chosen by hand, or else the entitlement’s, or else the default', async () => {
    await sla('basic', 960, true);
    await sla('gold', 480);
    await sla('vip', 60);
    const customerId = await service.customer();
    const { id: entitlementId } = await active(customerId, { slaId: 'gold' });
    expect(shown(await service.opened({ customerId, entitlementId, slaId: 'vip' }))).toBe('vip manual');
    expect(shown(await service.opened({ customerId, entitlementId }))).toBe('gold entitlement');
    const plain = await service.opened({ customerId });
    expect(shown(plain)).toBe('basic default');
    const none = await service.opened({ customerId, entitlementId, applySla: false });
    expect(shown(none)).toBe('undefined manual');

    expect(shown((await patch(plain.caseId, { entitlementId })).body)).toBe('gold entitlement');
    expect(shown((await patch(plain.caseId, { slaId: 'vip' })).body)).toBe('vip manual');
    expect(shown((await patch(plain.caseId, { entitlementId: null })).body)).toBe('vip manual');
    expect(shown((await patch(plain.caseId, { slaId: null })).body)).toBe('basic default');
  });

  it('follows the customer, and what was used and waited counts on', async () => {
    const [poor, rich] = [await service.customer(), await service.customer()];
    await active(rich, { slaId: 'gold', isDefault: true });
    const { caseId } = await service.opened({ customerId: poor });
    await service.clockTo('2026-03-02T11:00:00.000Z');
    await patch(caseId, { statusReason: 'onHold' });
    await service.clockTo('2026-03-02T16:00:00.000Z');
    await patch(caseId, { customerId: rich });
    await service.clockTo('2026-03-02T17:00:00.000Z');
    const { body } = await patch(caseId, { statusReason: 'inProgress' });
    expect(shown(body)).toBe('gold entitlement');
    const { kpis } = (await service.anna.get(`/v1/cases/${caseId}/sla`)).body;
    expect(kpis.map(({ status }: { status: string }) => status)).toEqual(['cancelled', 'inProgress']);
    // Two of the eight hours were used before the wait, which lasted until 17:00.
    expect(kpis[1]).toMatchObject({ targetMinutes: 480, usedMinutes: 120, failAt: '2026-03-02T23:00:00.000Z' });
  });
});
