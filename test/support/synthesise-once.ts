import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    assembly: string;
  }
}

/** Synthesises the app and bundles its functions once for all test files; each file runs its own service on them. */
export const setup = (project: TestProject): (() => void) => {
  const assembly = mkdtempSync(join(tmpdir(), 'docket-assembly-'));
  execFileSync(process.execPath, ['infra/app.ts'], {
    env: { ...process.env, CDK_OUTDIR: assembly, CDK_CONTEXT_JSON: JSON.stringify({ stage: 'local' }) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  project.provide('assembly', assembly);
  return () => rmSync(assembly, { recursive: true, force: true });
};
