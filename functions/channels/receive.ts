import type { IntakeAnswer } from '../../domain/intake/intake.ts';
import type { Incoming } from '../../domain/intake/message.ts';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { MINUTE, toInstant, toMs } from '../../domain/time.ts';
import type { GuardedHttp } from '../http/guarded-http.ts';
import type { IntakeServices } from '../intake/carry-out.ts';
import { recordUnread } from '../intake/record-unread.ts';
import { type Entrance, takeIn } from '../intake/take-in.ts';
import { recordReceipt } from '../replies/record-receipt.ts';
import type { Services } from '../services.ts';
import type { AdapterContext, HttpAnswer, RawRequest } from './adapters/adapter.ts';
import { adapterOf } from './adapters/adapters.ts';
import { parseContext } from './own-addresses.ts';
import { validSecrets } from './valid-secrets.ts';

export type ReceiveServices = IntakeServices & Pick<Services, 'secrets'> & { http: GuardedHttp };

/** Where a channel is called: at its address for messages, or at the one for raw mail. */
export type Door = 'inbound' | 'email';

/** Larger messages carry files, and those have other ways in; larger mail comes by way of a bucket. */
const MAX_BYTES: Record<Door, number> = { inbound: 256 * 1024, email: 4 * 1024 * 1024 };

/** What a request to a channel is answered: in our form, or as its provider wants it. */
export type Received = { status: number; body: unknown } | HttpAnswer | Refusal;

/** Receives a request at a channel's address: who sent it is proved before anything of it is read. */
export const receive = async (
  services: ReceiveServices,
  {
    channelId,
    door,
    request,
    correlationId,
  }: { channelId: string; door: Door; request: RawRequest; correlationId: string },
): Promise<Received> => {
  if (door === 'email' && mediaTypeOf(request) !== 'message/rfc822') {
    return refuse('UNSUPPORTED_MEDIA_TYPE', 'Mail is sent as message/rfc822');
  }
  if (request.body.length > MAX_BYTES[door]) {
    return refuse('PAYLOAD_TOO_LARGE', `A message holds at most ${MAX_BYTES[door]} bytes`);
  }
  const channel = (await services.settings.channels.find(channelId))?.document;
  const adapter = channel?.enabled ? adapterOf(channel.kind) : undefined;
  if (!channel || !adapter || (channel.kind === 'email') !== (door === 'email')) {
    return refuse('NOT_FOUND', `There is no channel ${channelId} that takes this`);
  }
  const now = services.now();
  const secrets = await validSecrets(services, channelId, adapter, now);
  const context: AdapterContext = { channelId, channel, secrets, now };
  const greeted = adapter.handshake?.(request, context);
  if (greeted) return greeted;
  const verdict = await adapter.verify(request, context);
  if (!verdict.accepted) return verdict;
  const tooMany = await whyTooMany(services, context);
  if (tooMany) return tooMany;

  const fetchBy = adapter.fetchFile;
  const fetchFile: Entrance['fetchFile'] =
    fetchBy && ((source) => fetchBy(source, { ...context, http: services.http }));
  const entrance: Entrance = { channelId, channel, adapter, request, fetchFile, correlationId };
  const parsed = await adapter.parse(request, await parseContext(services, context));
  if (!parsed.accepted) {
    await recordUnread(services, entrance, parsed);
    return parsed;
  }
  const taken = await takeAll(services, entrance, parsed.value);
  if ('code' in taken) return taken;
  const own = adapter.acknowledge?.(request);
  if (own) return own;
  const [first = NOTHING, ...others] = taken.answers;
  return { status: taken.isNew ? 202 : 200, body: others.length > 0 ? { ...first, messages: taken.answers } : first };
};

const mediaTypeOf = ({ headers }: RawRequest): string | undefined =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase();

/** Counted by the minute, once the sender is known: nobody else can use up what a channel may take. */
const whyTooMany = async (
  { intake }: ReceiveServices,
  { channelId, channel: { messagesPerMinute }, now }: AdapterContext,
): Promise<Refusal<'RATE_LIMITED'> | undefined> => {
  const start = Math.floor(toMs(now) / MINUTE) * MINUTE;
  const count = await intake.count(channelId, { start: toInstant(start), seconds: MINUTE / 1000 });
  if (count <= messagesPerMinute) return undefined;
  const retryAfter = Math.ceil((start + MINUTE - toMs(now)) / 1000);
  return refuse('RATE_LIMITED', `The channel takes ${messagesPerMinute} messages a minute`, { retryAfter });
};

/** One after the other: they may be of one conversation. What was taken in before one is refused stays so. */
export const takeAll = async (
  services: IntakeServices,
  entrance: Entrance,
  all: readonly Incoming[],
): Promise<{ answers: IntakeAnswer[]; isNew: boolean } | Refusal> => {
  const answers: IntakeAnswer[] = [];
  let isNew = false;
  for (const one of all) {
    // Before the receipt is answered: if it is lost now, it comes again.
    if ('ignored' in one && one.notArrived) await recordReceipt(services, entrance.channelId, one.notArrived);
    const taken = await takeIn(services, entrance, await asOfMachine(services, entrance, one));
    if (!taken.accepted) return taken;
    answers.push(taken.value.answer);
    isNew ||= taken.value.isNew;
  }
  return { answers, isNew };
};

const HOUR_SECONDS = 60 * 60;
const DEFAULT_PER_SENDER = 1_000;

/**
 * Nobody writes a thousand mails an hour: a sender that does is a machine, which may be answering one of ours. Its mails
 * are kept and added where they belong, and set nothing going.
 */
const asOfMachine = async (
  { intake, now }: IntakeServices,
  { channelId, channel }: Entrance,
  incoming: Incoming,
): Promise<Incoming> => {
  if (channel.kind !== 'email' || !('message' in incoming) || incoming.message.isAutomatic) return incoming;
  const { message } = incoming;
  const start = toInstant(Math.floor(toMs(now()) / (HOUR_SECONDS * 1000)) * HOUR_SECONDS * 1000);
  const count = await intake.count(`from ${channelId} ${message.from.id}`, { start, seconds: HOUR_SECONDS });
  if (count <= (channel.messagesPerSender ?? DEFAULT_PER_SENDER)) return incoming;
  const details = { ...message.details, automatic: 'tooMany' };
  return { ...incoming, message: { ...message, isAutomatic: true, details } };
};

const NOTHING: IntakeAnswer = { outcome: 'ignored', reason: 'noMessage' };
