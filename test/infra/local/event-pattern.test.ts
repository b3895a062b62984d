import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../infra/local/event-pattern.ts';

const matches = (pattern: object, value: unknown) => compilePattern(pattern, 'A test')(value);

describe('a pattern', () => {
  const record = { eventName: 'INSERT', dynamodb: { NewImage: { entity: { S: 'event' }, SK: { S: 'EVENT#1' } } } };

  it.each([
    [{ eventName: ['INSERT'] }, true],
    [{ eventName: ['MODIFY', 'REMOVE'] }, false],
    [{ eventName: ['INSERT'], dynamodb: { NewImage: { entity: { S: ['event'] } } } }, true],
    [{ eventName: ['INSERT'], dynamodb: { NewImage: { entity: { S: ['case'] } } } }, false],
    [{ dynamodb: { NewImage: { SK: { S: [{ prefix: 'EVENT#' }] } } } }, true],
    [{ dynamodb: { NewImage: { SK: { S: [{ suffix: '#2' }] } } } }, false],
    [{ dynamodb: { OldImage: { SK: { S: [{ exists: false }] } } } }, true],
    [{ dynamodb: { NewImage: { SK: { S: [{ exists: true }] } } } }, true],
    [{ eventName: [{ 'anything-but': ['REMOVE'] }] }, true],
  ])('%j of an inserted event: %s', (pattern, expected) => {
    expect(matches(pattern, record)).toBe(expected);
  });

  it('finds one word in a field that holds a list', () => {
    expect(matches({ detail: { labels: ['vip'] } }, { detail: { labels: ['late', 'vip'] } })).toBe(true);
  });

  it.each([{ n: [{ numeric: ['>', 1] }] }, { $or: [{ a: ['b'] }] }, { a: 'b' }])(
    '%j is refused, not ignored',
    (pattern) => {
      expect(() => compilePattern(pattern, 'A test')).toThrow(/A test/);
    },
  );
});
