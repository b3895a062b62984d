import { copyFileSync } from 'node:fs';
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

/**
 * A handler and all that it imports as `index.mjs`, with the given files beside it. esbuild is called in this process
 * and not by NodejsFunction, which starts `npx esbuild` for each function: 0.2 s instead of 0.6 s, ten times at every
 * start, and no shell whose quoting differs between systems.
 */
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
          buildSync({ ...options, entryPoints: [join(ROOT, entry)], outfile: join(outputDir, 'index.mjs') });
          for (const file of files) copyFileSync(join(ROOT, file), join(outputDir, basename(file)));
          return true;
        },
      },
    },
  });
