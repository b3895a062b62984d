/**
 * Runs every suite that tries more by night, with the numbers of the night: more histories, more rounds, more years.
 * Run by `npm run test:nightly`; names of test files after `--` run only those.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';

const named = process.argv.slice(2);
const suites = globSync('test/**/*.test.ts').filter((file) =>
  readFileSync(file, 'utf8').includes('process.env.NIGHTLY'),
);
const files = named.length > 0 ? named : suites.sort();
console.log(`${files.length} suites:\n${files.map((file) => `  ${file}`).join('\n')}`);
// One after the other: those that race things would otherwise wait for each other's service.
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--testTimeout=7200000', '--no-file-parallelism', ...files],
  { stdio: 'inherit', env: { ...process.env, NIGHTLY: '1' } },
);
process.exitCode = status ?? 1;
