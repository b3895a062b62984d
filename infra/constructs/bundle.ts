import { copyFileSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';
import { type BuildOptions, buildSync } from 'esbuild';

/** The repository's root: entries and files are named from here, wherever the app is started. */
export const ROOT = join(import.meta.dirname, '..', '..');

const options: BuildOptions = {
  // The SDK goes in too: the runtime's own changes without notice, and a bundle that needs nothing runs anywhere.
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  tsconfig: join(ROOT, 'tsconfig.json'),
  sourcemap: true,
  // A stack trace needs names and lines; the sources themselves would triple the upload.
  sourcesContent: false,
  logLevel: 'warning',
  // Some packages are CommonJS inside and call require, which an ES module does not have. Under a name that none of them
  // declares itself.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
};

let built: string | undefined;

/**
 * All handlers of the app, each in a folder of its own, made when the first is asked for: what they share is read once,
 * and esbuild started once. In this process and not by NodejsFunction, which starts `npx esbuild` for each function, in
 * a shell whose quoting differs between systems.
 */
const builtHandlers = (): string => {
  if (built) return built;
  // Below the root, so that source maps name the same paths on every machine, and assets keep their hashes.
  const outdir = mkdtempSync(join(ROOT, '.functions-'));
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  const handlers = globSync('functions/**/*.handler.ts', { cwd: ROOT });
  buildSync({
    ...options,
    entryPoints: handlers.map((file) => ({ in: join(ROOT, file), out: join(file, 'index') })),
    outdir,
    outExtension: { '.js': '.mjs' },
  });
  built = outdir;
  return outdir;
};

/** A handler and all that it imports as `index.mjs`, with the given files beside it. */
export const bundle = (entry: string, files: readonly string[]): AssetCode =>
  Code.fromAsset(ROOT, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never started: the local step below either succeeds or throws.
      image: DockerImage.fromRegistry('none'),
      // Tells the assets apart: they are cached by what can be written as JSON, and the step below cannot.
      command: [entry, ...files],
      local: {
        tryBundle(outputDir) {
          for (const file of ['index.mjs', 'index.mjs.map'])
            copyFileSync(join(builtHandlers(), entry, file), join(outputDir, file));
          for (const file of files) copyFileSync(join(ROOT, file), join(outputDir, basename(file)));
          return true;
        },
      },
    },
  });
