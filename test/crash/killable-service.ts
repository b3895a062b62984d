import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Instant } from '../../domain/time.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const START_LIMIT = 60_000;

/** The local service as a program of its own, on one port and one folder through all its lives. */
export interface KillableService {
  readonly url: string;
  /** How many processes the kills have ended in all. */
  readonly killed: number;
  /** Starts it with a clock that runs at `speed` times the real one; at 0, unless told, only what asks it moves it. */
  start(speed?: number): Promise<void>;
  /** Ends the service and all that it has started at once, as a power cut would, and starts it again. */
  killAndRestart(): Promise<void>;
  /** Ends it in order. */
  stop(): Promise<void>;
}

export interface ServicePlace {
  data: string;
  assembly: string;
  clock: Instant;
  log: string;
}

/** A service that has not been started yet. */
export const killableService = async ({ data, assembly, clock, log }: ServicePlace): Promise<KillableService> => {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const output = openSync(log, 'a');
  let child: ChildProcess | undefined;
  let killed = 0;
  // Whatever ends this process ends the service too.
  process.once('exit', () => child?.kill());

  let pace = 0;
  const start = async (speed: number): Promise<void> => {
    pace = speed;
    const options = ['--port', String(port), '--data', data, '--assembly', assembly, '--speed', String(speed)];
    // A group of its own, so that a kill of it is none of ours.
    const started = spawn(process.execPath, ['infra/local/start.ts', ...options, '--clock', clock], {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', output, output],
    });
    child = started;
    for (const began = performance.now(); !(await answers(url)); await pause(50)) {
      if (started.exitCode !== null) throw new Error(`The service does not start: see ${log}.`);
      if (performance.now() - began > START_LIMIT) throw new Error(`The service does not get ready: see ${log}.`);
    }
  };

  const kill = async (): Promise<void> => {
    const victim = child;
    if (!victim?.pid || victim.exitCode !== null) throw new Error(`The service has ended by itself: see ${log}.`);
    const gone = new Promise((resolve) => victim.once('exit', resolve));
    const family = familyOf(victim.pid);
    for (const group of new Set(family.map(({ group }) => group))) {
      try {
        process.kill(-group, 'SIGKILL');
      } catch {
        // It went with the one before.
      }
    }
    killed += family.length;
    await gone;
  };

  return {
    url,
    get killed() {
      return killed;
    },
    start: (speed = 0) => start(speed),
    async killAndRestart() {
      await kill();
      await start(pace);
    },
    async stop() {
      const last = child;
      if (!last || last.exitCode !== null || last.signalCode !== null) return;
      const gone = new Promise((resolve) => last.once('exit', resolve));
      last.kill('SIGTERM');
      await gone;
    },
  };
};

interface Process {
  pid: number;
  group: number;
}

/** A process and all below it: the database runs in a group of its own. */
const familyOf = (pid: number): Process[] => {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([own = 0, parent = 0, group = 0]) => ({ pid: own, parent, group }));
  const family = all.filter((one) => one.pid === pid);
  for (const { pid: parent } of family) family.push(...all.filter((one) => one.parent === parent));
  return family;
};

const answers = async (url: string): Promise<boolean> => {
  try {
    const { ok, body } = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5_000) });
    await body?.cancel();
    return ok;
  } catch {
    return false;
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
