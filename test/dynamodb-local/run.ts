import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../deployment/ministack.ts';
import { ROOT } from '../deployment/python.ts';

/** `npm run test:dynamodb-local`: the contract of the table and the stores, held to Amazon's own DynamoDB Local. */
const HOME = join(ROOT, '.dynamodb-local');
const POM = join(import.meta.dirname, 'pom.xml');
const OLDEST_JAVA = 17;

const main = async (): Promise<boolean> => {
  const missing = whatIsMissing() ?? install();
  if (missing) {
    console.log(`${missing} The contract was NOT held to DynamoDB Local.`);
    return true;
  }
  const port = await freePort();
  const log = openSync(join(HOME, 'server.log'), 'w');
  const jars = join(HOME, 'jars');
  const java = spawn(
    'java',
    [
      `-Djava.library.path=${jars}`,
      '-cp',
      join(jars, '*'),
      'com.amazonaws.services.dynamodbv2.local.main.ServerRunner',
      ...['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)],
    ],
    { stdio: ['ignore', log, log] },
  );
  const orphaned = () => java.kill('SIGKILL');
  process.once('exit', orphaned);
  try {
    const endpoint = `http://127.0.0.1:${port}`;
    await answers(endpoint);
    const env = { ...process.env, DYNAMODB_ENDPOINT: endpoint };
    const [code] = await once(
      spawn('vitest', ['run', 'test/contracts', '--no-file-parallelism'], { env, stdio: 'inherit' }),
      'exit',
    );
    return code === 0;
  } finally {
    java.kill('SIGKILL');
    process.off('exit', orphaned);
  }
};

const whatIsMissing = (): string | undefined => {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' }).stderr ?? '';
  const [, version = '0'] = /version "(\d+)/.exec(java) ?? [];
  if (Number(version) < OLDEST_JAVA) return `There is no Java ${OLDEST_JAVA} or newer here.`;
  const isHere = existsSync(join(HOME, 'installed.xml')) || spawnSync('mvn', ['--version']).status === 0;
  return isHere ? undefined : 'There is no Maven here to get it by.';
};

/** Copies what the pom names, once for as long as the pom stays as it is; tells what keeps it from that. */
const install = (): string | undefined => {
  const pom = readFileSync(POM, 'utf8');
  const installed = join(HOME, 'installed.xml');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === pom) return undefined;
  console.log(`Installing DynamoDB Local into ${HOME}`);
  rmSync(HOME, { recursive: true, force: true });
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${join(HOME, 'jars')}`, '-DincludeScope=runtime'];
  const { status } = spawnSync('mvn', ['--quiet', '--batch-mode', '--file', POM, ...goal], { stdio: 'inherit' });
  if (status !== 0) return `Maven ended with ${status}.`;
  writeFileSync(installed, pom);
  return undefined;
};

const answers = async (url: string): Promise<void> => {
  for (let attempt = 0; attempt < 240; attempt += 1) {
    if (await fetch(url).catch(() => undefined)) return;
    await pause(250);
  }
  throw new Error(`DynamoDB Local does not answer: ${readFileSync(join(HOME, 'server.log'), 'utf8')}`);
};

process.exitCode = (await main()) ? 0 : 1;
