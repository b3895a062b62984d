import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { slackAdapter } from '../../../functions/channels/adapters/slack.ts';
import { contextOf, parsed, refusalOf, requestOf, sentBy } from '../../support/adapter-requests.ts';

const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5';
const context = contextOf(slackAdapter, { given: { signingSecret, botToken: 'xoxb-1' } });
const NOW = String(Date.parse(context.now) / 1000);

const event = {
  type: 'message',
  channel: 'C024BE91L',
  user: 'U2147483697',
  text: 'Is <https://shop.example|the shop> down? 1 &lt; 2 &amp; 3',
  ts: '1773062990.000005',
  event_ts: '1773062990.000005',
  channel_type: 'channel',
};
const callback = (change: object = {}) => ({
  token: 'XXYYZZ',
  team_id: 'T123ABC456',
  api_app_id: 'A123ABC456',
  event: { ...event, ...change },
  type: 'event_callback',
  event_id: 'Ev123ABC456',
  event_time: 1773062990,
  authorizations: [{ team_id: 'T123ABC456', user_id: 'U222222222', is_bot: true }],
});

const signed = (payload: unknown, { secret = signingSecret, at = NOW } = {}) => {
  const body = JSON.stringify(payload);
  const signature = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
  return requestOf(body, { headers: { 'x-slack-request-timestamp': at, 'x-slack-signature': `v0=${signature}` } });
};
const read = (change: object) => parsed(slackAdapter, signed(callback(change)), context);

describe('a message in Slack', () => {
  it('begins a thread, which is the conversation, and reads as people see it', async () => {
    const key = ['C024BE91L 1773062990.000005'];
    const [first] = await read({});
    expect(first).toMatchObject({
      externalId: 'Ev123ABC456',
      message: {
        from: { id: 'U2147483697' },
        text: 'Is the shop (https://shop.example) down? 1 < 2 & 3',
        occurredAt: '2026-03-09T13:29:50.000Z',
        conversation: key,
        becomes: key,
        thread: { channel: 'C024BE91L', threadTs: '1773062990.000005' },
      },
    });
    const [next] = await read({ ts: '1773062999.000001', thread_ts: '1773062990.000005' });
    expect(next).toMatchObject({ message: { conversation: key } });
  });

  it('of a direct conversation belongs to that, unless it stands in a thread', async () => {
    const direct = { channel: 'D024BE91L', channel_type: 'im' };
    expect(await read(direct)).toMatchObject([
      { message: { conversation: ['D024BE91L'], thread: { channel: 'D024BE91L' } } },
    ]);
    expect(await read({ ...direct, thread_ts: '1773060000.000001' })).toMatchObject([
      { message: { conversation: ['D024BE91L 1773060000.000001'] } },
    ]);
  });

  it('that is sent again is known by its event, whatever has changed around it', async () => {
    const [first] = await parsed(slackAdapter, signed(callback()), context);
    const [again] = await parsed(slackAdapter, signed({ ...callback(), authorizations: [] }), context);
    expect(again).toEqual(first);
  });

  it.each([
    ['a bot’s', { bot_id: 'B1' }, 'bot'],
    ['a bot’s of the older kind', { subtype: 'bot_message', user: undefined }, 'bot'],
    ['an edit', { subtype: 'message_changed', user: undefined, text: undefined }, 'message_changed'],
    ['somebody who joined', { subtype: 'channel_join' }, 'channel_join'],
    ['a reaction', { type: 'reaction_added', ts: undefined }, 'otherEvent'],
  ])('is not %s', async (_, change, ignored) => {
    expect(await read(change)).toEqual([{ externalId: 'Ev123ABC456', ignored }]);
  });

  it('is answered in its thread', async () => {
    const thread = { channel: 'C024BE91L', threadTs: '1773062990.000005' };
    const answer = { ok: true, channel: 'C024BE91L', ts: '1773063000.000001' };
    const { sent, requests } = await sentBy(slackAdapter, { thread, text: 'a < b' }, context, { body: answer });
    expect(sent).toEqual({ sent: true, externalId: answer.ts });
    expect(requests).toMatchObject([
      { url: 'https://slack.com/api/chat.postMessage', headers: { authorization: 'Bearer xoxb-1' } },
    ]);
    expect(JSON.parse(String(requests[0]!.body))).toEqual({
      channel: 'C024BE91L',
      text: 'a &lt; b',
      thread_ts: '1773062990.000005',
    });
  });

  it('may be ours first, and is then found again by what Slack called it', async () => {
    const answer = { ok: true, channel: 'D024BE91L', ts: '1773063000.000001' };
    const { sent } = await sentBy(slackAdapter, { to: ['U2147483697'] }, context, { body: answer });
    expect(sent).toMatchObject({
      becomes: ['D024BE91L', 'D024BE91L 1773063000.000001'],
      thread: { channel: 'D024BE91L' },
    });
  });

  it.each([
    ['channel_not_found', true],
    ['ratelimited', false],
  ])('that Slack does not take because of %s is tried again or not', async (error, isFinal) => {
    const { sent } = await sentBy(slackAdapter, { to: ['C1'] }, context, { body: { ok: false, error } });
    expect(sent).toEqual({ sent: false, reason: error, isFinal });
  });
});

