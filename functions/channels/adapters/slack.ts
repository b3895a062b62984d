import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { InboundFile } from '../../../domain/intake/message.ts';
import { accept, refuse } from '../../../domain/refusal.ts';
import { toInstant, toMs } from '../../../domain/time.ts';
import type { AdapterContext, ChannelAdapter, RawRequest, Verdict } from './adapter.ts';
import { fetchFrom } from './fetch-from.ts';
import { answerAs, isSame, jsonAs, readJson } from './provider-request.ts';
import { unlessSent } from './unless-sent.ts';

/** How far Slack's clock and ours may be apart, as Slack recommends. */
const TOLERANCE_SECONDS = 300;

const verify = ({ headers, body }: RawRequest, { secrets, now }: AdapterContext): Verdict => {
  const { 'x-slack-request-timestamp': timestamp = '', 'x-slack-signature': signature = '' } = headers;
  if (!/^\d{1,12}$/.test(timestamp)) return refuse('SIGNATURE_INVALID', 'Send X-Slack-Request-Timestamp once');
  if (Math.abs(Math.floor(toMs(now) / 1000) - Number(timestamp)) > TOLERANCE_SECONDS) {
    return refuse('TOO_OLD', `X-Slack-Request-Timestamp is more than ${TOLERANCE_SECONDS} seconds off`);
  }
  const { signingSecret = '' } = secrets.given;
  const expected = createHmac('sha256', signingSecret).update(`v0:${timestamp}:`).update(body).digest('hex');
  return signingSecret && isSame(signature, `v0=${expected}`)
    ? accept(true)
    : refuse('SIGNATURE_INVALID', 'X-Slack-Signature is not the channel’s');
};

const UrlVerification = z.object({ type: z.literal('url_verification'), challenge: z.string().max(500) });

/** Slack asks whether the address is ours, and signs that too. */
const handshake: ChannelAdapter['handshake'] = (request, context) => {
  if (!verify(request, context).accepted) return undefined;
  const read = readJson(request.body, UrlVerification);
  return read.accepted ? { status: 200, contentType: 'text/plain', body: read.value.challenge } : undefined;
};

const id = z.string().min(1).max(200);
/** Seconds since the epoch, with a fraction that makes it unique in its conversation. */
const Timestamp = z.string().regex(/^\d{1,11}\.\d{1,9}$/);

const Callback = z.object({
  event_id: id,
  event: z.object({
    type: z.string(),
    subtype: z.string().max(60).optional(),
    bot_id: z.string().optional(),
    user: id.optional().catch(undefined),
  }),
});

/** Files that lie elsewhere, or in another organisation, have no address for us. */
const SlackFile = z.object({
  id,
  name: z.string().nullish(),
  mimetype: z.string().max(255).nullish(),
  size: z.int().min(0).optional().catch(undefined),
  url_private: z.string().max(2_000).optional(),
  url_private_download: z.string().max(2_000).optional(),
});

const Message = z.object({
  event: z.object({
    user: id,
    channel: id,
    channel_type: z.string().optional(),
    text: z.string().default(''),
    files: z.array(SlackFile).max(50).optional(),
    ts: Timestamp,
    thread_ts: Timestamp.optional(),
  }),
});

/** Messages that people write; every other subtype tells of an edit, somebody who joined, or the like. */
const SAID = [undefined, 'file_share', 'thread_broadcast', 'me_message'];

