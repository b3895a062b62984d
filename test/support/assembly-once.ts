import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inject } from 'vitest';
import { synthesise } from './synthesise.ts';

/** The cloud assembly, synthesised once for all test files of a run, by the first that asks. */
export const assemblyOnce = async (): Promise<string> => {
  const shared = inject('shared');
  const [assembly, ready] = [join(shared, 'assembly'), join(shared, 'ready')];
  if (isFirst(join(shared, 'begun'))) {
    synthesise(assembly);
    writeFileSync(ready, '');
  }
  for (const until = Date.now() + 55_000; !existsSync(ready); await pause(50)) {
    if (Date.now() > until) throw new Error('The app was not synthesised in time');
  }
  return assembly;
};

const isFirst = (marker: string): boolean => {
  try {
    mkdirSync(marker);
    return true;
  } catch {
    return false;
  }
};
