import { describe, expect, it } from 'vitest';
import type { InboundFile } from '../../../domain/intake/message.ts';
import type { AdapterContext, ChannelAdapter } from '../../../functions/channels/adapters/adapter.ts';
import { slackAdapter } from '../../../functions/channels/adapters/slack.ts';
import { telegramAdapter } from '../../../functions/channels/adapters/telegram.ts';
import { telephonyAdapter } from '../../../functions/channels/adapters/telephony.ts';
import { whatsappAdapter } from '../../../functions/channels/adapters/whatsapp.ts';
import type { Fetched } from '../../../functions/files/keep-files.ts';
import { keepFiles } from '../../../functions/files/keep-files.ts';
import type { HttpResult, OutgoingRequest } from '../../../functions/http/guarded-http.ts';
import { systemIds } from '../../../functions/table/ids.ts';
import { contextOf, parsed, requestOf } from '../../support/adapter-requests.ts';

const bytes = Buffer.from('the bytes');
const answered = (answer: Partial<HttpResult & { answered: true }> = {}): HttpResult => ({
  answered: true,
  status: 200,
  headers: {},
  body: bytes,
  isCut: false,
  durationMs: 1,
  ...answer,
});
const says = (value: unknown) => answered({ body: Buffer.from(JSON.stringify(value)) });

/** Has an adapter fetch a file from a provider that gives these answers, and tells what it was asked. */
const fetched = async (
  adapter: ChannelAdapter,
  file: InboundFile,
  context: AdapterContext,
  ...answers: HttpResult[]
) => {
  const requests: OutgoingRequest[] = [];
  const result = await adapter.fetchFile!(file.source!, {
    ...context,
    http: async (request) => {
      requests.push(request);
      return answers[requests.length - 1] ?? answered({ status: 404 });
    },
  });
  return { result, requests };
};

const filesOf = async (adapter: ChannelAdapter, body: string, context: AdapterContext): Promise<InboundFile[]> => {
  const [incoming] = await parsed(adapter, requestOf(body), context);
  return incoming && 'message' in incoming ? [...(incoming.message.files ?? [])] : [];
};

describe('a file in Slack', () => {
  const context = contextOf(slackAdapter, { given: { signingSecret: 's', botToken: 'xoxb-1' } });
  const url = 'https://files.slack.com/files-pri/T1-F1/download/plan.pdf';
  const file = { id: 'F1', name: 'plan.pdf', mimetype: 'application/pdf', size: 9, url_private_download: url };
  const named = async (change: object = {}) => {
    const message = { user: 'U1', channel: 'C1', text: 'See', ts: '1773062990.000005', subtype: 'file_share' };
    const event = { type: 'message', ...message, files: [{ ...file, ...change }] };
    const [first] = await filesOf(slackAdapter, JSON.stringify({ event_id: 'Ev1', event }), context);
    return first!;
  };

  it('is fetched with the token of the bot', async () => {
    const one = await named();
    expect(one).toEqual({ name: 'plan.pdf', contentType: 'application/pdf', size: 9, source: { url } });
    const { result, requests } = await fetched(slackAdapter, one, context, answered());
    expect(result).toEqual({ content: bytes });
    expect(requests).toEqual([{ method: 'GET', url, headers: { authorization: 'Bearer xoxb-1' } }]);
  });

  it.each([
    'https://evil.example/plan.pdf',
    'https://files.slack.com.evil.example/plan.pdf',
    'https://files.slack.com@evil.example/plan.pdf',
    'https://files.slack.com:8443/plan.pdf',
    'http://files.slack.com/plan.pdf',
    'https://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    '',
  ])('is not asked for elsewhere, and our token goes nowhere: %s', async (elsewhere) => {
    const { result, requests } = await fetched(slackAdapter, await named({ url_private_download: elsewhere }), context);
    expect(result).toEqual({ reason: 'addressRefused' });
    expect(requests).toEqual([]);
  });

  it.each<[string, HttpResult, Fetched]>([
    ['that is gone', answered({ status: 404 }), { reason: 'answered404' }],
    [
      'that wants a sign-in',
      answered({ headers: { 'content-type': 'text/html; charset=utf-8' } }),
      { reason: 'notAllowed' },
    ],
    [
      'that lies elsewhere',
      answered({ status: 302, headers: { location: 'https://x.example' } }),
      { reason: 'addressRefused' },
    ],
    ['that breaks off', answered({ isCut: true }), { reason: 'connectionBroken' }],
    ['of a provider that hangs', { answered: false, fault: 'timedOut', durationMs: 1 }, { reason: 'timedOut' }],
  ])('%s is not had, and why is told', async (_, answer, expected) => {
    expect((await fetched(slackAdapter, await named(), context, answer)).result).toEqual(expected);
  });
});

