import { describe, expect, it } from 'vitest';
import { described, pathWithoutTexts } from '../../functions/logger.ts';
import { LostRace } from '../../functions/table/table.ts';

const thrownBy = (work: () => unknown): Error => {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('Nothing was thrown');
};

describe('an error in the log', () => {
  it('of a library says what it is and where, and not what it could not read', () => {
    const fault = Object.assign(
      thrownBy(() => JSON.parse('Ada Lovelace is on fire')),
      { value: 'Ada Lovelace' },
    );
    expect(fault.message).toContain('Ada');
    const logged = JSON.stringify(described(fault));
    expect(logged).toContain('SyntaxError');
    expect(logged).toContain('logger.test.ts');
    expect(logged).not.toContain('Ada');
  });

  it('keeps the words of our own faults, and what led to them', () => {
    const fault = new LostRace([{ PK: 'CASE#1', SK: 'CASE' }]);
    fault.cause = new TypeError('Ada is not iterable');
    expect(described(fault)).toMatchObject({ name: 'LostRace', message: fault.message, cause: { name: 'TypeError' } });
    expect(JSON.stringify(described(fault))).not.toContain('Ada');
  });

  it('with a message of several lines shows none of them among the places', () => {
    expect(JSON.stringify(described(new Error('no\nat Ada’s house')))).not.toContain('Ada');
  });
});

describe('a path in the log', () => {
  it.each([
    ['/v1/cases/019c0000-0000-7000-8000-000000000000/sla', '/v1/cases/019c0000-0000-7000-8000-000000000000/sla'],
    ['/v1/customers/Ada Lovelace', '/v1/customers/…'],
    ['/v1/users/ada@example.com', '/v1/users/…'],
    ['/v1/search/+49 151 1', '/v1/search/…'],
    [`/v1/customers/${'a'.repeat(65)}`, '/v1/customers/…'],
  ])('%s is %s', (path, logged) => {
    expect(pathWithoutTexts(path)).toBe(logged);
  });
});
