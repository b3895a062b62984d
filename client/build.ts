import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Makes what is published: the client and the command line as plain JavaScript, and their types. */
const root = join(import.meta.dirname, '..');
const dist = join(import.meta.dirname, 'dist');

await import('./generate.ts');
await build({
  absWorkingDir: root,
  entryPoints: ['client/client.ts', 'client/docket.ts'],
  outdir: dist,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  logLevel: 'warning',
});
execFileSync(
  process.execPath,
  [
    join(root, 'node_modules/typescript/bin/tsc'),
    ...[
      '--ignoreConfig',
      '--declaration',
      '--emitDeclarationOnly',
      '--rewriteRelativeImportExtensions',
      '--skipLibCheck',
      '--types',
      'node',
    ],
    ...['--strict', '--target', 'es2024', '--module', 'nodenext', '--outDir', dist, 'client/client.ts'],
  ],
  { cwd: root, stdio: 'inherit' },
);
copyFileSync(join(import.meta.dirname, 'api.d.ts'), join(dist, 'api.d.ts'));
