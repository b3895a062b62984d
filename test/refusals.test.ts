import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROBLEMS } from '../functions/api/problem.ts';

/** Tests that speak to a running service through its API. */
const throughTheApi = globSync('test/**/*.test.ts')
  .map((file) => readFileSync(file, 'utf8'))
  .filter((text) => text.includes('withService()'));

/** No caller can provoke these: the gateway answers before us, or our own code is at fault (`test/functions/api-faults.test.ts`). */
const NOBODYS: readonly string[] = ['UNAUTHENTICATED', 'INTERNAL'];

describe('every code of refusal', () => {
  it.each(Object.keys(PROBLEMS).filter((code) => !NOBODYS.includes(code)))('%s is provoked through the API', (code) => {
    expect(throughTheApi.some((text) => text.includes(`'${code}'`))).toBe(true);
  });
});
