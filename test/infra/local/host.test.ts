import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Host, startHost } from '../../../infra/local/host.ts';

/** The small app of `assembly/`, run as a whole: every stand-in once, through the same doors as the real app's. */
const folder = mkdtempSync(join(tmpdir(), 'host-'));
const options = {
  port: 0,
  data: join(folder, 'data'),
  speed: 0,
  clock: Date.parse('2026-01-05T09:00:00Z'),
  assembly: join(import.meta.dirname, 'assembly'),
};
const Json = z.any();
let host: Host;
let token: string;

beforeAll(async () => {
  host = await startHost(options);
  token = await host.token({ sub: 'u1', roles: ['agent', 'supervisor'] });
});
afterAll(async () => {
  await host.stop();
  rmSync(folder, { recursive: true });
});

const send = async (method: string, path: string, body?: unknown, bearer = token) => {
  const response = await fetch(host.url + path, {
    method,
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: Json.parse(await response.json()) };
};
const moveClock = (to: string) => send('POST', '/dev/clock', { to });
const StringList = z.object({ L: z.array(z.object({ S: z.string() })) }).optional();
const times = (list: unknown): string[] => StringList.parse(list)?.L.map(({ S }) => S) ?? [];
const thing = async (id: string) => (await send('GET', `/things/${id}`)).body;

describe('the gateway', () => {
  it('asks for a token where the template does, and only there', async () => {
    expect(await send('GET', '/health', undefined, 'nonsense')).toEqual({
      status: 200,
      body: { now: '2026-01-05T09:00:00.000Z', speed: 0 },
    });
    expect(await send('GET', '/things', undefined, 'nonsense')).toEqual({
      status: 401,
      body: { message: 'Unauthorized' },
    });
    expect(await send('GET', '/elsewhere')).toEqual({ status: 404, body: { message: 'Not Found' } });
    expect(await send('GET', '/machines')).toEqual({ status: 403, body: { message: 'Forbidden' } });
    const machine = await send('POST', '/dev/token', { sub: 'erp', roles: ['integration'] });
    expect((await send('GET', '/machines', undefined, machine.body.accessToken)).status).toBe(200);
  });

  it('gives the function the event and only its own environment, at the service time', async () => {
    const { event, env, date } = (await send('POST', '/things/echo?a=1&a=2', { x: 1 })).body;
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'ANY /things/{proxy+}',
      rawPath: '/things/echo',
      body: '{"x":1}',
      isBase64Encoded: false,
      queryStringParameters: { a: '1,2' },
      pathParameters: { proxy: 'echo' },
      requestContext: {
        authorizer: { jwt: { claims: { sub: 'u1', 'cognito:groups': '[agent supervisor]' } } },
        timeEpoch: Date.parse('2026-01-05T09:00:00Z'),
      },
    });
    expect(env).toMatchObject({ SECRET_OF: 'api', AWS_REGION: 'eu-west-1', AWS_LAMBDA_FUNCTION_NAME: 'api' });
    expect(env.PATH).toBeUndefined();
    expect(date).toContain('Jan 05 2026 09:00:00');
  });

  it('answers 500 when the function throws, ends itself, answers nonsense or takes too long, and lives on', async () => {
    for (const fault of ['throw', 'exit', 'nonsense', 'slow']) {
      expect(await send('GET', `/things/${fault}`)).toEqual({
        status: 500,
        body: { message: 'Internal Server Error' },
      });
    }
    expect(await send('GET', '/things/plain')).toEqual({ status: 200, body: { hello: 'world' } });
  });

  it('refuses a body over 10 MB', async () => {
    expect(await send('POST', '/things', 'x'.repeat(10 * 1024 * 1024 + 1))).toEqual({
      status: 413,
      body: { message: 'Request Entity Too Large' },
    });
  });

  it('refuses an address and headers of more than 10,240 bytes together', async () => {
    expect(await send('GET', `/things/plain?q=${'x'.repeat(10_240)}`)).toEqual({
      status: 431,
      body: { message: 'Request Header Fields Too Large' },
    });
  });
});

describe('the clock', () => {
  it('refuses to go back, or where it cannot', async () => {
    expect((await moveClock('2026-01-05T08:59:59Z')).status).toBe(400);
    expect((await moveClock('tomorrow')).status).toBe(400);
  });

  it('passes every due instant on its way, then runs the schedule once', async () => {
    await send('POST', '/things', { id: 'timer', ring: '2026-01-05T10:00:00.500Z', tell: 'yes' });
    expect((await moveClock('2026-01-05T18:00:00Z')).body).toEqual({ now: '2026-01-05T18:00:00.000Z' });
    const { handled, rang } = await thing('timer');
    expect(times(handled)).toEqual(['2026-01-05T09:00:00.000Z']);
    expect(times(rang)).toEqual(['2026-01-05T10:00:00.000Z', '2026-01-05T12:00:00.000Z']);
    expect(times((await thing('sweeper')).ran)).toEqual(['2026-01-05T18:00:00.000Z']);
    const logged = readFileSync(join(options.data, 'logs', 'small.events.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      { source: 'small', 'detail-type': 'told', detail: { id: 'timer' }, time: '2026-01-05T09:00:00Z' },
    ]);
  });
});

it('parks what a consumer cannot take in the bucket, and goes on with the rest', async () => {
  await send('POST', '/things', { id: 'poison', poison: 'yes' });
  await send('POST', '/things', { id: 'after' });
  await host.settled();
  expect(times((await thing('after')).handled).length).toBeGreaterThan(0);
  expect((await thing('poison')).handled).toBeUndefined();
  const { env } = (await send('GET', '/things/echo')).body;
  const listing = await fetch(`${env.AWS_ENDPOINT_URL_S3}/small-failures?list-type=2`);
  expect((await listing.text()).match(/<Key>/g)).toHaveLength(1);
});

it('keeps tokens, clock, table and timers over a restart', async () => {
  await send('POST', '/things', { id: 'kept', ring: '2026-01-06T09:00:00Z' });
  await host.stop();
  host = await startHost(options);
  expect((await send('GET', '/health')).body.now).toBe('2026-01-05T18:00:00.000Z');
  await moveClock('2026-01-06T10:00:00Z');
  expect(times((await thing('kept')).rang)).toEqual(['2026-01-06T09:00:00.000Z']);
});

describe('a start that cannot be', () => {
  it.each([
    [
      'the port is taken',
      () => ({ ...options, data: join(folder, 'other'), port: Number(new URL(host.url).port) }),
      /^Port \d+ cannot be used .*--port\.$/,
    ],
    ['the folder is in use', () => options, /in use by another running Docket/],
    [
      'the folder cannot be made',
      () => ({ ...options, data: join(import.meta.filename, 'data') }),
      /cannot be written/,
    ],
    [
      'the folder is broken',
      () => {
        const data = mkdtempSync(join(folder, 'broken-'));
        writeFileSync(join(data, 'host.db'), 'no database '.repeat(100));
        return { ...options, data };
      },
      /is broken \(host\.db/,
    ],
    [
      'the table is broken',
      () => {
        const data = mkdtempSync(join(folder, 'broken-'));
        writeFileSync(join(data, 'dynamodb.db'), 'no database '.repeat(100));
        return { ...options, data };
      },
      /is broken \(dynamodb\.db/,
    ],
    [
      'there is no assembly',
      () => ({ ...options, data: join(folder, 'third'), assembly: folder }),
      /not part of a cloud assembly/,
    ],
  ])('%s: one sentence', async (_, broken, sentence) => {
    await expect(startHost(broken())).rejects.toThrow(sentence);
  });
});
