import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { whatsappAdapter } from '../../../functions/channels/adapters/whatsapp.ts';
import { contextOf, parsed, refusalOf, requestOf, sentBy } from '../../support/adapter-requests.ts';

const provider = { phoneNumberId: '106540352242922' };
const context = contextOf(
  whatsappAdapter,
  { own: ['verify-me'], given: { appSecret: 'app-secret', accessToken: 'EAAJB' } },
  { provider },
);

const text = {
  from: '16505551234',
  id: 'wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=',
  timestamp: '1773062990',
  type: 'text',
  text: { body: 'Does it come in another colour?' },
};
const notification = (value: object) => ({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: '102290129340398',
      changes: [
        {
          value: {
            messaging_product: 'whatsapp',
            metadata: { display_phone_number: '15550783881', phone_number_id: provider.phoneNumberId },
            contacts: [{ profile: { name: 'Sheena Nelson' }, wa_id: '16505551234' }],
            ...value,
          },
          field: 'messages',
        },
      ],
    },
  ],
});
const signed = (payload: unknown, secret = 'app-secret') => {
  const body = JSON.stringify(payload);
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return requestOf(body, { headers: { 'x-hub-signature-256': `sha256=${signature}` } });
};
const read = (...messages: object[]) => parsed(whatsappAdapter, signed(notification({ messages })), context);

describe('a message in WhatsApp', () => {
  it('belongs to what its sender has said before', async () => {
    expect(await read(text)).toMatchObject([
      {
        externalId: text.id,
        message: {
          from: { id: '16505551234', phone: '+16505551234', name: 'Sheena Nelson' },
          text: 'Does it come in another colour?',
          occurredAt: '2026-03-09T13:29:50.000Z',
          conversation: ['16505551234'],
          becomes: ['16505551234', text.id],
        },
      },
    ]);
  });

  it('that answers another one belongs to that first of all', async () => {
    const [incoming] = await read({ ...text, context: { from: '15550783881', id: 'wamid.ours' } });
    expect(incoming).toMatchObject({ message: { conversation: ['wamid.ours', '16505551234'] } });
  });

  it('is the same whatever company it comes in', async () => {
    const other = { ...text, id: 'wamid.other' };
    const [alone] = await read(text);
    expect((await read(other, text)).map(({ externalId }) => externalId)).toEqual(['wamid.other', text.id]);
    expect((await read(other, text))[1]).toEqual(alone);
  });

  it.each([
    ['a picture with words', { type: 'image', image: { id: '1', caption: 'Look' } }, 'Look'],
    ['a document', { type: 'document', document: { id: '1', filename: 'bill.pdf' } }, '(document: bill.pdf)'],
    ['a voice message', { type: 'audio', audio: { id: '1', voice: true } }, '(audio)'],
    ['a button', { type: 'button', button: { text: 'Yes', payload: 'y' } }, 'Yes'],
    ['a choice', { type: 'interactive', interactive: { list_reply: { id: 'a', title: 'Express' } } }, 'Express'],
  ])('may be %s', async (_, change, said) => {
    expect(await read({ ...text, text: undefined, ...change })).toMatchObject([{ message: { text: said } }]);
  });

  it('is neither a reaction, nor a receipt, nor what came for another number', async () => {
    expect(await read({ ...text, type: 'reaction', reaction: { emoji: '👍' } })).toMatchObject([
      { ignored: 'reaction' },
    ]);
    const statuses = [{ id: text.id, status: 'delivered', timestamp: '1773062990', recipient_id: '16505551234' }];
    const receipts = await parsed(whatsappAdapter, signed(notification({ statuses })), context);
    expect(receipts).toMatchObject([{ externalId: `${text.id} delivered`, ignored: 'receipt' }]);
    const elsewhere = notification({ messages: [text], metadata: { phone_number_id: '999999' } });
    expect(await parsed(whatsappAdapter, signed(elsewhere), context)).toMatchObject([{ ignored: 'otherNumber' }]);
  });

  it('of ours that has not arrived is told with the reason, and so named that it is found', async () => {
    const { requests } = await sentBy(whatsappAdapter, { to: ['16505551234'] }, context, { body: {} });
    const { biz_opaque_callback_data } = JSON.parse(String(requests[0]!.body));
    const errors = [{ code: 131047, title: 'Re-engagement message', message: 'Re-engagement message' }];
    const failed = { id: 'wamid.new', status: 'failed', errors, biz_opaque_callback_data };
    const read = async (change: object) =>
      parsed(whatsappAdapter, signed(notification({ statuses: [{ ...failed, ...change }] })), context);
    expect(await read({})).toMatchObject([
      {
        externalId: 'wamid.new failed',
        ignored: 'notArrived',
        notArrived: {
          caseId: '0199f1e0-0000-7000-8000-000000000002',
          activityId: '0199f1e0-0000-7000-8000-000000000001',
          reason: 'WhatsApp: Re-engagement message (131047)',
        },
      },
    ]);
    for (const change of [{ status: 'read' }, { biz_opaque_callback_data: 'theirs' }]) {
      expect((await read(change))[0]).not.toHaveProperty('notArrived');
    }
  });

  it('is answered, and answers to that are known', async () => {
    const answer = { body: { messaging_product: 'whatsapp', messages: [{ id: 'wamid.new' }] } };
    const { sent, requests } = await sentBy(whatsappAdapter, { to: ['16505551234'] }, context, answer);
    expect(sent).toEqual({ sent: true, externalId: 'wamid.new', becomes: ['wamid.new'] });
    expect(requests).toMatchObject([
      {
        url: 'https://graph.facebook.com/v23.0/106540352242922/messages',
        headers: { authorization: 'Bearer EAAJB' },
      },
    ]);
    expect(JSON.parse(String(requests[0]!.body))).toMatchObject({ to: '16505551234', text: { body: 'It is out' } });
  });
});