const parse: ChannelAdapter['parse'] = async ({ body }) => {
  const callback = readJson(body, Callback);
  if (!callback.accepted) return callback;
  const { event_id: externalId, event } = callback.value;
  if (event.type !== 'message') return accept([{ externalId, ignored: 'otherEvent' }]);
  if (event.bot_id || event.subtype === 'bot_message') return accept([{ externalId, ignored: 'bot' }]);
  if (!SAID.includes(event.subtype)) return accept([{ externalId, ignored: event.subtype ?? 'otherEvent' }]);
  const read = readJson(body, Message);
  if (!read.accepted) return read;
  const { user, channel, channel_type, text, files, ts, thread_ts } = read.value.event;
  // In a direct conversation nobody opens threads: it is one itself.
  const isDirect = channel_type === 'im' && thread_ts === undefined;
  const threadTs = thread_ts ?? ts;
  const keys = isDirect ? [channel] : [threadKey(channel, threadTs)];
  return accept([
    {
      externalId,
      // What goes around the event, such as who may see it, differs from one attempt to the next.
      fingerprint: JSON.stringify(read.value.event),
      message: {
        type: 'chat',
        from: { id: user },
        text: plainText(text),
        occurredAt: toInstant(Math.floor(Number(ts) * 1000)),
        conversation: keys,
        becomes: keys,
        isAutomatic: false,
        thread: { channel, ...(!isDirect && { threadTs }) },
        details: { slackChannel: channel },
        ...(files && { files: files.map(namedFile) }),
      },
    },
  ]);
};

const namedFile = ({ id: own, name, mimetype, size, ...addresses }: z.infer<typeof SlackFile>): InboundFile => ({
  name: name || own,
  contentType: mimetype || 'application/octet-stream',
  ...(size !== undefined && { size }),
  source: { url: addresses.url_private_download ?? addresses.url_private ?? '' },
});

const threadKey = (channel: string, ts: string): string => `${channel} ${ts}`;

/** As it is read, and not as Slack marks links and escapes three signs. */
const plainText = (text: string): string =>
  text
    .replace(/<([^<>|]+)\|([^<>]*)>/g, '$2 ($1)')
    .replace(/<([^<>]+)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const Posted = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), channel: id, ts: Timestamp }),
  z.object({ ok: z.literal(false), error: z.string().max(200) }),
]);

/** Slack answers refusals with 200; these pass by themselves. */
const PASSING = [
  'ratelimited',
  'rate_limited',
  'service_unavailable',
  'internal_error',
  'fatal_error',
  'request_timeout',
];

const send: NonNullable<ChannelAdapter['send']> = async ({ to, text, thread }, { secrets, http }) => {
  const result = await http({
    method: 'POST',
    url: 'https://slack.com/api/chat.postMessage',
    headers: jsonAs(secrets.given.botToken),
    body: JSON.stringify({
      channel: thread?.channel ?? to[0],
      text: escaped(text),
      ...(thread?.threadTs && { thread_ts: thread.threadTs }),
    }),
  });
  const failed = unlessSent(result);
  if (failed) return failed;
  const posted = answerAs(result, Posted);
  if (!posted) return { sent: false, reason: 'Slack did not say what it made of it', isFinal: false };
  if (!posted.ok) return { sent: false, reason: posted.error, isFinal: !PASSING.includes(posted.error) };
  const { channel, ts } = posted;
  if (thread) return { sent: true, externalId: ts };
  // We began: an answer comes in the thread below, or in the direct conversation, whose ids begin with D.
  const isDirect = channel.startsWith('D');
  const becomes = isDirect ? [channel, threadKey(channel, ts)] : [threadKey(channel, ts)];
  return { sent: true, externalId: ts, becomes, thread: { channel, ...(!isDirect && { threadTs: ts }) } };
};

const fetchFile: NonNullable<ChannelAdapter['fetchFile']> = ({ url = '' }, { secrets, http }) => {
  const headers = { authorization: `Bearer ${secrets.given.botToken ?? ''}` };
  return fetchFrom(http, { url, hosts: ['files.slack.com'], headers });
};

/** A Slack app by its Events API: each thread is a conversation. */
export const slackAdapter: ChannelAdapter = {
  kind: 'slack',
  origin: 'chat',
  replyType: 'chat',
  givenSecrets: ['signingSecret', 'botToken'],
  provider: z.strictObject({}),
  // Slack cuts what is longer; three signs become five characters, and are allowed for.
  parts: { longest: 4_000, most: 20 },
  mostFileBytes: 0,
  canInitiate: () => true,
  handshake,
  verify,
  parse,
  send,
  fetchFile,
};
