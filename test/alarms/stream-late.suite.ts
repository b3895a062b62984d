import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Host, startHost } from '../../infra/local/host.ts';
import { assemblyOnce } from '../support/assembly-once.ts';
import { brokenCase } from '../support/broken-cases.ts';
import { type Service, serviceOn } from '../support/service.ts';

/** Time has to pass while the stream waits, so this clock runs by itself. */
const SPEED = 30;
let host: Host;
let service: Service;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'docket-late-'));
  host = await startHost({ port: 0, data: folder, speed: SPEED, assembly: await assemblyOnce(), coldStarts: true });
  service = await serviceOn(host);
});
afterAll(async () => {
  await host?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const stateOf = (name: string) => host.alarms().find((alarm) => alarm.name === `docket-local-${name}`)?.state;
const becomes = (state: 'OK' | 'ALARM', name: string) =>
  expect.poll(() => stateOf(name), { timeout: 100_000, interval: 200 }).toBe(state);

it('reactions-late, relay-late: facts that hold up the stream, one after the other', async () => {
  for (const name of ['reactions-late', 'relay-late']) await becomes('OK', name);
  // Each is tried eleven times, which takes some six seconds; nothing behind it is taken meanwhile.
  const broken = [];
  for (let n = 0; n < 5; n += 1) broken.push(await brokenCase(service, () => undefined));
  for (const { tell } of broken) await tell();
  await becomes('ALARM', 'reactions-late');
  await becomes('ALARM', 'relay-late');
  for (const { mend } of broken) await mend();
  await service.settled();
  for (const name of ['reactions-late', 'relay-late']) await becomes('OK', name);
});
