import { describe, expect, it } from 'vitest';
import { Condition, evaluate } from '../../../domain/conditions/condition.ts';

const FIELDS: Record<string, unknown> = {
  priority: 'high',
  severity: 'low',
  origin: 'email',
  labels: ['vip', 'beta'],
  createdOn: '2026-03-09T09:00:00.000Z',
  subjectId: 'wrong-address',
  subjectPath: ['billing', 'invoice-dispute', 'wrong-address'],
  'customer.tier': 'gold',
  'customFields.seats': 25,
  'customFields.trial': false,
  contactId: null,
};
const lookup = (field: string) => FIELDS[field];
const test = (field: string, op: string, value?: unknown) =>
  Condition.parse({ field, op, ...(value !== undefined && { value }) });

describe('a test of a field', () => {
  it.each([
    ['priority', 'eq', 'high', true, 'priority is "high"'],
    ['priority', 'eq', 'low', false, 'priority is "high", not "low"'],
    ['priority', 'ne', 'low', true, 'priority is "high", not "low"'],
    ['priority', 'ne', 'high', false, 'priority is "high"'],
    ['priority', 'in', ['high', 'urgent'], true, 'priority is "high", one of high, urgent'],
    ['priority', 'in', ['low', 'normal'], false, 'priority is "high", not one of low, normal'],
    ['customer.tier', 'eq', 'gold', true, 'customer.tier is "gold"'],
    ['customFields.seats', 'eq', 25, true, 'customFields.seats is 25'],
    ['customFields.seats', 'eq', '25', false, 'customFields.seats is 25, not "25"'],
    ['customFields.trial', 'eq', false, true, 'customFields.trial is false'],
    ['origin', 'exists', undefined, true, 'origin is "email"'],
    ['origin', 'absent', undefined, false, 'origin is "email"'],
    ['customFields.trial', 'exists', undefined, true, 'customFields.trial is false'],
  ])('%s %s %s: %s, because %s', (field, op, value, matched, because) => {
    expect(evaluate(test(field, op, value), lookup)).toEqual({ matched, because });
  });

  it.each([
    ['eq', 'Printer', false],
    ['ne', 'Printer', true],
    ['in', ['Printer'], false],
    ['gte', 'A', false],
    ['lte', 'Z', false],
    ['exists', undefined, false],
    ['absent', undefined, true],
  ])('on a field that is absent: %s %s → %s', (op, value, matched) => {
    for (const field of ['product', 'contactId']) {
      expect(evaluate(test(field, op, value), lookup)).toEqual({ matched, because: `${field} is absent` });
    }
  });

  it.each([
    ['eq', 'vip', true, 'labels is "vip", "beta"'],
    ['eq', 'gold', false, 'labels is "vip", "beta", not "gold"'],
    ['ne', 'vip', false, 'labels is "vip", "beta"'],
    ['ne', 'gold', true, 'labels is "vip", "beta", not "gold"'],
    ['in', ['gold', 'beta'], true, 'labels is "vip", "beta", one of gold, beta'],
    ['in', ['gold', 'silver'], false, 'labels is "vip", "beta", not one of gold, silver'],
  ])('of several values asks for any of them: labels %s %s → %s', (op, value, matched, because) => {
    expect(evaluate(test('labels', op, value), lookup)).toEqual({ matched, because });
  });

  it('finds an empty list of labels absent', () => {
    expect(evaluate(test('labels', 'absent'), () => []).matched).toBe(true);
  });

  it.each([
    ['the branch that the subject lies on', 'billing', true, 'subjectId is "wrong-address", under "billing"'],
    ['the subject itself', 'wrong-address', true, 'subjectId is "wrong-address", under "wrong-address"'],
    ['another branch', 'hardware', false, 'subjectId is "wrong-address", not under "hardware"'],
  ])('under looks at %s', (_, value, matched, because) => {
    expect(evaluate(test('subjectId', 'under', value), lookup)).toEqual({ matched, because });
  });

  it('under finds nothing where there is no subject', () => {
    expect(evaluate(test('subjectId', 'under', 'billing'), () => undefined)).toEqual({
      matched: false,
      because: 'subjectId is absent',
    });
  });
});

