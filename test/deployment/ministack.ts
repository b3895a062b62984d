import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** An account that pretends to be AWS. */
export interface Ministack {
  /** What makes the CLI and every SDK call it instead of AWS. */
  readonly env: NodeJS.ProcessEnv;
  /** Where a deployed HTTP API answers: its own host name needs a name server that knows it. */
  reach(apiUrl: string): string;
  /** What it has logged as out of order. */
  complaints(): string;
  stop(): Promise<void>;
}

const REGION = 'eu-west-1';
const KEY = 'test';

/** Starts ministack on a free port of this machine alone; nothing of it is left when it has stopped. */
export const startMinistack = async (bin: string): Promise<Ministack> => {
  const home = mkdtempSync(join(tmpdir(), 'docket-ministack-'));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const log = join(home, 'ministack.log');
  const out = openSync(log, 'a');
  const child = spawn(join(bin, 'ministack'), {
    env: {
      ...process.env,
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      MINISTACK_REGION: REGION,
      STATE_DIR: join(home, 'state'),
      TMPDIR: home,
      IOT_MTLS_ENABLED: '0',
      // Roles get what their policies allow and nothing else; the keys below are those of the account's root.
      AUTH: 'true',
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: KEY,
    },
    stdio: ['ignore', out, out],
  });
  const gone = once(child, 'exit');
  // However this process ends.
  const orphaned = () => child.kill('SIGKILL');
  process.once('exit', orphaned);
  const stop = async () => {
    await fetch(`${url}/_ministack/reset`, { method: 'POST' }).catch(() => {});
    child.kill('SIGTERM');
    // Its functions are processes of their own; it ends them, given the time.
    if (!(await Promise.race([gone, sleep(10_000)]))) child.kill('SIGKILL');
    process.off('exit', orphaned);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await answers(`${url}/_ministack/health`);
  } catch (error) {
    console.error(readFileSync(log, 'utf8'));
    await stop();
    throw error;
  }
  return {
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: url,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: KEY,
    },
    reach: (apiUrl) => `${url}/_aws/execute-api/${new URL(apiUrl).hostname.split('.')[0]}/$default`,
    complaints: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => /WARNING|ERROR/.test(line))
        .join('\n'),
    stop,
  };
};

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (!address || typeof address === 'string') throw new Error('No port is free');
  return address.port;
};

const answers = async (url: string): Promise<void> => {
  for (let attempt = 0; attempt < 120; attempt += 1) {
    if ((await fetch(url).catch(() => undefined))?.ok) return;
    await sleep(500);
  }
  throw new Error(`Nothing answers at ${url}`);
};
