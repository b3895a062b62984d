import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { callableUrl, type GuardOptions, guardedHttp } from '../../../functions/http/guarded-http.ts';
import { isPublicAddress } from '../../../functions/http/public-address.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const closer of closers.splice(0)) closer();
});

/** A server of this machine; answers its port and how many requests have reached it. */
const serving = async (answer: RequestListener) => {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, seen };
};
const ok = (_: IncomingMessage, response: ServerResponse) => void response.end('fine');

const http = (options: Partial<GuardOptions> = {}) =>
  guardedHttp({
    addresses: 'any',
    limits: { connectMs: 300, totalMs: 400, answerBytes: 100 },
    ...options,
  });

describe('an address is public', () => {
  it.each([
    ['8.8.8.8', true],
    ['2606:4700::1111', true],
    ['::ffff:8.8.8.8', true],
    ['127.0.0.1', false],
    ['127.255.255.254', false],
    ['0.0.0.0', false],
    ['10.1.2.3', false],
    ['172.16.0.1', false],
    ['172.31.255.255', false],
    ['192.168.1.1', false],
    ['100.64.0.1', false],
    ['169.254.169.254', false],
    ['169.254.170.2', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['240.0.0.1', false],
    ['192.0.2.1', false],
    ['198.18.0.1', false],
    ['::1', false],
    ['::', false],
    ['::127.0.0.1', false],
    ['::ffff:127.0.0.1', false],
    ['::ffff:169.254.169.254', false],
    ['::ffff:0:127.0.0.1', false],
    ['fe80::1', false],
    ['fec0::1', false],
    ['fd00:ec2::254', false],
    ['ff02::1', false],
    ['64:ff9b::7f00:1', false],
    ['64:ff9b:1::7f00:1', false],
    ['2002:7f00:1::', false],
    ['2001:0:1::', false],
    ['2001:db8::1', false],
    ['100::1', false],
    ['4000::1', false],
    ['printer', false],
  ])('%s: %s', (address, isPublic) => {
    expect(isPublicAddress(address)).toBe(isPublic);
  });
});

describe('a URL that users enter is called', () => {
  it.each([
    ['https://example.com/hook', true],
    ['http://example.com/hook', false],
    ['https://user:secret@example.com/', false],
    ['ftp://example.com/', false],
    ['file:///etc/passwd', false],
    ['example.com', false],
  ])('where only public machines are: %s %s', async (url, isCalled) => {
    expect(callableUrl(url, 'public') !== undefined).toBe(isCalled);
    if (!isCalled) expect(await http({ addresses: 'public' })({ url })).toMatchObject({ fault: 'urlRefused' });
  });

  it('by http too where the setting allows any machine', () => {
    expect(callableUrl('http://example.com/hook', 'any')).toBeDefined();
    expect(callableUrl('ftp://example.com/', 'any')).toBeUndefined();
  });
});

describe('a machine that is not public is not called', () => {
  it.each([
    'https://127.0.0.1',
    'https://127.1',
    'https://2130706433',
    'https://0x7f.0.0.1',
    'https://0177.0.0.1',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://[::ffff:7f00:1]',
    'https://0.0.0.0',
    'https://[::]',
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00:ec2::254]/latest/meta-data',
  ])('%s', async (url) => {
    const { port, seen } = await serving(ok);
    const target = new URL(url);
    target.port = String(port);
    expect(await http({ addresses: 'public' })({ url: String(target) })).toMatchObject({
      answered: false,
      fault: 'addressRefused',
    });
    expect(seen).toEqual([]);
  });

  it.each([
    ['one that is private', [{ address: '10.0.0.7', family: 4 }]],
    ['this machine', [{ address: '127.0.0.1', family: 4 }]],
    ['this machine in IPv6', [{ address: '::1', family: 6 }]],
    ['this machine as IPv4 in IPv6', [{ address: '::ffff:127.0.0.1', family: 6 }]],
    ['the metadata service', [{ address: '169.254.169.254', family: 4 }]],
    [
      'a public one and this one beside it',
      [
        { address: '93.184.215.14', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    ],
  ])('by a name that leads to %s', async (_, addresses) => {
    const { port, seen } = await serving(ok);
    const send = http({ addresses: 'public', resolve: async () => addresses });
    expect(await send({ url: `https://innocent.example:${port}/` })).toMatchObject({ fault: 'addressRefused' });
    expect(seen).toEqual([]);
  });

  it('by the name that every machine has for itself', async () => {
    expect(await http({ addresses: 'public' })({ url: 'https://localhost/' })).toMatchObject({
      fault: 'addressRefused',
    });
  });

  it('by a name that led elsewhere when it was asked before: each connection goes by its own look-up', async () => {
    const { port, seen } = await serving(ok);
    const looked: string[] = [];
    const answers = ['93.184.215.14', '127.0.0.1'];
    const send = http({
      addresses: 'public',
      resolve: async (hostname) => {
        looked.push(hostname);
        return [{ address: answers.shift() ?? '', family: 4 }];
      },
    });
    // Nothing of this machine goes out: the first connection finds no way, or nobody who speaks TLS.
    expect((await send({ url: `https://rebinds.example:${port}/` })).answered).toBe(false);
    expect(await send({ url: `https://rebinds.example:${port}/` })).toMatchObject({ fault: 'addressRefused' });
    expect(looked).toEqual(['rebinds.example', 'rebinds.example']);
    expect(seen).toEqual([]);
  });
});

describe('what came of a call is told', () => {
  it('with the status, the headers and the body, and what was sent arrives', async () => {
    let received = '';
    const { port, seen } = await serving(async (request, response) => {
      for await (const chunk of request) received += chunk;
      response.writeHead(201, { 'retry-after': '7' }).end('made');
    });
    const result = await http()({
      url: `http://127.0.0.1:${port}/hook?a=b`,
      headers: { 'x-sign': '1' },
      body: '{"a":"ä"}',
    });
    expect(result).toMatchObject({ answered: true, status: 201, headers: { 'retry-after': '7' }, isCut: false });
    expect(result.answered && String(result.body)).toBe('made');
    expect(received).toBe('{"a":"ä"}');
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/hook?a=b', headers: { 'x-sign': '1' } });
  });

  it('a redirect is an answer, and nobody follows it', async () => {
    const target = await serving(ok);
    const { port } = await serving((_, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${target.port}/` }).end(),
    );
    expect(await http()({ url: `http://127.0.0.1:${port}/` })).toMatchObject({ answered: true, status: 307 });
    expect(target.seen).toEqual([]);
  });

  it('no answer in time is a time-out', async () => {
    const { port } = await serving(() => {});
    expect(await http()({ url: `http://127.0.0.1:${port}/` })).toMatchObject({ answered: false, fault: 'timedOut' });
  });

  it('an answer that drips for ever has its status and what came of it in time', async () => {
    const { port } = await serving((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('.'), 50);
      response.on('close', () => clearInterval(drip));
    });
    const result = await http()({ url: `http://127.0.0.1:${port}/` });
    expect(result).toMatchObject({ answered: true, status: 200, isCut: true });
    expect(result.durationMs).toBeLessThan(1_500);
  });

  it('an answer without an end is cut off, and the connection with it', async () => {
    let closed = () => {};
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { port } = await serving((_, response) => {
      const chunk = 'x'.repeat(64 * 1024);
      const pour = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', pour).on('close', closed);
      pour();
    });
    const result = await http()({ url: `http://127.0.0.1:${port}/` });
    expect(result).toMatchObject({ answered: true, status: 200, isCut: true });
    expect(result.answered && result.body.length).toBe(100);
    await isClosed;
  });

  it.each([
    ['nobody who listens', 'http://127.0.0.1:9', 'notConnected'],
    ['a name that does not exist', 'http://no-such-name.invalid', 'notResolved'],
  ])('%s', async (_, url, fault) => {
    expect(await http()({ url })).toMatchObject({ answered: false, fault });
  });

  it('a connection that breaks', async () => {
    const { port } = await serving((request) => request.socket.destroy());
    expect(await http()({ url: `http://127.0.0.1:${port}/` })).toMatchObject({ fault: 'connectionBroken' });
  });
});