describe('a file in Telegram', () => {
  const context = contextOf(telegramAdapter, { given: { botToken: '123:ABC' } });
  const named = async (change: object) => {
    const from = { id: 1, is_bot: false, first_name: 'Ada' };
    const message = { message_id: 1, from, chat: { id: 1, type: 'private' }, date: 1773062990, ...change };
    return filesOf(telegramAdapter, JSON.stringify({ update_id: 1, message }), context);
  };

  it('is the largest of a picture’s sizes', async () => {
    const photo = ['small', 'large'].map((file_id, n) => ({ file_id, file_size: n + 1 }));
    expect(await named({ photo })).toEqual([
      { name: 'photo.jpg', contentType: 'image/jpeg', size: 2, source: { fileId: 'large' } },
    ]);
  });

  it('is fetched by the path that Telegram gives', async () => {
    const [file] = await named({
      document: { file_id: 'BQAC 1', file_name: 'plan.pdf', mime_type: 'application/pdf' },
    });
    expect(file).toMatchObject({ name: 'plan.pdf', contentType: 'application/pdf' });
    const path = says({ ok: true, result: { file_path: 'documents/file_1.pdf' } });
    const { result, requests } = await fetched(telegramAdapter, file!, context, path, answered());
    expect(result).toEqual({ content: bytes });
    expect(requests.map(({ url }) => url)).toEqual([
      'https://api.telegram.org/bot123:ABC/getFile?file_id=BQAC%201',
      'https://api.telegram.org/file/bot123:ABC/documents/file_1.pdf',
    ]);
  });

  it('that is too large for bots is not had', async () => {
    const [file] = await named({ video: { file_id: 'V' } });
    const refused = answered({ status: 400, body: Buffer.from('{"ok":false,"description":"file is too big"}') });
    expect((await fetched(telegramAdapter, file!, context, refused)).result).toEqual({ reason: 'answered400' });
  });
});

describe('a file in WhatsApp', () => {
  const provider = { phoneNumberId: '106540352242922' };
  const context = contextOf(whatsappAdapter, { given: { appSecret: 's', accessToken: 'EAAJB' } }, { provider });
  const named = async (change: object) => {
    const message = { from: '16505551234', id: 'wamid.1', timestamp: '1773062990', ...change };
    const value = { metadata: { phone_number_id: provider.phoneNumberId }, messages: [message] };
    return filesOf(whatsappAdapter, JSON.stringify({ entry: [{ changes: [{ field: 'messages', value }] }] }), context);
  };

  it('is fetched by the address that Meta gives for a while', async () => {
    const audio = { id: '1003383421387256', mime_type: 'audio/ogg; codecs=opus', voice: true };
    const [file] = await named({ type: 'audio', audio });
    expect(file).toEqual({
      name: 'audio.ogg',
      contentType: 'audio/ogg; codecs=opus',
      source: { mediaId: '1003383421387256' },
    });
    const url = 'https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1';
    const { result, requests } = await fetched(whatsappAdapter, file!, context, says({ url }), answered());
    expect(result).toEqual({ content: bytes });
    expect(requests).toMatchObject([
      { url: 'https://graph.facebook.com/v23.0/1003383421387256?phone_number_id=106540352242922' },
      { url, headers: { authorization: 'Bearer EAAJB' } },
    ]);
  });

  it('is not fetched from where Meta would not keep it', async () => {
    const [file] = await named({ type: 'document', document: { id: '1', filename: 'bill.pdf' } });
    const elsewhere = says({ url: 'https://evil.example/x' });
    const { result, requests } = await fetched(whatsappAdapter, file!, context, elsewhere);
    expect([file!.name, result, requests.length]).toEqual(['bill.pdf', { reason: 'addressRefused' }, 1]);
  });
});

