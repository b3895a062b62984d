import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { InboundFile, Incoming } from '../../../domain/intake/message.ts';
import { accept, refuse } from '../../../domain/refusal.ts';
import type { AdapterContext, ChannelAdapter, OutboundMessage, RawRequest } from './adapter.ts';
import { fetchFrom } from './fetch-from.ts';
import { answerAs, isSame, readAs } from './provider-request.ts';
import { taggedBy, tagOf } from './receipt-tag.ts';
import { unlessSent } from './unless-sent.ts';

const formOf = ({ body }: RawRequest): URLSearchParams => new URLSearchParams(body.toString('utf8'));

/** What Twilio signs: the address as it called it, then each field with its value, in the order of their names. */
const signedText = (request: RawRequest): string => {
  const form = formOf(request);
  const fields = [...new Set(form.keys())].sort();
  return fields.reduce(
    (text, name) => [...new Set(form.getAll(name))].sort().reduce((so, value) => `${so}${name}${value}`, text),
    request.url,
  );
};

const verify: ChannelAdapter['verify'] = (request, { secrets }) => {
  const { authToken = '' } = secrets.given;
  const expected = createHmac('sha1', authToken).update(signedText(request)).digest('base64');
  return authToken && isSame(request.headers['x-twilio-signature'], expected)
    ? accept(true)
    : refuse('SIGNATURE_INVALID', 'X-Twilio-Signature is not the channel’s');
};

/** No delimiters are signed, so names and values could be cut elsewhere: what cannot be cut otherwise is insisted upon. */
const sid = (prefix: string) => z.string().regex(new RegExp(`^${prefix}[0-9a-f]{32}$`));
const party = z.string().min(1).max(100);

const Sms = z.object({
  AccountSid: sid('AC'),
  MessageSid: sid('(SM|MM)'),
  From: party,
  To: party,
  Body: z.string().default(''),
  NumMedia: z.coerce.number().int().min(0).default(0),
  MessageStatus: z.string().max(60).optional(),
  ErrorCode: z
    .string()
    .regex(/^\d{1,6}$/)
    .optional()
    .catch(undefined),
});

const Call = z.object({
  AccountSid: sid('AC'),
  CallSid: sid('CA'),
  From: party,
  To: party,
  CallStatus: z.string().max(60),
  CallDuration: z.coerce.number().int().min(0).default(0),
  CallerName: z.string().max(200).optional(),
  Direction: z.string().default('inbound'),
});

/** Twilio lets a message have ten. */
const MOST_FILES = 10;

/** The pictures of a message: `MediaUrl0`, `MediaContentType0`, and so on. */
const filesOf = (form: Readonly<Record<string, string>>, count: number): InboundFile[] =>
  Array.from({ length: Math.min(count, MOST_FILES) }, (_, n) => {
    const contentType = form[`MediaContentType${n}`]?.slice(0, 255) || 'application/octet-stream';
    const [, extension = 'bin'] = /^\w+\/([\w.+-]+)/.exec(contentType) ?? [];
    return { name: `file-${n + 1}.${extension}`, contentType, source: { url: form[`MediaUrl${n}`] ?? '' } };
  });

/** How a call ends, in words. */
const ENDED: Readonly<Record<string, string>> = {
  completed: 'Call',
  busy: 'Call while the line was busy',
  'no-answer': 'Call that nobody answered',
  failed: 'Call that failed',
  canceled: 'Call that the caller gave up',
};

/** What Twilio writes for callers who hide their number, besides words such as `Anonymous`. */
const HIDDEN = ['+266696687', '+7378742833', '+2562533', '+8566696687', '+86282452253'];

/** Callers who hide are not all the same one: each call of theirs stands for itself. */
const known = (from: string, callSid: string) => {
  const isHidden = HIDDEN.includes(from) || !/^\+\d{3,15}$/.test(from);
  return isHidden ? { id: callSid, name: 'Hidden number' } : { id: from, phone: from };
};

