import { describe, expect, it } from 'vitest';
import { mattermostAdapter } from '../../../functions/channels/adapters/mattermost.ts';
import { rawOf } from '../../../functions/intake/take-in.ts';
import { contextOf, parsed, refusalOf, requestOf, sentBy } from '../../support/adapter-requests.ts';

const token = 'xr3j5x3p4pfk7kk6ck7b4e6ghh';
const provider = { serverUrl: 'https://chat.example.com', botUserId: 'botbotbotbotbotbotbotbotbo' };
const context = contextOf(mattermostAdapter, { given: { token, accessToken: 'bot-token' } }, { provider });

const post = {
  token,
  team_id: 'mwfsyhzfwtd67n8atx4k6tv5xr',
  team_domain: 'ad-1',
  channel_id: 'jf85f3sxdjgcfrjt4zqfkm4q9w',
  channel_name: 'support',
  timestamp: 1773062990123,
  user_id: '5d6ezmkg37yd9fn9q9fxc8ifxc',
  user_name: 'ada',
  post_id: 'axdygg1957njfe5pu38saikdho',
  text: 'It is on fire & more',
  trigger_word: '',
  file_ids: '',
};
const asJson = (change: object = {}) =>
  requestOf(JSON.stringify({ ...post, ...change }), { headers: { 'content-type': 'application/json' } });
const asForm = (change: Record<string, string> = {}) =>
  requestOf(String(new URLSearchParams({ ...post, timestamp: String(post.timestamp), ...change })), {
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  });

describe('a post in Mattermost', () => {
  it('belongs to what its author says in the channel, whether it comes in JSON or as a form', async () => {
    const [incoming] = await parsed(mattermostAdapter, asJson(), context);
    expect(incoming).toMatchObject({
      externalId: post.post_id,
      message: {
        from: { id: post.user_id, name: 'ada' },
        text: 'It is on fire & more',
        occurredAt: '2026-03-09T13:29:50.123Z',
        conversation: [`${post.channel_id} ${post.user_id}`],
        thread: { channelId: post.channel_id, postId: post.post_id },
      },
    });
    expect(await parsed(mattermostAdapter, asForm(), context)).toEqual([incoming]);
  });

  it.each([
    ['in JSON', asJson()],
    ['as a form', asForm()],
  ])('is kept without the token, and read again as before: %s', async (_, request) => {
    const kept = rawOf({ adapter: mattermostAdapter, request });
    expect(kept.body.toString()).not.toContain(token);
    const again = { ...request, body: Buffer.from(kept.body) };
    expect(await parsed(mattermostAdapter, again, context)).toEqual(await parsed(mattermostAdapter, request, context));
  });

  it('can be tried out without the token', async () => {
    const tried = await parsed(mattermostAdapter, asJson({ token: undefined }), context);
    expect(tried).toEqual(await parsed(mattermostAdapter, asJson(), context));
  });

  it('of our bot is no message', async () => {
    const own = asJson({ user_id: provider.botUserId });
    expect(await parsed(mattermostAdapter, own, context)).toMatchObject([{ ignored: 'ownMessage' }]);
  });

  it.each([
    ['below it', '', post.post_id],
    ['in the thread that it stands in', 'rootrootrootrootrootrootro', 'rootrootrootrootrootrootro'],
  ])('is answered %s', async (_, root_id, expected) => {
    const thread = { channelId: post.channel_id, postId: post.post_id };
    const known = { body: { id: post.post_id, root_id } };
    const created = { status: 201, body: { id: 'newnewnewnewnewnewnewnewne' } };
    const { sent, requests } = await sentBy(mattermostAdapter, { thread }, context, known, created);
    expect(sent).toEqual({ sent: true, externalId: 'newnewnewnewnewnewnewnewne' });
    expect(requests.map(({ url }) => url)).toEqual([
      `https://chat.example.com/api/v4/posts/${post.post_id}`,
      'https://chat.example.com/api/v4/posts',
    ]);
    expect(JSON.parse(String(requests[1]!.body))).toEqual({
      channel_id: post.channel_id,
      root_id: expected,
      message: 'It is out',
    });
  });

  it('that is gone is not answered, and nothing is posted elsewhere', async () => {
    const thread = { channelId: post.channel_id, postId: post.post_id };
    const { sent, requests } = await sentBy(mattermostAdapter, { thread }, context, { status: 404, body: {} });
    expect(sent).toMatchObject({ sent: false, isFinal: true });
    expect(requests).toHaveLength(1);
  });
});

describe('what does not come from our Mattermost', () => {
  it.each([
    ['no token', asJson({ token: undefined })],
    ['an empty token', asJson({ token: '' })],
    ['another token', asJson({ token: 'xr3j5x3p4pfk7kk6ck7b4e6ghx' })],
    ['the beginning of the token', asJson({ token: token.slice(0, -1) })],
    ['more than the token', asJson({ token: `${token}h` })],
    ['a token that is no text', asJson({ token: [token] })],
    ['another token in a form', asForm({ token: 'other' })],
    ['the token in a header', requestOf(JSON.stringify({ ...post, token: '' }), { headers: { token } })],
    ['no body', requestOf('')],
    ['a form that says that it is JSON', requestOf(asForm().body, { headers: { 'content-type': 'application/json' } })],
  ])('is refused: %s', async (_, request) => {
    expect(await refusalOf(mattermostAdapter, request, context)).toBe('SIGNATURE_INVALID');
  });

  it('is refused by a channel that has no token', async () => {
    const without = contextOf(mattermostAdapter, {}, { provider });
    expect(await refusalOf(mattermostAdapter, asJson({ token: '' }), without)).toBe('SIGNATURE_INVALID');
    expect(await refusalOf(mattermostAdapter, asJson(), context)).toBeUndefined();
  });
});
