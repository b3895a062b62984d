import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the test files of one run share what is dear to make. */
    shared: string;
  }
}

/** Before the first test file of a run; what it gives back, after the last. */
export const setup = (project: TestProject): (() => void) => {
  const shared = mkdtempSync(join(tmpdir(), 'docket-tests-'));
  project.provide('shared', shared);
  return () => rmSync(shared, { recursive: true, force: true });
};
