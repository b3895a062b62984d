import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The repository's root. */
export const ROOT = join(import.meta.dirname, '..', '..');

const OLDEST = [3, 10];

/** The folder of programs of a Python environment with exactly what a requirements file pins; undefined without Python. */
export const pythonTools = (requirements: string): string | undefined => {
  const python = ['python3', 'python'].find(isRecent);
  if (!python) return undefined;
  const home = join(ROOT, '.venv', basename(requirements, '.txt'));
  const bin = join(home, process.platform === 'win32' ? 'Scripts' : 'bin');
  const pins = readFileSync(requirements, 'utf8');
  const installed = join(home, 'installed.txt');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === pins) return bin;

  console.log(`Installing ${basename(requirements)} into ${home}`);
  rmSync(home, { recursive: true, force: true });
  run(python, '-m', 'venv', home);
  run(join(bin, 'python'), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements);
  writeFileSync(installed, pins);
  return bin;
};

const isRecent = (python: string): boolean => {
  const { stdout } = spawnSync(python, ['-c', 'import sys, venv; print(*sys.version_info[:2])'], { encoding: 'utf8' });
  const [major = 0, minor = 0] = (stdout ?? '').split(' ').map(Number);
  return major === OLDEST[0] && minor >= Number(OLDEST[1]);
};

const run = (program: string, ...args: string[]): void => {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (status !== 0) throw error ?? new Error(`${program} ${args.join(' ')} ended with ${status}`);
};
