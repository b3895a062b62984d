import { z } from 'zod';
import { accept, refuse } from '../../../domain/refusal.ts';
import { toInstant } from '../../../domain/time.ts';
import type { ChannelAdapter, RawRequest } from './adapter.ts';
import { answerAs, isSame, jsonAs, readAs, readJson } from './provider-request.ts';
import { unlessSent } from './unless-sent.ts';

const id = z.string().regex(/^[a-z0-9]{1,40}$/);

/** A post of which an outgoing webhook tells, in JSON or as a form: whichever its owner has chosen. */
const Post = z.object({
  /** A message that is only tried out has none. */
  token: z.string().max(200).default(''),
  channel_id: id,
  channel_name: z.string().max(200).default(''),
  post_id: id,
  /** Milliseconds since the epoch. */
  timestamp: z.coerce.number().int().min(0).max(9_999_999_999_999),
  user_id: id,
  user_name: z.string().max(200),
  text: z.string(),
});

const isForm = ({ headers }: RawRequest): boolean =>
  headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;

const readPost = (request: RawRequest) =>
  isForm(request)
    ? readAs(Object.fromEntries(new URLSearchParams(request.body.toString('utf8'))), Post)
    : readJson(request.body, Post);

/** Only what is understood is verified, and so kept. */
const withoutSecrets = (request: RawRequest): Buffer => {
  const post = readPost(request);
  const fields = post.accepted ? { ...post.value, token: '' } : {};
  return Buffer.from(isForm(request) ? String(new URLSearchParams(asTexts(fields))) : JSON.stringify(fields));
};

const asTexts = (fields: object): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));

/** The token stands in the body: Mattermost signs nothing, and all that it sends is as secret as that. */
const verify: ChannelAdapter['verify'] = (request, { secrets }) => {
  const post = readPost(request);
  return post.accepted && isSame(post.value.token, secrets.given.token)
    ? accept(true)
    : refuse('SIGNATURE_INVALID', 'The token is not the channel’s');
};

const parse: ChannelAdapter['parse'] = async (request, { channel }) => {
  const read = readPost(request);
  if (!read.accepted) return read;
  const { post_id: externalId, channel_id, channel_name, user_id, user_name, text, timestamp } = read.value;
  const fingerprint = JSON.stringify([channel_id, user_id, text]);
  if (user_id === channel.provider?.botUserId) return accept([{ externalId, fingerprint, ignored: 'ownMessage' }]);
  // It is not told which thread a post stands in: what one person writes in one channel is a conversation.
  const keys = [`${channel_id} ${user_id}`];
  return accept([
    {
      externalId,
      fingerprint,
      message: {
        type: 'chat',
        from: { id: user_id, name: user_name },
        text,
        occurredAt: toInstant(timestamp),
        conversation: keys,
        becomes: keys,
        isAutomatic: false,
        thread: { channelId: channel_id, postId: externalId },
        details: { mattermostChannel: channel_name },
      },
    },
  ]);
};

const Known = z.object({ id, root_id: z.string().optional() });

const send: NonNullable<ChannelAdapter['send']> = async ({ text, thread }, { channel, secrets, http }) => {
  const { channelId, postId } = thread ?? {};
  if (!channelId || !postId) return { sent: false, reason: 'there is no post to answer', isFinal: true };
  const posts = `${channel.provider?.serverUrl}/api/v4/posts`;
  const headers = jsonAs(secrets.given.accessToken);
  // Answers stand below the first post of a thread, and which that is only the server knows.
  const answered = await http({ url: `${posts}/${postId}`, headers });
  const rootId = answerAs(answered, Known)?.root_id || postId;
  const body = JSON.stringify({ channel_id: channelId, root_id: rootId, message: text });
  const result = unlessSent(answered) ? answered : await http({ method: 'POST', url: posts, headers, body });
  const created = answerAs(result, Known)?.id;
  return unlessSent(result) ?? { sent: true, ...(created && { externalId: created }) };
};

/** A Mattermost server: an outgoing webhook tells us, and a bot answers. */
export const mattermostAdapter: ChannelAdapter = {
  kind: 'mattermost',
  origin: 'chat',
  replyType: 'chat',
  givenSecrets: ['token', 'accessToken'],
  provider: z.strictObject({
    serverUrl: z.url({ protocol: /^https$/ }).regex(/[^/]$/, 'ends without a slash'),
    botUserId: id.describe('Whom the access token belongs to: their posts are our answers'),
  }),
  parts: { longest: 16_383, most: 5 },
  mostFileBytes: 0,
  canInitiate: () => false,
  verify,
  parse,
  withoutSecrets,
  send,
};
