import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { ChannelKind } from '../../../domain/channels/channel.ts';
import type { ChannelAdapter, RawRequest } from '../../../functions/channels/adapters/adapter.ts';
import { adapterOf } from '../../../functions/channels/adapters/adapters.ts';
import { type ReceiveServices, receive } from '../../../functions/channels/receive.ts';
import { contextOf, refusalOf, requestOf } from '../../support/adapter-requests.ts';

const ADAPTER = 'functions/channels/adapters/adapter.ts';
const NOW = new Date().toISOString();
const SECONDS = Math.floor(Date.parse(NOW) / 1000);
const URL_CALLED = 'https://api.example.com/v1/channels/ours/inbound';
const OURS = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const THEIRS = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const json = '{"text":"It is on fire"}';
const form = 'AccountSid=AC1&From=%2B14017122661&Body=It+is+on+fire';

const hmac = (algorithm: string, secret: string, ...parts: (string | Buffer)[]) =>
  parts.reduce((so, part) => so.update(part), createHmac(algorithm, secret));
const hub = (secret: string, body: string) => ({
  'x-hub-signature-256': `sha256=${hmac('sha256', secret, body).digest('hex')}`,
});
const standard = (secret: string, body: string, at: number) => ({
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(at),
  'webhook-signature': new Webhook(secret).sign('msg_1', new Date(at * 1000), body),
});

/** How each kind proves itself: by a signature over its body, which stands in `header`. */
const signing: {
  kind: ChannelKind;
  header: string;
  body: string;
  sign: (secret: string, body: string, at: number) => Record<string, string>;
  /** Whether the time is signed too. */
  timed?: true;
}[] = [
  { kind: 'webhook', header: 'webhook-signature', body: json, sign: standard, timed: true },
  { kind: 'email', header: 'webhook-signature', body: json, sign: standard, timed: true },
  { kind: 'github', header: 'x-hub-signature-256', body: json, sign: hub },
  { kind: 'whatsapp', header: 'x-hub-signature-256', body: json, sign: hub },
  {
    kind: 'slack',
    header: 'x-slack-signature',
    body: json,
    timed: true,
    sign: (secret, body, at) => ({
      'x-slack-request-timestamp': String(at),
      'x-slack-signature': `v0=${hmac('sha256', secret, `v0:${at}:`, body).digest('hex')}`,
    }),
  },
  {
    kind: 'telephony',
    header: 'x-twilio-signature',
    body: form,
    sign: (secret, body) => {
      const fields = [...new URLSearchParams(body)].sort(([a], [b]) => (a < b ? -1 : 1)).flat();
      return { 'x-twilio-signature': hmac('sha1', secret, URL_CALLED, ...fields).digest('base64') };
    },
  },
];

/** Kinds that sign nothing: whoever shows the token may say anything. */
const showing: { kind: ChannelKind; request: (token: string) => RawRequest }[] = [
  {
    kind: 'telegram',
    request: (token) => requestOf('{"update_id":1}', { headers: { 'x-telegram-bot-api-secret-token': token } }),
  },
  {
    kind: 'mattermost',
    request: (token) => {
      const post = { channel_id: 'c', post_id: 'p', timestamp: 1, user_id: 'u', user_name: 'ada', text: 'Hello' };
      return requestOf(JSON.stringify({ ...post, token }));
    },
  },
];

it('every kind of channel is attacked', () => {
  expect([...signing, ...showing].map(({ kind }) => kind).sort()).toEqual([...ChannelKind.options].sort());
});

