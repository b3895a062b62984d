import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cameThroughTheFront } from '../../functions/api/origin.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('a request', () => {
  const admitted = [sha256('the old words'), sha256('the new words')];

  it('is let in by any way where nothing stands in front of the API', () => {
    expect(cameThroughTheFront({}, [])).toBe(true);
  });

  it('is let in with the words, the old ones too while they are being changed', () => {
    expect(cameThroughTheFront({ 'x-docket-origin': 'the new words' }, admitted)).toBe(true);
    expect(cameThroughTheFront({ 'x-docket-origin': 'the old words' }, admitted)).toBe(true);
  });

  it.each([undefined, '', 'other words', admitted[0]])('that went around with %j is refused', (words) => {
    expect(cameThroughTheFront({ 'x-docket-origin': words }, admitted)).toBe(false);
  });
});
