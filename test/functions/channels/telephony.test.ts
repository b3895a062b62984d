import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { telephonyAdapter } from '../../../functions/channels/adapters/telephony.ts';
import { contextOf, parsed, refusalOf, requestOf, sentBy } from '../../support/adapter-requests.ts';

const provider = { accountSid: `AC${'0a'.repeat(16)}`, number: '+14155238886' };
const given = { authToken: '12345' };
const context = contextOf(telephonyAdapter, { given }, { provider });
const URL_CALLED = 'https://api.example.com/v1/channels/ours/inbound?foo=1&bar=2';

const sms = {
  ToCountry: 'US',
  MessageSid: `SM${'1b'.repeat(16)}`,
  AccountSid: provider.accountSid,
  From: '+14017122661',
  To: '+14155238886',
  Body: 'It is on fire & more',
  NumMedia: '0',
};
const call = {
  CallSid: `CA${'2c'.repeat(16)}`,
  AccountSid: provider.accountSid,
  From: '+14017122661',
  To: '+14155238886',
  CallStatus: 'completed',
  CallDuration: '61',
  Direction: 'inbound',
};

const signatureOf = (form: Record<string, string>, authToken: string, url: string) => {
  const text = Object.keys(form)
    .sort()
    .map((name) => `${name}${form[name]}`);
  return createHmac('sha1', authToken)
    .update(url + text.join(''))
    .digest('base64');
};
const signed = (form: Record<string, string>, { authToken = given.authToken, url = URL_CALLED } = {}) =>
  requestOf(String(new URLSearchParams(form)), {
    url: URL_CALLED,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': signatureOf(form, authToken, url),
    },
  });
const read = (form: Record<string, string>) => parsed(telephonyAdapter, signed(form), context);

describe('a text message', () => {
  it('belongs to what its number has said before', async () => {
    expect(await read(sms)).toMatchObject([
      {
        externalId: sms.MessageSid,
        message: {
          type: 'sms',
          from: { id: '+14017122661', phone: '+14017122661' },
          text: 'It is on fire & more',
          conversation: ['+14017122661'],
          thread: { to: '+14017122661', from: '+14155238886' },
        },
      },
    ]);
  });

  it('says that there were pictures', async () => {
    expect(await read({ ...sms, Body: '', NumMedia: '2' })).toMatchObject([{ message: { text: '(2 files)' } }]);
  });

  it('is neither a receipt nor of another account', async () => {
    expect(await read({ ...sms, MessageStatus: 'delivered' })).toMatchObject([{ ignored: 'receipt' }]);
    expect(await read({ ...sms, AccountSid: `AC${'ff'.repeat(16)}` })).toMatchObject([{ ignored: 'otherAccount' }]);
  });

  it('of ours is sent with where to tell that it has not arrived', async () => {
    const callbackUrl = 'https://api.example.com/v1/channels/ours/inbound?foo=1';
    const { requests } = await sentBy(
      telephonyAdapter,
      { thread: { to: '+1401', from: '+1415', callbackUrl } },
      context,
    );
    const told = new URLSearchParams(String(requests[0]!.body)).get('StatusCallback')!;
    const receipt = signed({ ...sms, MessageStatus: 'undelivered', ErrorCode: '30003' }, { url: told });
    const query = Object.fromEntries(new URL(told).searchParams);
    const request = { ...receipt, url: told, query };
    expect(await refusalOf(telephonyAdapter, request, context)).toBeUndefined();
    expect(await parsed(telephonyAdapter, request, context)).toEqual([
      {
        externalId: `${sms.MessageSid} undelivered`,
        fingerprint: 'undelivered',
        ignored: 'notArrived',
        notArrived: {
          caseId: '0199f1e0-0000-7000-8000-000000000002',
          activityId: '0199f1e0-0000-7000-8000-000000000001',
          reason: 'Twilio: undelivered (30003)',
        },
      },
    ]);
    const forged = { ...request, url: told.replace('0001', '0009') };
    expect(await refusalOf(telephonyAdapter, forged, context)).toBe('SIGNATURE_INVALID');
  });

  it('is answered from the number that it was sent to, and Twilio itself says nothing', async () => {
    const thread = { to: '+14017122661', from: '+14155230000' };
    const { sent, requests } = await sentBy(telephonyAdapter, { thread }, context, {
      status: 201,
      body: { sid: 'SM9' },
    });
    expect(sent).toEqual({ sent: true, externalId: 'SM9' });
    expect(requests).toMatchObject([
      {
        url: `https://api.twilio.com/2010-04-01/Accounts/${provider.accountSid}/Messages.json`,
        headers: { authorization: `Basic ${Buffer.from(`${provider.accountSid}:12345`).toString('base64')}` },
        body: 'To=%2B14017122661&From=%2B14155230000&Body=It+is+out',
      },
    ]);
    expect(telephonyAdapter.acknowledge?.(signed(sms))).toMatchObject({ contentType: 'text/xml', body: '<Response/>' });
  });

  it('may be ours first, and its answer is known', async () => {
    const { sent, requests } = await sentBy(telephonyAdapter, { to: ['+4930123'] }, context, { body: { sid: 'SM9' } });
    expect(sent).toMatchObject({ becomes: ['+4930123'] });
    expect(requests[0]!.body).toContain('From=%2B14155238886');
  });
});

