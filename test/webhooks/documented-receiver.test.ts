import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toInstant } from '../../domain/time.ts';
import type { Delivery } from '../../domain/webhooks/delivery.ts';
import { guardedHttp } from '../../functions/http/guarded-http.ts';
import { systemIds } from '../../functions/table/ids.ts';
import { postDelivery, WEBHOOK_LIMITS } from '../../functions/webhooks/post-delivery.ts';

const ids = systemIds();
const secret = ids.secret();
let folder: string;
let program: ChildProcess;
let port: number;

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as AddressInfo;
      server.close(() => resolve(free));
    });
  });

beforeAll(async () => {
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync('docs/webhooks.md', 'utf8')) ?? [];
  folder = mkdtempSync(join(tmpdir(), 'docket-receiver-'));
  writeFileSync(join(folder, 'receiver.mjs'), code);
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  port = await freePort();
  program = spawn(process.execPath, ['receiver.mjs'], {
    cwd: folder,
    env: { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
});
afterAll(() => {
  program?.kill();
  rmSync(folder, { recursive: true, force: true });
});

const post = async (secrets: string[]) => {
  const now = toInstant(Date.now());
  const event = {
    id: ids.random(),
    type: 'case.created',
    timestamp: now,
    data: { case: { caseNumber: 'CASE-000042' } },
  };
  const delivery = { eventId: event.id, body: JSON.stringify(event) } as Delivery;
  const http = guardedHttp({ addresses: 'any', limits: WEBHOOK_LIMITS });
  for (let n = 0; ; n += 1) {
    const reply = await postDelivery(http, { url: `http://localhost:${port}/`, secrets }, delivery, now);
    if (reply.error !== 'notConnected' || n === 100) return reply;
    await sleep(50);
  }
};

it('the receiver in the documentation takes what is signed with its secret, old or new, and nothing else', async () => {
  let printed = '';
  program.stdout?.on('data', (chunk) => {
    printed += chunk;
  });
  expect(await post([ids.secret(), secret])).toMatchObject({ status: 204 });
  expect(await post([ids.secret()])).toMatchObject({ status: 401 });
  expect(printed).toBe('case.created CASE-000042\n');
});