describe('an order', () => {
  it.each([
    ['priority', 'gte', 'high', true, 'priority is "high", at least "high"'],
    ['priority', 'gte', 'urgent', false, 'priority is "high", not at least "urgent"'],
    ['priority', 'lte', 'urgent', true, 'priority is "high", at most "urgent"'],
    ['priority', 'gte', 'low', true, 'priority is "high", at least "low"'],
    ['priority', 'gte', 'extreme', false, 'priority is "high", not at least "extreme"'],
    ['severity', 'gte', 'medium', false, 'severity is "low", not at least "medium"'],
    ['severity', 'lte', 'medium', true, 'severity is "low", at most "medium"'],
    ['customFields.seats', 'gte', 9, true, 'customFields.seats is 25, at least 9'],
    ['customFields.seats', 'lte', 9, false, 'customFields.seats is 25, not at most 9'],
    ['customFields.seats', 'gte', '9', false, 'customFields.seats is 25, not at least "9"'],
    ['origin', 'gte', 'chat', true, 'origin is "email", at least "chat"'],
    ['origin', 'lte', 'chat', false, 'origin is "email", not at most "chat"'],
  ])('of ranks, numbers and words: %s %s %s → %s', (field, op, value, matched, because) => {
    expect(evaluate(test(field, op, value), lookup)).toEqual({ matched, because });
  });

  it.each([
    ['gte', '2026-03-09T10:00:00+01:00', true],
    ['lte', '2026-03-09T10:00:00+01:00', true],
    ['gte', '2026-03-09T09:00:01Z', false],
    ['lte', '2026-03-09T08:59:59Z', false],
  ])('of instants looks through their offsets: %s %s → %s', (op, value, matched) => {
    expect(evaluate(test('createdOn', op, value), lookup).matched).toBe(matched);
  });
});

describe('conditions together', () => {
  const high = { field: 'priority', op: 'eq', value: 'high' } as const;
  const email = { field: 'origin', op: 'eq', value: 'email' } as const;
  const phone = { field: 'origin', op: 'eq', value: 'phone' } as const;

  it.each([
    ['all of them', { all: [high, email] }, true, 'priority is "high" and origin is "email"'],
    ['all but one', { all: [high, phone, email] }, false, 'origin is "email", not "phone"'],
    ['one of several', { any: [phone, high] }, true, 'priority is "high"'],
    [
      'none of several',
      { any: [phone, { field: 'priority', op: 'eq', value: 'low' }] },
      false,
      'origin is "email", not "phone"; priority is "high", not "low"',
    ],
    ['what does not hold, turned round', { not: phone }, true, 'origin is "email", not "phone"'],
    ['what holds, turned round', { not: high }, false, 'priority is "high"'],
    [
      'an absent field, turned round',
      { not: { field: 'product', op: 'eq', value: 'Printer' } },
      true,
      'product is absent',
    ],
    ['nothing to meet', { all: [] }, true, 'it holds for every case'],
    [
      'conditions in conditions',
      { all: [{ any: [phone, email] }, { not: { all: [high, phone] } }] },
      true,
      'origin is "email" and origin is "email", not "phone"',
    ],
  ])('%s', (_, condition, matched, because) => {
    expect(evaluate(Condition.parse(condition), lookup)).toEqual({ matched, because });
  });
});

describe('a condition that cannot be read', () => {
  it.each([
    [
      'has an operator that is not known',
      { field: 'priority', op: 'like', value: 'h' },
      'op: Invalid discriminator value',
    ],
    ['has a value where none belongs', { field: 'priority', op: 'exists', value: 'h' }, 'Unrecognized key: "value"'],
    ['compares with nothing', { field: 'priority', op: 'eq' }, 'value: expected a text, a number, true or false'],
    ['asks a field that is no subject for its branch', { field: 'product', op: 'under', value: 'x' }, 'field: '],
    ['names no field', { field: 'Priority!', op: 'exists' }, 'not the name of a field'],
    ['has no alternatives', { any: [] }, 'Too small'],
    [
      'is wrong further down',
      { all: [{ not: { field: 'priority', op: 'like' } }] },
      'all.0: not: op: Invalid discriminator value',
    ],
    ['is of two forms', { all: [], any: [] }, 'expected {all}'],
    ['is empty', {}, 'op: '],
    ['is no object', 'priority = high', 'expected {all}, {any}, {not} or {field, op, value}'],
  ])('%s', (_, condition, message) => {
    expect(Condition.safeParse(condition).error?.issues[0]?.message).toContain(message);
  });
});