describe('the first request of Meta', () => {
  const query = { 'hub.mode': 'subscribe', 'hub.verify_token': 'verify-me', 'hub.challenge': '1158201444' };
  const greet = (change: Record<string, string> = {}, method = 'GET') =>
    whatsappAdapter.handshake?.(requestOf('', { method, query: { ...query, ...change } }), context);

  it('is answered with its challenge', () => {
    expect(greet()).toEqual({ status: 200, contentType: 'text/plain', body: '1158201444' });
  });

  it.each([
    ['another token', greet({ 'hub.verify_token': 'verify-mf' })],
    ['no token', greet({ 'hub.verify_token': '' })],
    ['a challenge that is a page', greet({ 'hub.challenge': '<script>' })],
    ['a POST', greet({}, 'POST')],
  ])('is not answered with %s', (_, answer) => {
    expect(answer).toBeUndefined();
  });
});

describe('what Meta has not signed', () => {
  const good = signed(notification({ messages: [text] }));
  const signature = good.headers['x-hub-signature-256']!;
  const withSignature = (other: string) => ({ ...good, headers: { 'x-hub-signature-256': other } });
  const changed = Buffer.from(good.body);
  changed[changed.length - 3]! ^= 1;

  it.each([
    ['another key', signed(notification({ messages: [text] }), 'wrong')],
    ['the token of the first request', signed(notification({ messages: [text] }), 'verify-me')],
    ['one byte changed', { ...good, body: changed }],
    ['one byte more', { ...good, body: Buffer.concat([good.body, Buffer.from(' ')]) }],
    ['no signature', requestOf(good.body)],
    ['two signatures', withSignature(`${signature},${signature}`)],
    ['the beginning of the signature', withSignature(signature.slice(0, -2))],
    ['the older algorithm', withSignature(`sha1=${createHmac('sha1', 'app-secret').update(good.body).digest('hex')}`)],
  ])('is refused: %s', async (_, request) => {
    expect(await refusalOf(whatsappAdapter, request, context)).toBe('SIGNATURE_INVALID');
  });

  it('is refused by a channel that has no secret', async () => {
    expect(await refusalOf(whatsappAdapter, good, contextOf(whatsappAdapter))).toBe('SIGNATURE_INVALID');
    expect(await refusalOf(whatsappAdapter, good, context)).toBeUndefined();
  });
});
