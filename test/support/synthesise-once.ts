import type { TestProject } from 'vitest/node';
import { synthesise } from './synthesise.ts';

declare module 'vitest' {
  interface ProvidedContext {
    assembly: string;
  }
}

/** Synthesises once for all test files; each file runs its own service on it. */
export const setup = (project: TestProject): (() => void) => {
  const { assembly, remove } = synthesise();
  project.provide('assembly', assembly);
  return remove;
};
