import { z } from 'zod';
import { type InboundMessage, type Incoming, Sender } from '../../../domain/intake/message.ts';
import { accept, type Decision, invalid } from '../../../domain/refusal.ts';
import { Instant, toMs } from '../../../domain/time.ts';
import { applyMapping } from '../mapping.ts';
import type { AdapterContext, ChannelAdapter, OutboundMessage, RawRequest, Sent } from './adapter.ts';
import { messageIdOf, signStandardWebhook, verifyStandardWebhook } from './standard-webhook.ts';
import { unlessSent } from './unless-sent.ts';

const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined);

/** What other systems send of themselves are numbers as often as texts. */
const text = z.union([z.string(), z.number().transform(String)]);

/** A message as it is sent to a channel of this kind, or as the channel's mapping makes it. */
const WebhookPayload = z.object({
  conversationId: optional(text.pipe(z.string().min(1).max(500))),
  from: z.object({
    id: text.pipe(Sender.shape.id),
    name: optional(Sender.shape.name.unwrap()),
    email: optional(Sender.shape.email.unwrap()),
    phone: optional(Sender.shape.phone.unwrap()),
  }),
  subject: optional(text.pipe(z.string().max(1_000))),
  text,
  occurredAt: optional(Instant),
  isAutomatic: optional(z.boolean()),
  attachments: optional(
    z
      .array(
        z.object({
          name: z.string().min(1).max(255),
          contentType: z.string().min(1).max(255),
          base64: z.string().regex(/^[A-Za-z0-9+/\s]*={0,2}\s*$/, 'is not base64'),
        }),
      )
      .max(20),
  ),
});

const parse = async (
  request: RawRequest,
  { channel }: AdapterContext,
): Promise<Decision<readonly Incoming[], 'VALIDATION_FAILED'>> => {
  const externalId = messageIdOf(request);
  let payload: unknown;
  try {
    payload = JSON.parse(request.body.toString('utf8'));
  } catch {
    return invalid('', 'is not JSON');
  }
  const mapped = channel.mapping === undefined ? accept(payload) : await applyMapping(channel.mapping, payload);
  if (!mapped.accepted) return mapped;
  if (channel.mapping !== undefined && mapped.value === undefined)
    return accept([{ externalId, ignored: 'noMessage' }]);
  const parsed = WebhookPayload.safeParse(mapped.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return invalid(issue?.path.join('.') ?? '', issue?.message ?? 'is not a message');
  }
  const { conversationId, attachments = [], isAutomatic = false, ...said } = parsed.data;
  const keys = conversationId === undefined ? [] : [conversationId];
  const message: InboundMessage = {
    type: 'chat',
    ...said,
    conversation: keys,
    becomes: keys,
    isAutomatic,
    ...(conversationId !== undefined && { thread: { conversationId } }),
    files: attachments.map(({ name, contentType, base64 }) => ({
      name,
      contentType,
      content: Buffer.from(base64, 'base64'),
    })),
  };
  return accept([{ externalId, message }]);
};

const send = async (
  message: OutboundMessage,
  { channelId, channel, secrets, now, http }: Parameters<NonNullable<ChannelAdapter['send']>>[1],
): Promise<Sent> => {
  if (!channel.replyUrl) return { sent: false, reason: 'the channel has no replyUrl', isFinal: true };
  const { files, conversation: _keys, thread, messageId, ...said } = message;
  // Where nobody has written yet, the conversation is called by the case.
  const conversationId = thread?.conversationId ?? message.caseId;
  const attachments = await Promise.all(
    files.map(async ({ name, contentType, content }) => ({
      name,
      contentType,
      base64: Buffer.from(await content()).toString('base64'),
    })),
  );
  const body = JSON.stringify({ id: messageId, channelId, conversationId, ...said, sentAt: now, attachments });
  const result = await http({
    method: 'POST',
    url: channel.replyUrl,
    headers: {
      'content-type': 'application/json',
      ...signStandardWebhook(secrets.own, messageId, new Date(toMs(now)), body),
    },
    body,
  });
  const isNew = thread?.conversationId === undefined;
  return unlessSent(result) ?? { sent: true, ...(isNew && { becomes: [conversationId], thread: { conversationId } }) };
};

/** Any system that signs by Standard Webhooks; payloads of another form by the channel's mapping. */
export const webhookAdapter: ChannelAdapter = {
  kind: 'webhook',
  origin: 'webhook',
  replyType: 'chat',
  ownSecret: 'whsec',
  givenSecrets: [],
  provider: z.strictObject({}),
  canInitiate: ({ replyUrl }) => replyUrl !== undefined,
  verify: verifyStandardWebhook,
  parse,
  send,
};
