import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Host, startHost } from '../../infra/local/host.ts';
import { clientOf } from '../support/api-client.ts';
import { assemblyOnce } from '../support/assembly-once.ts';

const PAGE = readFileSync('docs/integrating.md', 'utf8');

/** The examples of the page, in its order: a program and what it prints. */
const examples = [...PAGE.matchAll(/^```(?:js|sh) (\S+)\n([\s\S]*?)^```\n\n^```text\n([\s\S]*?)^```$/gm)].map(
  ([, name = '', code = '', printed = '']) => ({ name, code, printed }),
);

let folder: string;
let host: Host;
const env: NodeJS.ProcessEnv = { PATH: process.env.PATH };
const heard: string[] = [];
const receiver = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString();
  const { type } = new Webhook(String(env.SUBSCRIPTION_SECRET)).verify(
    body,
    request.headers as Record<string, string>,
  ) as {
    type: string;
  };
  heard.push(type);
  response.writeHead(204).end();
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'docket-guide-'));
  host = await startHost({
    port: 0,
    data: join(folder, 'data'),
    speed: 1,
    assembly: await assemblyOnce(),
    coldStarts: true,
  });
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  env.DOCKET_URL = host.url;
  env.RECEIVER_URL = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  for (const role of ['admin', 'agent', 'integration'] as const) {
    env[role.toUpperCase()] = await host.token({ sub: `the-${role}`, roles: [role] });
  }
});
afterAll(async () => {
  receiver.close();
  receiver.closeAllConnections();
  await host?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The page's reader copies secrets from answers that tell them once; here a second one of each is made for the programs. */
const secretOf = async (setting: string): Promise<string> =>
  (await clientOf(host.url, env.ADMIN).post(`/v1/settings/${setting}/rotate-secret`)).body.secret;

describe('the guide for those who connect a system', () => {
  it('shows no program without what it prints', () => {
    expect(examples.map(({ name }) => name)).toEqual(
      [...PAGE.matchAll(/^```(?:js|sh) ?(.*)$/gm)].map(([, name]) => name),
    );
    expect(examples.length).toBeGreaterThan(6);
  });

  it.each(examples)('has $name, which does what it says', async ({ name, code, printed }) => {
    if (name === 'send-message.mjs') env.CHANNEL_SECRET = await secretOf('channels/shop');
    await host.settled();
    writeFileSync(join(folder, name), code);
    const [program, args] = name.endsWith('.sh') ? ['bash', ['-eu', name]] : [process.execPath, [name]];
    const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env });
    expect(stdout.trimEnd()).toBe(printed.trimEnd());
  });

  it('ends with a subscriber who hears of a case that is resolved', async () => {
    env.SUBSCRIPTION_SECRET = await secretOf('webhook-subscriptions/shop');
    const agent = clientOf(host.url, env.AGENT);
    const [{ caseId }] = (await agent.get('/v1/cases?externalId=order-4711')).body.items;
    const done = { resolutionType: 'problemSolved', resolution: 'It came' };
    expect((await agent.post(`/v1/cases/${caseId}/resolve`, done)).status).toBe(200);
    await expect.poll(() => heard, { timeout: 20_000 }).toEqual(['case.resolved']);
  });
});

describe('the other pages', () => {
  /** Commands that go on in the next line are one. */
  const calls = ['README.md', 'docs/webhooks.md'].flatMap((page) =>
    [
      ...readFileSync(page, 'utf8')
        .replaceAll('\\\n', '')
        .matchAll(/^curl .*$/gm),
    ].map(([call]) => ({ page, call })),
  );

  it('call nothing that is not there', async () => {
    expect(calls.length).toBeGreaterThan(5);
    for (const { page, call } of calls) {
      const here = call.replaceAll('http://localhost:3000', host.url);
      const asked = `${here} --silent --output /dev/null --write-out '%{http_code}'`;
      const { stdout } = await promisify(execFile)('bash', ['-euc', asked], { env });
      // The clock of this service runs by itself, and cannot be moved.
      expect(stdout, `${page}: ${call}`).toMatch(call.includes('/dev/clock') ? /^409$/ : /^20[01]$/);
    }
  });
});
