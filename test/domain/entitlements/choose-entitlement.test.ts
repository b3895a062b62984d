import { describe, expect, it } from 'vitest';
import { type Covered, chooseEntitlement, whyNotCovered } from '../../../domain/entitlements/choose-entitlement.ts';
import { asDefault } from '../../../domain/entitlements/default-entitlement.ts';
import { adaOfAcme, entitlement } from '../../support/entitlement-builder.ts';

const today = '2026-03-02';
const covered = (changed: Partial<Covered> = {}): Covered => ({
  customer: adaOfAcme(),
  origin: 'web',
  on: today,
  ...changed,
});

describe('an entitlement of an account', () => {
  it.each([
    [
      'the account itself',
      {},
      { customer: adaOfAcme({ customerId: 'acme', kind: 'account', parentId: undefined }) },
      'covers',
    ],
    ['a contact of the account', {}, {}, 'covers'],
    ['a contact of another account', {}, { customer: adaOfAcme({ parentId: 'other' }) }, 'customer'],
    ['a contact that it lists', { contacts: ['ada'] }, {}, 'covers'],
    ['a contact that it does not list', { contacts: ['bea'] }, {}, 'contact'],
    ['the listed contact of an account’s case', { contacts: ['ada'] }, { contactId: 'ada' }, 'covers'],
    ['another contact of a listed contact’s case', { contacts: ['ada'] }, { contactId: 'bea' }, 'contact'],
    ['any product, when it lists none', { products: [] }, { product: 'printer' }, 'covers'],
    ['a product that it lists', { products: ['printer'] }, { product: 'printer' }, 'covers'],
    ['another product', { products: ['printer'] }, { product: 'scanner' }, 'product'],
    ['no product, when it lists some', { products: ['printer'] }, {}, 'product'],
    ['a channel that it lists', { channels: [{ origin: 'web', total: 5 }] }, {}, 'covers'],
    ['another channel', { channels: [{ origin: 'email', total: 5 }] }, {}, 'channel'],
    ['its first day', { startsOn: today }, {}, 'covers'],
    ['its last day', { endsOn: today }, {}, 'covers'],
    ['the day before', { startsOn: '2026-03-03' }, {}, 'status'],
    ['the day after', { endsOn: '2026-03-01' }, {}, 'status'],
    ['while it is a draft', { state: 'draft' }, {}, 'status'],
    ['once it is cancelled', { state: 'cancelled' }, {}, 'status'],
    ['a case that is under it already, when it has expired', { endsOn: '2026-03-01' }, { on: undefined }, 'covers'],
  ] as const)('%s: %j %j', (_, terms, subject, verdict) => {
    const refusal = whyNotCovered(entitlement(terms as object), covered(subject as object));
    expect(refusal?.details?.because ?? 'covers').toBe(verdict);
  });
});

describe('a case', () => {
  const own = entitlement({ entitlementId: 'own', customerId: 'ada' });
  const shared = entitlement({ entitlementId: 'shared' });
  const chosen = (choice: Partial<Parameters<typeof chooseEntitlement>[0]>) => {
    const decision = chooseEntitlement({ defaults: [], covered: covered(), isRequired: false, ...choice });
    return decision.accepted ? decision.value?.entitlementId : decision.code;
  };

  it('comes under the one that is named, before any default', () => {
    expect(chosen({ named: shared, defaults: [own] })).toBe('shared');
    expect(chosen({ named: entitlement({ state: 'draft' }), defaults: [own] })).toBe('ENTITLEMENT_NOT_VALID');
  });

  it('comes under the contact’s default, or else the account’s, or else none', () => {
    expect(chosen({ defaults: [own, shared] })).toBe('own');
    expect(chosen({ defaults: [{ ...own, endsOn: '2026-03-01' }, shared] })).toBe('shared');
    expect(chosen({ defaults: [{ ...own, endsOn: '2026-03-01' }] })).toBeUndefined();
  });

  it('is refused without one where one is required', () => {
    expect(chosen({ isRequired: true })).toBe('ENTITLEMENT_REQUIRED');
    expect(chosen({ isRequired: true, defaults: [shared] })).toBe('shared');
  });
});

describe('a new default', () => {
  const present = (changed: object = {}, untilThen?: string) => ({
    set: { entitlementId: 'present', ...(untilThen && { untilThen }) },
    entitlement: entitlement({ entitlementId: 'present', ...changed }),
  });
  const next = entitlement({ entitlementId: 'next', state: 'draft' });

  it.each([
    ['the first one stands alone', undefined, undefined],
    ['the one in force stays so until the new one begins', present(), 'present'],
    ['one that never began gives up its place to the one before it', present({ state: 'draft' }, 'older'), 'older'],
    ['one that has begun keeps none of those before it', present({}, 'older'), 'present'],
  ])('%s', (_, before, untilThen) => {
    expect(asDefault(next, before, today)).toEqual({ entitlementId: 'next', ...(untilThen && { untilThen }) });
  });

  it('that is the default already changes nothing', () => {
    expect(asDefault({ ...next, entitlementId: 'present' }, present({}, 'older'), today)).toEqual({
      entitlementId: 'present',
      untilThen: 'older',
    });
  });
});
