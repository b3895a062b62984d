import { describe, expect, it } from 'vitest';
import { Condition } from '../../../domain/conditions/condition.ts';
import { Skill } from '../../../domain/people/skill.ts';
import { StoredNumber } from '../../../domain/stored-number.ts';
import { Instant } from '../../../domain/time.ts';

describe('what is kept as it was sent', () => {
  it.each([0, -0.25, 1e15, 123_456.789, 1e-99])('may be the number %d', (number) => {
    expect(StoredNumber.parse(number)).toBe(number);
  });

  it.each([1e280, -1e17, 1e-120, Number.NaN])('may not be the number %d, which the table would refuse', (number) => {
    expect(StoredNumber.safeParse(number).success).toBe(false);
    expect(Condition.safeParse({ field: 'priority', op: 'eq', value: number }).success).toBe(false);
  });

  it.each([
    ['1970-01-01T00:00:00Z', true],
    ['9999-12-31T23:59:59.999Z', true],
    ['1969-12-31T23:59:59Z', false],
    ['1970-01-01T00:00:00+01:00', false],
    ['9999-12-31T23:59:59-12:00', false],
  ])('may be the instant %s: %s', (text, isKept) => {
    expect(Instant.safeParse(text).success).toBe(isKept);
  });

  it('is a skill in the letters that it has when it is small', () => {
    expect(Skill.parse('German')).toBe('german');
    expect(Skill.parse(Skill.parse('ȾÄ'))).toBe('ⱦä');
  });
});
