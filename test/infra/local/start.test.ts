import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

/** The local host as the program that people start, stop and sometimes kill. */
const root = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'start-'));
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(...args: string[]) {
  const child = spawn(process.execPath, ['infra/local/start.ts', '--assembly', 'test/infra/local/assembly', ...args], {
    cwd: root,
  });
  running.add(child);
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve)).finally(() =>
    running.delete(child),
  );
  const serving = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const url = /Serving (\S+),/.exec(output)?.[1];
      if (url && output.includes('Ctrl-C')) resolve(url);
    });
    void ended.then(() => reject(new Error(output)));
  });
  serving.catch(() => {});
  return { child, ended, serving, output: () => output };
}
const json = async (answer: Promise<Response>) => z.any().parse(await (await answer).json());
const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

describe('the program', () => {
  it('survives kill -9 on the same folder and port, and stops all that it started when asked', async () => {
    const data = join(folder, 'data');
    const first = start('--data', data, '--port', '0', '--speed', '0');
    const url = await first.serving;
    const port = new URL(url).port;
    const token = /AGENT=(\S+)/.exec(first.output())?.[1] ?? '';
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const echo = await json(fetch(`${url}/things/echo`, { headers }));
    const posted = await fetch(`${url}/things`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ id: 'a', ring: '2099-01-01T00:00:00Z' }),
    });
    expect(posted.status).toBe(201);
    first.child.kill('SIGKILL');
    await first.ended;

    const second = start('--data', data, '--port', port, '--speed', '0');
    expect(await second.serving).toBe(url);
    expect(await answers(echo.env.AWS_ENDPOINT_URL_DYNAMODB)).toBe(false);
    const { now } = await json(fetch(`${url}/health`));
    await fetch(`${url}/dev/clock`, { method: 'POST', body: JSON.stringify({ to: now }) });
    const thing = await json(fetch(`${url}/things/a`, { headers }));
    expect(thing.handled.L.length).toBeGreaterThanOrEqual(1);

    const database = (await json(fetch(`${url}/things/echo`, { headers }))).env.AWS_ENDPOINT_URL_DYNAMODB;
    expect(await answers(database)).toBe(true);
    second.child.kill('SIGINT');
    expect(await second.ended).toBe(0);
    expect(await answers(database)).toBe(false);
  });

  it.each([
    [['--port', 'many'], '--port must be a port number, not many.'],
    [['--speed', '-1'], "Option '--speed' argument is ambiguous"],
    [['--speed', 'fast'], '--speed must be 0 or between'],
    [['--clock', 'noon'], '--clock must be an instant'],
    [['--prot', '1'], "Unknown option '--prot'"],
    [['--data', '/dev/null/x'], 'The data folder /dev/null/x cannot be written'],
  ])('%j: says why in a sentence and ends with 1', async (args, sentence) => {
    const attempt = start(...args);
    expect(await attempt.ended).toBe(1);
    expect(attempt.output()).toContain(sentence);
    expect(attempt.output()).not.toContain('    at ');
  });
});
