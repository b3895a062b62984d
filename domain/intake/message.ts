import { z } from 'zod';
import { ActivityType } from '../activities/activity.ts';
import { FailedDelivery } from '../mail/failed-delivery.ts';
import { Suspicion } from '../mail/verdicts.ts';
import { StoredNumber } from '../stored-number.ts';
import { Instant } from '../time.ts';

/** A file that came with a message: with its bytes, or where the channel's adapter can fetch them. */
export interface InboundFile {
  name: string;
  contentType: string;
  content?: Uint8Array;
  size?: number;
  /** What the adapter's `fetchFile` needs. */
  source?: Readonly<Record<string, string>>;
}

/** Who wrote, as the channel knows them. */
export const Sender = z.object({
  /** Unique in the channel: an address, a user id, a number. */
  id: z.string().min(1).max(320),
  name: z.string().max(200).optional(),
  email: z.string().max(320).optional(),
  phone: z.string().max(40).optional(),
});
export type Sender = z.infer<typeof Sender>;

/** What adapters make of whatever comes in: from here on no one knows the provider. */
export const InboundMessage = z.object({
  type: ActivityType,
  from: Sender,
  /** Where answers are to go, if not to the sender. */
  answersTo: z.string().optional(),
  to: z.array(z.string()).optional(),
  cc: z.array(z.string()).optional(),
  subject: z.string().optional(),
  text: z.string(),
  /** With what `text` leaves out: the mail that it answers, as programs quote it. */
  wholeText: z.string().optional(),
  occurredAt: Instant.optional(),
  durationMinutes: z.int().min(0).optional(),
  /**
   * What says which conversation it belongs to, the surest first: a case that has recorded one of them is the message's
   * case. A thread, a chat, the ids of the messages that it answers.
   */
  conversation: z.array(z.string().min(1)),
  /** What later messages may call it by, recorded with its case. A chat has one key for both. */
  becomes: z.array(z.string().min(1)),
  /** Reference keys in the text, which count only when the sender takes part in that case. */
  referenceKeys: z.array(z.string()).optional(),
  /** As `conversation`, and surely known to others too: they count after reference keys, and as little without a part. */
  threads: z.array(z.string()).optional(),
  /** Handed on by somebody: it belongs to a case only by its conversation, and only if its sender takes part there. */
  isForwarded: z.boolean().optional(),
  /** Everybody whom it names, its sender too: they take part in its case from now on. */
  people: z.array(z.string()).optional(),
  /** Why it is held back until somebody has looked at it. */
  suspicion: Suspicion.optional(),
  /** It tells that a message of ours did not arrive. */
  failedDelivery: FailedDelivery.optional(),
  /** Written by a machine: an out-of-office note, a bounce, bulk. It wakes nothing and is answered by nothing. */
  isAutomatic: z.boolean(),
  /** What the adapter must know to answer in the same place. */
  thread: z.record(z.string(), z.string()).optional(),
  /** More that rules may ask for, as `message.<name>`. */
  details: z.record(z.string(), z.union([z.string(), StoredNumber, z.boolean()])).optional(),
});
export type InboundMessage = z.infer<typeof InboundMessage> & { files?: readonly InboundFile[] };

/** A receipt that says that a message of ours has not arrived. It comes with the ids that were sent along. */
export interface NotArrived {
  caseId: string;
  activityId: string;
  /** Names no addresses: facts are kept for ever. */
  reason: string;
}

/**
 * One thing that came in, by the id that the provider repeats when it sends it again. Some are no messages (an edit, a
 * receipt): they are ignored, with the reason. Some cannot be read, and their sender can do nothing about it: they are
 * kept until somebody looks.
 */
export type Incoming = {
  externalId: string;
  /** What must be the same when the id comes again; the whole body unless the provider may send it in other company. */
  fingerprint?: string;
  /** What this one delivery is called, if a message may be delivered under several names: each brings one message only. */
  delivery?: string;
} & ({ message: InboundMessage } | { ignored: string; notArrived?: NotArrived } | { failed: string; detail?: string });
