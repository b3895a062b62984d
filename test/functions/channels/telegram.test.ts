import { describe, expect, it } from 'vitest';
import { telegramAdapter } from '../../../functions/channels/adapters/telegram.ts';
import { contextOf, parsed, refusalOf, requestOf, sentBy } from '../../support/adapter-requests.ts';

const context = contextOf(telegramAdapter, { own: ['new_token-1', 'old_token-1'], given: { botToken: '123:ABC' } });
const HEADER = 'x-telegram-bot-api-secret-token';

const message = {
  message_id: 1365,
  from: { id: 1111111, is_bot: false, first_name: 'Test', last_name: 'Lastname', username: 'Testusername' },
  chat: { id: 1111111, type: 'private', first_name: 'Test' },
  date: 1773062990,
  text: 'It is on fire',
};
const request = (update: object, headers: Record<string, string> = { [HEADER]: 'new_token-1' }) =>
  requestOf(JSON.stringify({ update_id: 10000, ...update }), { headers });
const read = (change: object) => parsed(telegramAdapter, request({ message: { ...message, ...change } }), context);

describe('a message in Telegram', () => {
  it('belongs to its chat', async () => {
    expect(await read({})).toEqual([
      {
        externalId: '10000',
        message: {
          type: 'chat',
          from: { id: '1111111', name: 'Test Lastname' },
          text: 'It is on fire',
          occurredAt: '2026-03-09T13:29:50.000Z',
          conversation: ['1111111'],
          becomes: ['1111111'],
          isAutomatic: false,
          thread: { chatId: '1111111' },
          details: { chatType: 'private', username: 'Testusername' },
        },
      },
    ]);
  });

  it.each([
    ['of a group belongs to the group', { chat: { id: -100123, type: 'supergroup' } }, { conversation: ['-100123'] }],
    [
      'of a forum belongs to its topic',
      { chat: { id: -100123, type: 'supergroup' }, message_thread_id: 7, is_topic_message: true },
      { conversation: ['-100123 7'], thread: { chatId: '-100123', topic: '7' } },
    ],
    ['with a picture says what stands below it', { text: undefined, photo: [], caption: 'Smoke' }, { text: 'Smoke' }],
    ['without words says what it is', { text: undefined, voice: { duration: 3 } }, { text: '(voice)' }],
    ['of a bot is automatic', { from: { ...message.from, is_bot: true } }, { isAutomatic: true }],
  ])('%s', async (_, change, expected) => {
    expect(await read(change)).toMatchObject([{ message: expected }]);
  });

  it.each([
    ['an edit', { edited_message: message }, 'otherUpdate'],
    ['a pressed button', { callback_query: { id: '1' } }, 'otherUpdate'],
    ['somebody who joined', { message: { ...message, text: undefined, new_chat_members: [] } }, 'serviceMessage'],
    ['the opening of a conversation', { message: { ...message, text: '/start shop' } }, 'start'],
  ])('is not %s', async (_, update, ignored) => {
    expect(await parsed(telegramAdapter, request(update), context)).toEqual([{ externalId: '10000', ignored }]);
  });

  it('is answered in its chat and topic', async () => {
    const thread = { chatId: '-100123', topic: '7' };
    const answer = { body: { ok: true, result: { message_id: 1366 } } };
    const { sent, requests } = await sentBy(telegramAdapter, { to: ['1111111'], thread }, context, answer);
    expect(sent).toEqual({ sent: true, externalId: '1366' });
    expect(requests[0]!.url).toBe('https://api.telegram.org/bot123:ABC/sendMessage');
    expect(JSON.parse(String(requests[0]!.body))).toEqual({
      chat_id: '-100123',
      text: 'It is out',
      message_thread_id: 7,
    });
  });

  it('does not reach whoever has blocked the bot, now or later', async () => {
    const blocked = { status: 403, body: { ok: false, description: 'Forbidden: bot was blocked by the user' } };
    const { sent } = await sentBy(telegramAdapter, { to: ['1111111'] }, context, blocked);
    expect(sent).toMatchObject({ sent: false, isFinal: true });
  });
});

describe('what does not come from Telegram', () => {
  it.each([
    ['no token', {}],
    ['an empty token', { [HEADER]: '' }],
    ['another token', { [HEADER]: 'new_token-2' }],
    ['the beginning of the token', { [HEADER]: 'new_token' }],
    ['more than the token', { [HEADER]: 'new_token-11' }],
    ['the token twice', { [HEADER]: 'new_token-1,new_token-1' }],
    ['the token of the bot', { [HEADER]: '123:ABC' }],
  ])('is refused: %s', async (_, headers) => {
    expect(await refusalOf(telegramAdapter, request({ message }, headers), context)).toBe('SIGNATURE_INVALID');
  });

  it('is taken with either token while one replaces the other, and with none when there is none', async () => {
    expect(await refusalOf(telegramAdapter, request({ message }), context)).toBeUndefined();
    expect(
      await refusalOf(telegramAdapter, request({ message }, { [HEADER]: 'old_token-1' }), context),
    ).toBeUndefined();
    const without = contextOf(telegramAdapter);
    expect(await refusalOf(telegramAdapter, request({ message }, { [HEADER]: '' }), without)).toBe('SIGNATURE_INVALID');
  });
});
