import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Synthesises the app and bundles its functions into a folder. */
export const synthesise = (folder: string): void => {
  execFileSync(process.execPath, ['infra/app.ts'], {
    env: { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify({ stage: 'local' }) },
    stdio: 'ignore',
  });
};

/** An assembly in a folder of its own; `remove` takes it away. */
export const synthesisedApp = (): { assembly: string; remove: () => void } => {
  const assembly = mkdtempSync(join(tmpdir(), 'docket-assembly-'));
  synthesise(assembly);
  return { assembly, remove: () => rmSync(assembly, { recursive: true, force: true }) };
};