const parse: ChannelAdapter['parse'] = async (request, { channel }) => {
  const form = Object.fromEntries(formOf(request));
  const isCall = 'CallSid' in form;
  const read = isCall ? readAs(form, Call) : readAs(form, Sms);
  if (!read.accepted) return read;
  const { value } = read;
  const externalId = 'CallSid' in value ? `${value.CallSid} ${value.CallStatus}` : value.MessageSid;
  if (value.AccountSid !== channel.provider?.accountSid) return accept([{ externalId, ignored: 'otherAccount' }]);
  if ('CallSid' in value) {
    const { CallSid, From, To, CallStatus, CallDuration, CallerName, Direction } = value;
    const how = ENDED[CallStatus];
    if (!how || Direction !== 'inbound') return accept([{ externalId, ignored: 'callStatus' }]);
    const from = known(From, CallSid);
    return accept([
      {
        externalId,
        message: {
          type: 'phone',
          from: { ...from, ...(CallerName && { name: CallerName }) },
          to: [To],
          subject: `${how} from ${from.name ?? From}`,
          text: `${how} from ${from.name ?? From}, ${CallDuration} seconds`,
          durationMinutes: Math.ceil(CallDuration / 60),
          conversation: [from.id],
          becomes: [from.id],
          isAutomatic: false,
        },
      },
    ]);
  }
  const { From, To, Body, NumMedia, MessageStatus } = value;
  if (MessageStatus) return accept([receiptOf(value, MessageStatus, request)]);
  const from = From.startsWith('+') ? { id: From, phone: From } : { id: From };
  return accept([
    {
      externalId,
      message: {
        type: 'sms',
        from,
        to: [To],
        text: Body || (NumMedia > 0 ? `(${NumMedia} files)` : ''),
        conversation: [From],
        becomes: [From],
        isAutomatic: false,
        thread: { to: From, from: To, callbackUrl: request.url },
        ...(NumMedia > 0 && { files: filesOf(form, NumMedia) }),
      },
    },
  ]);
};

/** Only what has not arrived changes anything: that it was sent or delivered is only noted. */
const receiptOf = ({ MessageSid, ErrorCode }: z.infer<typeof Sms>, status: string, { query }: RawRequest): Incoming => {
  const hasFailed = status === 'failed' || status === 'undelivered';
  const named = hasFailed ? taggedBy(query[TAG]) : undefined;
  const reason = `Twilio: ${status}${ErrorCode ? ` (${ErrorCode})` : ''}`;
  return {
    externalId: `${MessageSid} ${status}`,
    fingerprint: status,
    ignored: hasFailed ? 'notArrived' : 'receipt',
    ...(named && { notArrived: { ...named, reason } }),
  };
};

/** Where Twilio sends receipts of a message: to this channel, with what the message is called. The whole is signed. */
const receiptsTo = (message: OutboundMessage, { channel }: Pick<AdapterContext, 'channel'>): string | undefined => {
  const url = URL.parse(channel.provider?.callbackUrl ?? message.thread?.callbackUrl ?? '');
  url?.searchParams.set(TAG, tagOf(message));
  return url?.href;
};

const TAG = 'docket';

const credentialsOf = ({ channel, secrets }: Pick<AdapterContext, 'channel' | 'secrets'>): string =>
  `Basic ${Buffer.from(`${channel.provider?.accountSid}:${secrets.given.authToken ?? ''}`).toString('base64')}`;

const Taken = z.object({ sid: z.string().max(100) });

const send: NonNullable<ChannelAdapter['send']> = async (message, context) => {
  const { to, text, thread } = message;
  const { channel, http } = context;
  const StatusCallback = receiptsTo(message, context);
  const { accountSid = '', number = '' } = channel.provider ?? {};
  const result = await http({
    method: 'POST',
    url: `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages.json`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: credentialsOf(context) },
    body: String(
      new URLSearchParams({
        To: thread?.to ?? to[0] ?? '',
        From: thread?.from ?? number,
        Body: text,
        ...(StatusCallback && { StatusCallback }),
      }),
    ),
  });
  const taken = answerAs(result, Taken)?.sid;
  const isFirst = !thread && to[0];
  return (
    unlessSent(result) ?? { sent: true, ...(taken && { externalId: taken }), ...(isFirst && { becomes: [isFirst] }) }
  );
};

/** Twilio sends us on to where it has stored the file. */
const fetchFile: NonNullable<ChannelAdapter['fetchFile']> = ({ url = '' }, context) =>
  fetchFrom(context.http, {
    url,
    hosts: ['api.twilio.com'],
    headers: { authorization: credentialsOf(context) },
    onward: ['mms.twiliocdn.com', 'media.twiliocdn.com', 's3-external-1.amazonaws.com'],
  });

/** A number of Twilio: text messages go both ways, and calls are recorded when they end. */
export const telephonyAdapter: ChannelAdapter = {
  kind: 'telephony',
  origin: 'phone',
  replyType: 'sms',
  givenSecrets: ['authToken'],
  provider: z.strictObject({
    accountSid: sid('AC'),
    number: z.string().regex(/^\+\d{3,15}$/, 'is not a number such as +15551234567'),
    callbackUrl: z
      .url({ protocol: /^https$/ })
      .optional()
      .describe('The channel’s own address, for receipts of messages to people who have not written before'),
  }),
  // No time is signed: what somebody has recorded could be sent again after the week for which ids are remembered.
  remembersForEver: true,
  // Twilio refuses what is longer, and each part costs several text messages.
  parts: { longest: 1_600, most: 5 },
  mostFileBytes: 0,
  canInitiate: () => true,
  verify,
  parse,
  // Twilio would send our own answer to the customer, or read it to them: this says nothing.
  acknowledge: () => ({ status: 200, contentType: 'text/xml', body: '<Response/>' }),
  send,
  fetchFile,
};
