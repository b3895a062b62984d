import { expect, it } from 'vitest';
import { oneTimeCode } from './one-time-code.ts';

// RFC 6238, appendix B, of which the last six of eight digits are shown.
it.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1234567890, '005924'],
  [20000000000, '353130'],
])('a one-time code is what the standard says %s seconds after the epoch', (seconds, code) => {
  expect(oneTimeCode('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', seconds * 1000)).toBe(code);
});
