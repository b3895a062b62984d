import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import cdk from '../../cdk.json' with { type: 'json' };

/** Synthesises the app and bundles its functions into a folder; `config` is what differs from the local stage. */
export const synthesise = (folder: string, config?: object): void => {
  const { local } = cdk.context.stages;
  const context = { stage: 'local', ...(config && { stages: { local: { ...local, ...config } } }) };
  execFileSync(process.execPath, ['infra/app.ts'], {
    env: { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify(context) },
    stdio: 'ignore',
  });
};

/** An assembly in a folder of its own; `remove` takes it away. */
export const synthesisedApp = (config?: object): { assembly: string; remove: () => void } => {
  const assembly = mkdtempSync(join(tmpdir(), 'docket-assembly-'));
  synthesise(assembly, config);
  return { assembly, remove: () => rmSync(assembly, { recursive: true, force: true }) };
};
