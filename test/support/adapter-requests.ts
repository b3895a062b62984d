import type { Incoming } from '../../domain/intake/message.ts';
import type {
  AdapterContext,
  ChannelAdapter,
  OutboundMessage,
  RawRequest,
  Sent,
} from '../../functions/channels/adapters/adapter.ts';
import type { OutgoingRequest } from '../../functions/http/guarded-http.ts';

/** A request as a provider makes it. */
export const requestOf = (body: string | Buffer, rest: Partial<RawRequest> = {}): RawRequest => ({
  method: 'POST',
  url: 'https://api.example.com/v1/channels/ours/inbound',
  headers: {},
  query: {},
  body: Buffer.from(body),
  ...rest,
});

/** A channel of an adapter's kind, with its secrets. */
export const contextOf = (
  { kind }: ChannelAdapter,
  secrets: Partial<AdapterContext['secrets']> = {},
  channel: Partial<AdapterContext['channel']> = {},
  now = '2026-03-09T13:30:00.000Z',
): AdapterContext => ({
  channelId: 'ours',
  channel: { kind, enabled: true, unknownSender: 'createContact', messagesPerMinute: 600, ...channel },
  secrets: { own: [], given: {}, ...secrets },
  now,
});

/** What a verdict comes to: a code, or nothing when the request is taken. */
export const refusalOf = async (adapter: ChannelAdapter, request: RawRequest, context: AdapterContext) => {
  const verdict = await adapter.verify(request, context);
  return verdict.accepted ? undefined : verdict.code;
};

/** What came in by a request, all of it. */
export const parsed = async (
  adapter: ChannelAdapter,
  request: RawRequest,
  context: AdapterContext,
  isOurs: (address: string) => boolean = () => false,
): Promise<readonly Incoming[]> => {
  const decision = await adapter.parse(request, { ...context, isOurs });
  if (!decision.accepted) throw new Error(JSON.stringify(decision));
  return decision.value;
};

/** Sends a message to a provider that gives these answers, one for each request, and tells what it was asked. */
export const sentBy = async (
  adapter: ChannelAdapter,
  message: Partial<OutboundMessage>,
  context: AdapterContext,
  ...answers: { status?: number; body: unknown }[]
): Promise<{ sent: Sent; requests: OutgoingRequest[] }> => {
  const requests: OutgoingRequest[] = [];
  const whole: OutboundMessage = {
    messageId: '0199f1e0-0000-7000-8000-000000000001',
    caseId: '0199f1e0-0000-7000-8000-000000000002',
    caseNumber: 'CAS-00001',
    referenceKey: 'abc',
    to: [],
    text: 'It is out',
    files: [],
    isAutomatic: false,
    ...message,
  };
  const sent = await adapter.send!(whole, {
    ...context,
    mail: async () => ({ taken: false, reason: 'this is no mail', isFinal: true }),
    http: async (request) => {
      const { status = 200, body } = answers[requests.length] ?? { body: {} };
      requests.push(request);
      const bytes = Buffer.from(JSON.stringify(body));
      return { answered: true, status, headers: {}, body: bytes, isCut: false, durationMs: 1 };
    },
  });
  return { sent, requests };
};
