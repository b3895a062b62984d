import { afterAll, beforeAll } from 'vitest';
import { assemblyOnce } from './assembly-once.ts';
import { type LocalTable, openLocalTable, tableOf } from './open-local-table.ts';
import { MONDAY } from './service.ts';

export { type LocalTable, tableOf };

/** Makes the table for a test file, and drops it after the last test. */
export const withLocalTable = (): LocalTable => {
  const local = {} as LocalTable;
  let stop = async () => {};
  beforeAll(async () => {
    const opened = await openLocalTable(await assemblyOnce(), MONDAY);
    stop = opened.stop;
    Object.assign(local, opened.local);
  });
  afterAll(() => stop());
  return local;
};