describe('a call', () => {
  it('is recorded when it has ended, with its minutes begun', async () => {
    expect(await read(call)).toMatchObject([
      {
        externalId: `${call.CallSid} completed`,
        message: {
          type: 'phone',
          subject: 'Call from +14017122661',
          durationMinutes: 2,
          conversation: ['+14017122661'],
        },
      },
    ]);
    expect(await read({ ...call, CallStatus: 'ringing' })).toMatchObject([{ ignored: 'callStatus' }]);
    expect(await read({ ...call, Direction: 'outbound-api' })).toMatchObject([{ ignored: 'callStatus' }]);
  });

  it.each(['+266696687', 'Anonymous'])('of somebody who hides their number stands for itself: %s', async (From) => {
    expect(await read({ ...call, From, CallStatus: 'no-answer', CallDuration: '0' })).toMatchObject([
      { message: { from: { id: call.CallSid }, conversation: [call.CallSid], durationMinutes: 0 } },
    ]);
  });
});

describe('what Twilio has not signed', () => {
  const good = signed(sms);
  const signature = good.headers['x-twilio-signature']!;
  const withSignature = (other: string) => ({ ...good, headers: { ...good.headers, 'x-twilio-signature': other } });
  const withBody = (form: Record<string, string>) => ({
    ...good,
    body: Buffer.from(String(new URLSearchParams(form))),
  });

  it.each([
    ['another key', signed(sms, { authToken: 'wrong' })],
    ['another address', signed(sms, { url: 'https://api.example.com/v1/channels/others/inbound' })],
    ['the address without its query', signed(sms, { url: URL_CALLED.split('?')[0]! })],
    ['one byte changed', withBody({ ...sms, Body: 'It is on fire & mare' })],
    ['a field more', withBody({ ...sms, Extra: 'x' })],
    ['a field twice', { ...good, body: Buffer.concat([good.body, Buffer.from('&Body=Other')]) }],
    ['no body', { ...good, body: Buffer.alloc(0) }],
    ['no signature', requestOf(good.body, { url: URL_CALLED })],
    ['two signatures', withSignature(`${signature},${signature}`)],
    ['the beginning of the signature', withSignature(signature.slice(0, -2))],
    ['the signature in hexadecimal', withSignature(Buffer.from(signature, 'base64').toString('hex'))],
  ])('is refused: %s', async (_, request) => {
    expect(await refusalOf(telephonyAdapter, request, context)).toBe('SIGNATURE_INVALID');
  });

  it('is refused by a channel that has no token, also when it is signed with none', async () => {
    const without = contextOf(telephonyAdapter, {}, { provider });
    expect(await refusalOf(telephonyAdapter, signed(sms, { authToken: '' }), without)).toBe('SIGNATURE_INVALID');
    expect(await refusalOf(telephonyAdapter, good, context)).toBeUndefined();
  });

  it('cannot be passed off by cutting fields elsewhere', async () => {
    const { MessageSid, Body, ...rest } = sms;
    const cut = withBody({ ...rest, Body, MessageSidSM: MessageSid.slice(2) });
    expect(await refusalOf(telephonyAdapter, cut, context)).toBeUndefined();
    expect(await telephonyAdapter.parse(cut, { ...context, isOurs: () => false })).toMatchObject({
      accepted: false,
      code: 'VALIDATION_FAILED',
    });
  });
});
