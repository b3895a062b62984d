import { z } from 'zod';
import type { InboundFile, Incoming } from '../../../domain/intake/message.ts';
import { accept } from '../../../domain/refusal.ts';
import { toInstant } from '../../../domain/time.ts';
import type { ChannelAdapter } from './adapter.ts';
import { fetchFrom, whyNotFound } from './fetch-from.ts';
import { verifyHubSignature } from './hub-signature.ts';
import { answerAs, isSame, jsonAs, readJson } from './provider-request.ts';
import { taggedBy, tagOf } from './receipt-tag.ts';
import { unlessSent } from './unless-sent.ts';

/** Meta asks by GET whether the address is ours, with a token that an admin has entered there. */
const handshake: ChannelAdapter['handshake'] = ({ method, query }, { secrets }) => {
  const { 'hub.mode': mode, 'hub.verify_token': token, 'hub.challenge': challenge = '' } = query;
  if (method !== 'GET' || mode !== 'subscribe' || !/^[\w-]{1,200}$/.test(challenge)) return undefined;
  if (!secrets.own.some((secret) => isSame(token, secret))) return undefined;
  return { status: 200, contentType: 'text/plain', body: challenge };
};

const id = z.string().min(1).max(300);
const titled = z.object({ title: z.string() }).optional();
const file = z
  .object({
    id: id.optional(),
    mime_type: z.string().max(255).optional(),
    caption: z.string().optional(),
    filename: z.string().optional(),
  })
  .optional();

const Message = z.object({
  from: z.string().regex(/^\d{5,20}$/),
  id,
  /** Seconds since the epoch. */
  timestamp: z.string().regex(/^\d{1,10}$/),
  type: z.string().max(60),
  context: z.object({ id: id.optional() }).optional(),
  text: z.object({ body: z.string() }).optional(),
  button: z.object({ text: z.string() }).optional(),
  interactive: z.object({ button_reply: titled, list_reply: titled }).optional(),
  image: file,
  video: file,
  document: file,
  audio: file,
  sticker: file,
});
type Message = z.infer<typeof Message>;

const Receipt = z.object({
  id,
  status: z.string().max(60),
  /** The words are Meta's own, and name nobody. */
  errors: z.array(z.object({ code: z.int(), title: z.string().default('') })).optional(),
  /** What we have sent along. */
  biz_opaque_callback_data: z.string().optional(),
});

const Notification = z.object({
  entry: z.array(
    z.object({
      changes: z.array(
        z.object({
          field: z.string(),
          value: z.object({
            metadata: z.object({ phone_number_id: z.string() }).optional(),
            contacts: z.array(z.object({ wa_id: z.string(), profile: z.object({ name: z.string() }) })).optional(),
            messages: z.array(Message).optional(),
            statuses: z.array(Receipt).optional(),
          }),
        }),
      ),
    }),
  ),
});
type Change = z.infer<typeof Notification>['entry'][number]['changes'][number]['value'];

const parse: ChannelAdapter['parse'] = async ({ body }, { channel }) => {
  const read = readJson(body, Notification);
  if (!read.accepted) return read;
  const changes = read.value.entry.flatMap((entry) => entry.changes).filter(({ field }) => field === 'messages');
  return accept(
    changes.flatMap(({ value }): Incoming[] => {
      // An app has one address for all its numbers.
      const isOurs = value.metadata?.phone_number_id === channel.provider?.phoneNumberId;
      const { messages = [], statuses = [] } = value;
      return [
        ...messages.map((message): Incoming => {
          const known = { externalId: message.id, fingerprint: JSON.stringify(message) };
          return isOurs ? { ...known, ...said(message, value) } : { ...known, ignored: 'otherNumber' };
        }),
        ...statuses.map(receiptOf),
      ];
    }),
  );
};

/** Only what has not arrived changes anything: that it was delivered or read is only noted. */
const receiptOf = (receipt: z.infer<typeof Receipt>): Incoming => {
  const { id: of, status, errors: [error] = [], biz_opaque_callback_data: tag } = receipt;
  const named = status === 'failed' ? taggedBy(tag) : undefined;
  const reason = error ? `WhatsApp: ${error.title.slice(0, 200)} (${error.code})` : 'WhatsApp does not say why';
  return {
    externalId: `${of} ${status}`,
    fingerprint: status,
    ignored: status === 'failed' ? 'notArrived' : 'receipt',
    ...(named && { notArrived: { ...named, reason } }),
  };
};

/** These say nothing that anybody would answer. */
const NO_MESSAGES = ['reaction', 'system', 'unsupported', 'request_welcome'];

