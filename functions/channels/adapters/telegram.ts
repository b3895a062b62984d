import { z } from 'zod';
import type { InboundFile } from '../../../domain/intake/message.ts';
import { accept, refuse } from '../../../domain/refusal.ts';
import { toInstant } from '../../../domain/time.ts';
import type { ChannelAdapter } from './adapter.ts';
import { fetchFrom, whyNotFound } from './fetch-from.ts';
import { answerAs, isSame, readJson } from './provider-request.ts';
import { unlessSent } from './unless-sent.ts';

/** One of another form is only named by the text. */
const TelegramFile = z
  .object({
    file_id: z.string().min(1).max(300),
    file_name: z.string().optional(),
    mime_type: z.string().max(255).optional(),
    file_size: z.int().min(0).optional(),
  })
  .optional()
  .catch(undefined);

const Message = z.looseObject({
  message_id: z.int(),
  /** Seconds since the epoch. */
  date: z.int().min(0).max(9_999_999_999),
  from: z
    .object({
      id: z.int(),
      is_bot: z.boolean(),
      first_name: z.string(),
      last_name: z.string().optional(),
      username: z.string().optional(),
    })
    .optional(),
  chat: z.object({ id: z.int(), type: z.string() }),
  message_thread_id: z.int().optional(),
  is_topic_message: z.boolean().optional(),
  text: z.string().optional(),
  caption: z.string().optional(),
  /** The same picture in several sizes, the largest last. */
  photo: z.array(TelegramFile).optional(),
  document: TelegramFile,
  voice: TelegramFile,
  video: TelegramFile,
  audio: TelegramFile,
});

const Update = z.object({ update_id: z.int(), message: Message.optional() });

/** What comes without words: agents see at least that it came. */
const WORDLESS = ['photo', 'document', 'voice', 'video', 'audio', 'sticker', 'location', 'contact'];

/** What Telegram keeps without a name or a type is of these. */
const KINDS = {
  photo: { name: 'photo.jpg', type: 'image/jpeg' },
  document: { name: 'document', type: 'application/octet-stream' },
  voice: { name: 'voice.ogg', type: 'audio/ogg' },
  video: { name: 'video.mp4', type: 'video/mp4' },
  audio: { name: 'audio.mp3', type: 'audio/mpeg' },
};

const filesOf = ({ photo, document, voice, video, audio }: z.infer<typeof Message>): InboundFile[] =>
  Object.entries({ photo: photo?.at(-1), document, voice, video, audio }).flatMap(([kind, file]) => {
    const usual = Object.entries(KINDS).find(([name]) => name === kind)?.[1];
    if (!file || !usual) return [];
    const { file_id: fileId, file_name: name = usual.name, mime_type: contentType = usual.type, file_size } = file;
    return [{ name, contentType, ...(file_size !== undefined && { size: file_size }), source: { fileId } }];
  });

const verify: ChannelAdapter['verify'] = ({ headers }, { secrets }) =>
  secrets.own.some((secret) => isSame(headers['x-telegram-bot-api-secret-token'], secret))
    ? accept(true)
    : refuse('SIGNATURE_INVALID', 'X-Telegram-Bot-Api-Secret-Token is not the channel’s');

const parse: ChannelAdapter['parse'] = async ({ body }) => {
  const read = readJson(body, Update);
  if (!read.accepted) return read;
  const { update_id, message } = read.value;
  const externalId = String(update_id);
  if (!message?.from) return accept([{ externalId, ignored: 'otherUpdate' }]);
  const { from, chat, date, is_topic_message, message_thread_id } = message;
  const wordless = WORDLESS.find((kind) => kind in message);
  const text = message.text ?? message.caption ?? (wordless && `(${wordless})`);
  if (text === undefined) return accept([{ externalId, ignored: 'serviceMessage' }]);
  // Telegram writes it for whoever opens a conversation with a bot.
  if (/^\/start(@\w+)?(\s|$)/.test(text)) return accept([{ externalId, ignored: 'start' }]);
  const topic = is_topic_message && message_thread_id !== undefined ? String(message_thread_id) : undefined;
  const chatId = String(chat.id);
  const files = filesOf(message);
  const keys = [topic ? `${chatId} ${topic}` : chatId];
  return accept([
    {
      externalId,
      message: {
        type: 'chat',
        from: { id: String(from.id), name: [from.first_name, from.last_name].filter(Boolean).join(' ').slice(0, 200) },
        text,
        occurredAt: toInstant(date * 1000),
        conversation: keys,
        becomes: keys,
        isAutomatic: from.is_bot,
        thread: { chatId, ...(topic && { topic }) },
        details: { chatType: chat.type, ...(from.username && { username: from.username }) },
        ...(files.length > 0 && { files }),
      },
    },
  ]);
};

const Sent = z.object({ result: z.object({ message_id: z.int() }) });

const send: NonNullable<ChannelAdapter['send']> = async ({ to, text, thread }, { secrets, http }) => {
  const result = await http({
    method: 'POST',
    url: `https://api.telegram.org/bot${secrets.given.botToken}/sendMessage`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      // The chat with a person has that person's id.
      chat_id: thread?.chatId ?? to[0],
      text,
      ...(thread?.topic && { message_thread_id: Number(thread.topic) }),
    }),
  });
  const id = answerAs(result, Sent)?.result.message_id;
  return unlessSent(result) ?? { sent: true, ...(id !== undefined && { externalId: String(id) }) };
};

const FilePath = z.object({ result: z.object({ file_path: z.string().regex(/^[\w./-]{1,500}$/) }) });

/** Telegram gives bots files of up to 20 MB, each by a path that it has to be asked for. */
const fetchFile: NonNullable<ChannelAdapter['fetchFile']> = async ({ fileId = '' }, { secrets, http }) => {
  const api = 'https://api.telegram.org';
  const bot = `bot${secrets.given.botToken}`;
  const asked = await http({ method: 'GET', url: `${api}/${bot}/getFile?file_id=${encodeURIComponent(fileId)}` });
  const path = answerAs(asked, FilePath)?.result.file_path;
  if (!path) return whyNotFound(asked);
  return fetchFrom(http, { url: `${api}/file/${bot}/${path}`, hosts: ['api.telegram.org'] });
};

/** A bot of Telegram: each chat is a conversation, and so is each topic of a forum. */
export const telegramAdapter: ChannelAdapter = {
  kind: 'telegram',
  origin: 'chat',
  replyType: 'chat',
  ownSecret: 'token',
  givenSecrets: ['botToken'],
  provider: z.strictObject({}),
  parts: { longest: 4_096, most: 20 },
  mostFileBytes: 0,
  canInitiate: () => false,
  verify,
  parse,
  send,
  fetchFile,
};
