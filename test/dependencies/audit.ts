import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../deployment/python.ts';
import { findings, LICENCES, Lock, Manifest } from './findings.ts';

/** `npm run audit`: what the lockfile itself tells, then what the registry says of signatures and known weaknesses, if it does. */
const json = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));

const lockIsGood = (): boolean => {
  const lock = Lock.parse(json('package-lock.json'));
  const found = findings(Manifest.parse(json('package.json')), lock);
  const counts = new Map<string, number>();
  for (const { license = '' } of Object.values(lock.packages)) counts.set(license, (counts.get(license) ?? 0) + 1);
  console.log(`${Object.keys(lock.packages).length - 1} packages. Licences that ask for something:`);
  for (const [licence, asks] of Object.entries(LICENCES)) {
    if (asks && counts.has(licence)) console.log(`  ${licence} (${counts.get(licence)}): ${asks}`);
  }
  for (const finding of found) console.log(`  WRONG: ${finding}`);
  console.log(found.length === 0 ? 'The lockfile is as it should be.' : `${found.length} findings in the lockfile.`);
  return found.length === 0;
};

/** Tools of other registries are pinned where they are asked for. */
const toolsArePinned = (): boolean => {
  const loose = globSync('test/**/*.requirements.txt', { cwd: ROOT }).flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#') && !/^[\w.-]+==[\w.]+$/.test(line))
      .map((line) => `${file}: ${line}`),
  );
  for (const line of loose) console.log(`  WRONG: not one version: ${line}`);
  return loose.length === 0;
};

/** Asks npm, and tells plainly when there was nobody to ask: then it proves nothing, and refuses nothing. */
const registrySays = (what: string, ...args: string[]): boolean => {
  const { status, stdout, stderr } = spawnSync('npm', [...args, '--loglevel=warn'], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (status === 0) {
    console.log(`${what}: ${stdout.trim().split('\n').at(-1)}`);
    return true;
  }
  if (/audit endpoint|E40[0-9]|E5\d\d|ENOTFOUND|ECONN|ETIMEDOUT|network/.test(stderr) || status === null) {
    console.log(`${what}: the registry did not answer this. It was NOT checked.`);
    return true;
  }
  console.log(`${what}:\n${stdout}${stderr}`);
  return false;
};

const checks = [
  lockIsGood(),
  toolsArePinned(),
  registrySays('Known weaknesses of what is deployed', 'audit', '--omit=dev', '--audit-level=moderate'),
  registrySays('Signatures', 'audit', 'signatures'),
];
process.exitCode = checks.every(Boolean) ? 0 : 1;