it('whoever writes the next adapter is told of everything that it may have', () => {
  const [, members = ''] = /export interface ChannelAdapter \{(.*?)\n\}/s.exec(readFileSync(ADAPTER, 'utf8')) ?? [];
  const named = [...members.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(15);
  const [, howTo = ''] = readFileSync('docs/channels.md', 'utf8').split('## Writing the next adapter');
  expect(named.filter((name) => !howTo.includes(`\`${name}\``))).toEqual([]);
});

const adapter = (kind: ChannelKind): ChannelAdapter => adapterOf(kind)!;
/** What we made and what the provider gave are the same here: each kind looks where it keeps its own. */
const context = (kind: ChannelKind) => {
  const given = Object.fromEntries(adapter(kind).givenSecrets.map((name) => [name, OURS]));
  return contextOf(adapter(kind), { own: [OURS], given }, {}, NOW);
};

describe.each(signing)('a channel of kind $kind', ({ kind, header, body, sign, timed }) => {
  const request = (sent: string | Buffer, headers: Record<string, string>): RawRequest =>
    requestOf(sent, { url: URL_CALLED, headers });
  const good = sign(OURS, body, SECONDS);
  const signature = good[header]!;
  const changed = Buffer.from(body);
  changed[changed.length - 3]! ^= 1;
  const shown = (value: string) => request(body, { ...good, [header]: value });

  it('takes what is signed as it must be', async () => {
    expect(await refusalOf(adapter(kind), request(body, good), context(kind))).toBeUndefined();
  });

  it.each<[string, RawRequest]>([
    ['the key of another channel', request(body, sign(THEIRS, body, SECONDS))],
    ['one byte changed', request(changed, good)],
    ['one byte more', request(`${body}x`, good)],
    ['one byte less', request(body.slice(0, -1), good)],
    ['no body', request('', good)],
    ['a body in UTF-16', request(Buffer.from(body, 'utf16le'), good)],
    ['bytes that are no text', request(Buffer.concat([Buffer.from(body), Buffer.from([0xff])]), good)],
    ['no signature', shown('')],
    ['no headers', request(body, {})],
    ['the signature twice', shown(`${signature},${signature}`)],
    ['the beginning of the signature', shown(signature.slice(0, -5))],
    ['more than the signature', shown(`${signature}0`)],
    ['the signature in capitals', shown(signature.toUpperCase())],
    ['a signature that is no ASCII', shown(signature.replace(/.$/, 'é'))],
    ['a signature of half a megabyte', shown('a'.repeat(500_000))],
  ])('refuses %s', async (_, sent) => {
    expect(await refusalOf(adapter(kind), sent, context(kind))).toBe('SIGNATURE_INVALID');
  });

  it('refuses everything while it has no secret, also what is signed by none', async () => {
    const bare = contextOf(adapter(kind), {}, {}, NOW);
    expect(await refusalOf(adapter(kind), request(body, good), bare)).toBe('SIGNATURE_INVALID');
  });

  it.each(timed ? [-301, 301] : [])('refuses a signature that is %d seconds off', async (off) => {
    const sent = request(body, sign(OURS, body, SECONDS + off));
    expect(await refusalOf(adapter(kind), sent, context(kind))).toBe('TOO_OLD');
  });

  it('remembers what it took for as long as it can be sent again', () => {
    // A signed time is refused after minutes; without one, a recording is good for ever.
    expect(timed || adapter(kind).remembersForEver).toBe(true);
  });
});

describe.each(showing)('a channel of kind $kind', ({ kind, request }) => {
  it('takes what shows its token, and nothing while it has none', async () => {
    expect(await refusalOf(adapter(kind), request(OURS), context(kind))).toBeUndefined();
    expect(await refusalOf(adapter(kind), request(''), contextOf(adapter(kind)))).toBe('SIGNATURE_INVALID');
  });

  it.each([
    ['that of another channel', THEIRS],
    ['none', ''],
    ['it twice', `${OURS},${OURS}`],
    ['its beginning', OURS.slice(0, -1)],
    ['more than it', `${OURS}0`],
    ['it in capitals', OURS.toUpperCase()],
    ['one that is no ASCII', OURS.replace(/.$/, 'é')],
    ['one of half a megabyte', 'a'.repeat(500_000)],
  ])('refuses %s', async (_, token) => {
    expect(await refusalOf(adapter(kind), request(token), context(kind))).toBe('SIGNATURE_INVALID');
  });
});

it('what is too large is refused before anybody asks who sent it, and by which kind', async () => {
  const huge = requestOf(Buffer.alloc(256 * 1024 + 1));
  const sent = { channelId: 'ours', door: 'inbound' as const, request: huge, correlationId: 'test' };
  expect(await receive({} as ReceiveServices, sent)).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
});
