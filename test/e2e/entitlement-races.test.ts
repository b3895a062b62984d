import { describe, expect, it } from 'vitest';
import { everyItem } from '../support/api-client.ts';
import { entitlementsOf } from '../support/entitlements.ts';
import { withService } from '../support/service.ts';

const service = withService();
const { active, remaining, remainingOf } = entitlementsOf(service);

const openAtOnce = (times: number, customerId: string, fields: object = {}) =>
  Promise.all(
    Array.from({ length: times }, (_, n) =>
      service.anna.post('/v1/cases', { title: `Case ${n}`, origin: 'web', customerId, ...fields }),
    ),
  );
const codes = (answers: { status: number; body: { code?: string } }[]) =>
  answers.map(({ status, body }) => body.code ?? String(status)).sort();

describe('the last that is left', () => {
  it('is taken by exactly one of two cases that are created at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const customerId = await service.customer();
      const gold = await active(customerId, { total: 1, isDefault: true });
      expect(codes(await openAtOnce(2, customerId))).toEqual(['201', 'ENTITLEMENT_EXHAUSTED']);
      expect(await remaining(gold)).toBe(0);
    }
  });

  it('of a channel is taken by exactly one, whatever is left in all', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId, { channels: [{ origin: 'web', total: 1 }], isDefault: true });
    expect(codes(await openAtOnce(3, customerId))).toEqual(['201', 'ENTITLEMENT_EXHAUSTED', 'ENTITLEMENT_EXHAUSTED']);
    expect([await remaining(gold), await remainingOf(gold, 'web')]).toEqual([9, 0]);
  });

  it('is taken once by a request that is repeated while it runs', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId, { total: 1, isDefault: true });
    const body = { title: 'Once', origin: 'web', customerId };
    const answers = await Promise.all([1, 2, 3].map(() => service.anna.post('/v1/cases', body, { key: 'last' })));
    expect(new Set(answers.map((answer) => answer.body.caseId)).size).toBe(1);
    expect(await remaining(gold)).toBe(0);
    expect(await everyItem(service.anna, `/v1/entitlements/${gold.id}/movements`)).toHaveLength(2);
  });

  it('is told by exactly one of many cases that take it at once and more', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId, { total: 4, restrictByTerms: false, isDefault: true });
    const opened = await openAtOnce(8, customerId);
    const made = opened.filter(({ status }) => status === 201);
    expect(codes(opened).filter((code) => code !== '201' && code !== 'TRY_AGAIN')).toEqual([]);
    expect(made.length).toBeGreaterThanOrEqual(4);
    expect(await remaining(gold)).toBe(4 - made.length);
    const timelines = await Promise.all(
      made.map(({ body }) => everyItem(service.anna, `/v1/cases/${body.caseId}/timeline`)),
    );
    expect(timelines.flat().filter(({ type }) => type === 'entitlement.exhausted')).toHaveLength(1);
  });
});

describe('an entitlement that is cancelled while cases come under it', () => {
  it('takes none of those that come after', async () => {
    const customerId = await service.customer();
    const gold = await active(customerId);
    const [cancelled, ...opened] = await Promise.all([
      service.supervisor.post(`/v1/entitlements/${gold.id}/cancel`),
      ...Array.from({ length: 4 }, (_, n) =>
        service.anna.post('/v1/cases', { title: `Case ${n}`, origin: 'web', customerId, entitlementId: gold.id }),
      ),
    ]);
    expect(cancelled.status).toBe(200);
    for (const code of codes(opened)) expect(['201', 'ENTITLEMENT_NOT_VALID']).toContain(code);
    expect(await remaining(gold)).toBe(10 - opened.filter(({ status }) => status === 201).length);
  });
});
