import { describe, expect, it } from 'vitest';
import { statusOn, whyNotPermitted } from '../../../domain/entitlements/lifecycle.ts';
import { asLongAfter, dateIn } from '../../../domain/time-zone.ts';
import { entitlement } from '../../support/entitlement-builder.ts';

describe('the status', () => {
  it.each([
    ['2026-02-28', 'waiting'],
    ['2026-03-01', 'active'],
    ['2026-03-31', 'active'],
    ['2026-04-01', 'expired'],
  ])('of an activated entitlement from 1 to 31 March is, on %s, %s', (day, status) => {
    expect(statusOn(entitlement({ startsOn: '2026-03-01', endsOn: '2026-03-31' }), day)).toBe(status);
  });

  it.each(['draft', 'cancelled'] as const)('of a %s one does not ask for the date', (state) => {
    expect(statusOn(entitlement({ state }), '2030-01-01')).toBe(state);
  });

  it.each([
    ['UTC', '2026-03-31T23:30:00.000Z', '2026-03-31'],
    ['Europe/London', '2026-03-31T23:30:00.000Z', '2026-04-01'],
    ['Pacific/Auckland', '2026-03-31T11:00:00.000Z', '2026-04-01'],
    ['America/New_York', '2026-04-01T03:59:59.999Z', '2026-03-31'],
  ])('changes with the day in %s: at %s it is %s', (zone, instant, day) => {
    expect(dateIn(zone, instant)).toBe(day);
  });
});

describe('a command', () => {
  const today = '2026-06-15';
  const of = {
    draft: entitlement({ state: 'draft' }),
    waiting: entitlement({ startsOn: '2026-07-01' }),
    active: entitlement(),
    expired: entitlement({ endsOn: '2026-06-14' }),
    cancelled: entitlement({ state: 'cancelled' }),
  };

  it.each([
    ['draft', 'edit activate cancel adjust makeDefault'],
    ['waiting', 'deactivate cancel adjust makeDefault'],
    ['active', 'deactivate cancel adjust makeDefault'],
    ['expired', 'renew cancel adjust makeDefault'],
    ['cancelled', 'renew'],
  ] as const)('to an entitlement that is %s may be: %s', (status, permitted) => {
    const all = ['edit', 'activate', 'deactivate', 'renew', 'cancel', 'adjust', 'makeDefault'] as const;
    const letThrough = all.filter((command) => !whyNotPermitted(of[status], command, today));
    expect(letThrough.sort()).toEqual(permitted.split(' ').sort());
  });

  it('that is refused tells which are not', () => {
    expect(whyNotPermitted(of.active, 'edit', today)).toMatchObject({
      code: 'ENTITLEMENT_READ_ONLY',
      details: { entitlementStatus: 'active', permitted: ['deactivate', 'cancel', 'adjust', 'makeDefault'] },
    });
    expect(whyNotPermitted(of.active, 'renew', today)).toMatchObject({ code: 'TRANSITION_NOT_ALLOWED' });
  });
});

describe('a renewal', () => {
  it.each([
    ['2026-01-01', '2026-12-31', '2027-02-10', '2028-02-09'],
    ['2024-01-01', '2024-12-31', '2025-01-01', '2026-01-01'],
    ['2026-03-01', '2026-03-01', '2026-04-15', '2026-04-15'],
  ])('of %s to %s on %s ends on %s: the same number of days later', (since, to, today, end) => {
    expect(asLongAfter(today, { since, to })).toBe(end);
  });
});