describe('a picture that comes by Twilio', () => {
  const provider = { accountSid: `AC${'0a'.repeat(16)}`, number: '+14155238886' };
  const context = contextOf(telephonyAdapter, { given: { authToken: '12345' } }, { provider });
  const url = `https://api.twilio.com/2010-04-01/Accounts/${provider.accountSid}/Messages/MM1/Media/ME1`;
  const named = async (MediaUrl0: string) => {
    const message = { AccountSid: provider.accountSid, MessageSid: `MM${'1b'.repeat(16)}`, From: '+1401', To: '+1415' };
    const form = { ...message, Body: '', NumMedia: '1', MediaContentType0: 'image/jpeg', MediaUrl0 };
    const [file] = await filesOf(telephonyAdapter, String(new URLSearchParams(form)), context);
    return file!;
  };
  const onTo = (location: string) => answered({ status: 307, headers: { location } });

  it('is fetched from where Twilio sends us on to, and only Twilio sees our token', async () => {
    const file = await named(url);
    expect(file).toEqual({ name: 'file-1.jpeg', contentType: 'image/jpeg', source: { url } });
    const stored = 'https://mms.twiliocdn.com/AC1/ME1?Signature=x';
    const { result, requests } = await fetched(telephonyAdapter, file, context, onTo(stored), answered());
    expect(result).toEqual({ content: bytes });
    const credentials = Buffer.from(`${provider.accountSid}:12345`).toString('base64');
    expect(requests).toEqual([
      { method: 'GET', url, headers: { authorization: `Basic ${credentials}` } },
      { method: 'GET', url: stored },
    ]);
  });

  it('is not fetched from anywhere else, however we are sent there', async () => {
    expect((await fetched(telephonyAdapter, await named('https://evil.example/x'), context)).result).toEqual({
      reason: 'addressRefused',
    });
    const evil = onTo('https://evil.example/x');
    expect((await fetched(telephonyAdapter, await named(url), context, evil)).result).toEqual({
      reason: 'addressRefused',
    });
    const round = onTo('https://mms.twiliocdn.com/x');
    const { result, requests } = await fetched(telephonyAdapter, await named(url), context, round, round, round);
    expect([result, requests.length]).toEqual([{ reason: 'addressRefused' }, 2]);
  });
});

describe('the files of a message', () => {
  const file = (name: string): InboundFile => ({ name, contentType: 'text/plain', source: { name } });
  const keep = async (
    files: InboundFile[],
    fetchFile: (source: Readonly<Record<string, string>>) => Promise<Fetched>,
  ) => {
    const stored: string[] = [];
    const services = { ids: systemIds(), files: { put: async (id: string) => void stored.push(id) } };
    const kept = await keepFiles(services, files, fetchFile);
    return { stored, told: kept.map(({ name, state, reason }) => [name, state, reason]) };
  };

  it('are kept or not each by itself, and those that are not say why', async () => {
    const { stored, told } = await keep(
      ['good.txt', 'gone.txt', 'broken.txt', 'virus.exe', 'huge.txt'].map(file),
      async ({ name }) => {
        if (name === 'broken.txt') throw new Error('the provider makes no sense');
        if (name === 'gone.txt') return { reason: 'answered404' };
        return { content: name === 'huge.txt' ? Buffer.alloc(25 * 1024 * 1024 + 1) : bytes };
      },
    );
    expect(told).toEqual([
      ['good.txt', 'stored', undefined],
      ['gone.txt', 'failed', 'answered404'],
      ['broken.txt', 'failed', 'notFetched'],
      ['virus.exe', 'refused', 'typeNotAllowed'],
      ['huge.txt', 'refused', 'tooLarge'],
    ]);
    expect(stored).toHaveLength(1);
  });
});
