import type { z } from 'zod';
import type { ActivityType } from '../../../domain/activities/activity.ts';
import type { Channel, ChannelKind } from '../../../domain/channels/channel.ts';
import type { ValidSecrets } from '../../../domain/channels/secrets.ts';
import type { Incoming } from '../../../domain/intake/message.ts';
import type { Decision } from '../../../domain/refusal.ts';
import type { Message } from '../../../domain/replies/message.ts';
import type { Instant } from '../../../domain/time.ts';
import type { Fetched } from '../../files/keep-files.ts';
import type { GuardedHttp } from '../../http/guarded-http.ts';
import type { SendMail } from '../../mail/send-mail.ts';

/** A request as it came in. */
export interface RawRequest {
  method: string;
  /** As the provider called it, which some sign. */
  url: string;
  /** Names in lower case. The gateway joins a header that comes twice with a comma. */
  headers: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  /** The very bytes: signatures are over these. */
  body: Buffer;
}

/** What an adapter may know besides the request. */
export interface AdapterContext {
  channelId: string;
  channel: Channel;
  secrets: ValidSecrets;
  now: Instant;
}

/** What it may know besides to read what a request says. */
export interface ParseContext extends AdapterContext {
  /** Whether an address, in small letters, is that of a mailbox of ours. */
  isOurs(address: string): boolean;
}

/** What the provider is answered when it wants more than our own form. */
export interface HttpAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** A message that leaves. */
export interface OutboundMessage extends Message {
  /** Stable over attempts: a receiver that gets it twice knows by it. */
  messageId: string;
  caseId: string;
  caseNumber: string;
  referenceKey: string;
  /** What the last inbound message of the conversation left (`InboundMessage.thread`); absent when we begin. */
  thread?: Readonly<Record<string, string>>;
  /** The ids by which the conversation's messages are known, the oldest first. */
  conversation?: readonly string[];
  files: readonly { name: string; contentType: string; size?: number; content: () => Promise<Uint8Array> }[];
  isAutomatic: boolean;
}

/** By what an adapter reaches the world; it uses nothing else. */
export interface Outlets {
  http: GuardedHttp;
  mail: SendMail;
}

/** What became of an attempt to send. */
export type Sent =
  | {
      sent: true;
      /** What the provider calls it. */
      externalId?: string;
      /** Keys by which an answer will be known to belong to this case. */
      becomes?: readonly string[];
      /** Replaces the conversation's `thread`. */
      thread?: Readonly<Record<string, string>>;
    }
  | {
      sent: false;
      reason: string;
      /** Trying again does not help. */
      isFinal: boolean;
      retryAfterSeconds?: number;
    };

/** Whether a request is the provider's. */
export type Verdict = Decision<true, 'SIGNATURE_INVALID' | 'TOO_OLD'>;

/** One provider: how it proves itself, what it says, and how it is answered (`docs/channels.md`). */
export interface ChannelAdapter {
  readonly kind: ChannelKind;
  /** The origin of its cases, unless the channel says another. */
  readonly origin: string;
  /** What an agent’s reply is recorded as. */
  readonly replyType: ActivityType;
  /** Which secret we make for it: one of Standard Webhooks, or characters that pass in a URL and a header. */
  readonly ownSecret?: 'whsec' | 'token';
  /** The names of the secrets that the provider gives, and that an admin hands on. */
  readonly givenSecrets: readonly string[];
  /** What `provider` must hold. */
  readonly provider: z.ZodType;
  /** Whether a channel can write to somebody who has not written before. */
  canInitiate(channel: Channel): boolean;
  /** How far a conversation's keys and message ids reach: the channel, unless several channels share them. */
  readonly scope?: string;
  /** Message ids are remembered for ever, not for a week. */
  readonly remembersForEver?: boolean;
  /** Answers a request that only wants to know whether we are there. It proves whatever it must by itself. */
  handshake?(request: RawRequest, context: AdapterContext): HttpAnswer | undefined;
  /** Whether the request is the provider's and new enough. */
  verify(request: RawRequest, context: AdapterContext): Verdict | Promise<Verdict>;
  /** What a verified request says. A refusal means that it cannot be understood. */
  parse(request: RawRequest, context: ParseContext): Promise<Decision<readonly Incoming[], 'VALIDATION_FAILED'>>;
  /** The body as it is kept, for providers that prove themselves by something in it. */
  withoutSecrets?(request: RawRequest): Buffer;
  /** Replaces our answer to what was taken in, for providers that read it. */
  acknowledge?(request: RawRequest): HttpAnswer;
  /** How many characters (UTF-16) the provider takes at once: a longer text goes in parts, so many at most. */
  readonly parts?: { readonly longest: number; readonly most: number };
  /** How large all files of a message may be together; 0 where none can be sent. */
  readonly mostFileBytes?: number;
  /** The address in what somebody wrote, as messages from there have it; nothing if it is none. As it is unless told. */
  addressIn?(text: string): string | undefined;
  /** Sends a message; absent where there is no way back. Throws when the attempt itself failed, and is asked again. */
  send?(message: OutboundMessage, context: AdapterContext & Outlets): Promise<Sent>;
  /** The bytes of a file that a message only named, or why they cannot be had. */
  fetchFile?(
    source: Readonly<Record<string, string>>,
    context: AdapterContext & { http: GuardedHttp },
  ): Promise<Fetched>;
}