describe('the first request of Slack', () => {
  const hello = {
    token: 'Jhj5dZrVaK7ZwHHjRyZWjbDl',
    challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY',
    type: 'url_verification',
  };

  it('is answered with its challenge when it is signed, and is no message', () => {
    expect(slackAdapter.handshake?.(signed(hello), context)).toMatchObject({ status: 200, body: hello.challenge });
    expect(slackAdapter.handshake?.(signed(hello, { secret: 'wrong' }), context)).toBeUndefined();
    expect(slackAdapter.handshake?.(signed(callback()), context)).toBeUndefined();
  });
});

describe('what Slack has not signed', () => {
  const good = signed(callback());
  const { 'x-slack-signature': signature = '' } = good.headers;
  const withHeaders = (headers: Record<string, string>) => ({ ...good, headers: { ...good.headers, ...headers } });
  const changed = Buffer.from(good.body);
  changed[changed.length - 3]! ^= 1;
  const off = (seconds: number) => String(Number(NOW) + seconds);

  it.each([
    ['another key', signed(callback(), { secret: 'wrong' })],
    ['one byte changed', { ...good, body: changed }],
    ['one byte more', { ...good, body: Buffer.concat([good.body, Buffer.from(' ')]) }],
    ['no headers', requestOf(good.body)],
    ['no signature', withHeaders({ 'x-slack-signature': '' })],
    ['two signatures', withHeaders({ 'x-slack-signature': `${signature},${signature}` })],
    ['the beginning of the signature', withHeaders({ 'x-slack-signature': signature.slice(0, -2) })],
    ['the signature without its version', withHeaders({ 'x-slack-signature': signature.slice(3) })],
    ['another time than was signed', withHeaders({ 'x-slack-request-timestamp': off(1) })],
    ['no time', withHeaders({ 'x-slack-request-timestamp': '' })],
    ['two times', withHeaders({ 'x-slack-request-timestamp': `${NOW},${NOW}` })],
    ['a time five minutes ago', signed(callback(), { at: off(-301) }), 'TOO_OLD'],
    ['a time five minutes from now', signed(callback(), { at: off(301) }), 'TOO_OLD'],
  ])('is refused: %s', async (_, request, code = 'SIGNATURE_INVALID') => {
    expect(await refusalOf(slackAdapter, request, context)).toBe(code);
  });

  it('is refused by a channel that has no secret, also when it is signed with none', async () => {
    expect(await refusalOf(slackAdapter, signed(callback(), { secret: '' }), contextOf(slackAdapter))).toBe(
      'SIGNATURE_INVALID',
    );
    expect(await refusalOf(slackAdapter, good, context)).toBeUndefined();
  });
});