const said = (
  message: Message,
  { contacts = [] }: Change,
): { message: Extract<Incoming, { message: unknown }>['message'] } | { ignored: string } => {
  const { from, id: own, timestamp, type, context } = message;
  const files = filesOf(message);
  if (NO_MESSAGES.includes(type)) return { ignored: type };
  const name = contacts.find(({ wa_id }) => wa_id === from)?.profile.name.slice(0, 200);
  return {
    message: {
      type: 'chat',
      from: { id: from, phone: `+${from}`, ...(name && { name }) },
      text: textOf(message),
      occurredAt: toInstant(Number(timestamp) * 1000),
      // Who answers a certain message means its case, though they may have written about another since.
      conversation: [...(context?.id ? [context.id] : []), from],
      becomes: [from, own],
      isAutomatic: false,
      thread: { to: from },
      ...(files.length > 0 && { files }),
    },
  };
};

const filesOf = ({ type, image, video, document, audio, sticker }: Message): InboundFile[] =>
  [image, video, document, audio, sticker].flatMap((one) => {
    if (!one?.id) return [];
    const contentType = one.mime_type ?? 'application/octet-stream';
    // `audio/ogg; codecs=opus`
    const [, extension = 'bin'] = /^\w+\/([\w.+-]+)/.exec(contentType) ?? [];
    return [{ name: one.filename ?? `${type}.${extension}`, contentType, source: { mediaId: one.id } }];
  });

/** What comes without words is at least named. */
const textOf = ({ type, text, button, interactive, image, video, document }: Message): string =>
  text?.body ??
  button?.text ??
  interactive?.button_reply?.title ??
  interactive?.list_reply?.title ??
  image?.caption ??
  video?.caption ??
  document?.caption ??
  (document?.filename ? `(${type}: ${document.filename})` : `(${type})`);

const Taken = z.object({ messages: z.array(z.object({ id })).min(1) });

const send: NonNullable<ChannelAdapter['send']> = async (message, { channel, secrets, http }) => {
  const { to, text, thread } = message;
  const { apiVersion = 'v23.0', phoneNumberId } = channel.provider ?? {};
  const result = await http({
    method: 'POST',
    url: `https://graph.facebook.com/${apiVersion}/${phoneNumberId}/messages`,
    headers: jsonAs(secrets.given.accessToken),
    body: JSON.stringify({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: thread?.to ?? to[0],
      type: 'text',
      text: { body: text },
      biz_opaque_callback_data: tagOf(message),
    }),
  });
  const taken = answerAs(result, Taken)?.messages[0]?.id;
  return unlessSent(result) ?? { sent: true, ...(taken && { externalId: taken, becomes: [taken] }) };
};

const Media = z.object({ url: z.string().max(2_000) });

/** Meta tells for five minutes where a file lies; its own id holds for a month. */
const fetchFile: NonNullable<ChannelAdapter['fetchFile']> = async ({ mediaId = '' }, { channel, secrets, http }) => {
  const { apiVersion = 'v23.0', phoneNumberId = '' } = channel.provider ?? {};
  const headers = { authorization: `Bearer ${secrets.given.accessToken ?? ''}` };
  const query = new URLSearchParams({ phone_number_id: phoneNumberId });
  const url = `https://graph.facebook.com/${apiVersion}/${encodeURIComponent(mediaId)}?${query}`;
  const asked = await http({ method: 'GET', url, headers });
  const media = answerAs(asked, Media);
  return media ? fetchFrom(http, { url: media.url, hosts: ['lookaside.fbsbx.com'], headers }) : whyNotFound(asked);
};

/** A number of WhatsApp by Meta's Cloud API: who writes is a conversation. */
export const whatsappAdapter: ChannelAdapter = {
  kind: 'whatsapp',
  origin: 'chat',
  replyType: 'chat',
  ownSecret: 'token',
  givenSecrets: ['appSecret', 'accessToken'],
  provider: z.strictObject({
    phoneNumberId: z.string().regex(/^\d{5,30}$/),
    apiVersion: z
      .string()
      .regex(/^v\d{1,3}\.\d$/)
      .optional(),
  }),
  // No time is signed: what somebody has recorded could be sent again after the week for which ids are remembered.
  remembersForEver: true,
  parts: { longest: 4_096, most: 20 },
  mostFileBytes: 0,
  // Whoever has not written within a day gets nothing but templates that Meta has approved.
  canInitiate: () => false,
  handshake,
  verify: (request, { secrets }) =>
    verifyHubSignature(request, secrets.given.appSecret ? [secrets.given.appSecret] : []),
  parse,
  send,
  fetchFile,
};
