import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { Intake, IntakeAnswer } from '../../domain/intake/intake.ts';
import { Instant, toInstant, toMs } from '../../domain/time.ts';
import {
  CHANNEL_CONTACT_PREFIX,
  caseCollection,
  channelContactKey,
  conversationKey,
  intakeCollection,
  intakeKey,
  messageKey,
  rateKey,
  rawMessageKey,
} from './keys.ts';
import type { Page, Table } from './table.ts';
import type { Transaction } from './transaction.ts';

/** What a message id was answered. */
const Answered = z.object({
  bodyHash: z.string(),
  answer: IntakeAnswer,
  intakeId: z.uuid(),
  /** Of what is known by its id alone: the very bytes that came first, and by which channel. */
  first: z.object({ bytesHash: z.string(), channelId: z.string() }).optional(),
});
export type Answered = z.infer<typeof Answered>;

/** How a case's customer is reached over a channel: what the last message there left. */
export const ChannelContact = z.object({
  caseId: z.uuid(),
  channelId: z.string(),
  /** The sender as the channel knows them. */
  address: z.string(),
  name: z.string().optional(),
  subject: z.string().optional(),
  thread: z.record(z.string(), z.string()).optional(),
  /** By which the conversation's messages are known, the oldest first. */
  conversation: z.array(z.string()),
  lastAt: Instant,
  revision: z.int(),
});
export type ChannelContact = z.infer<typeof ChannelContact>;

/** A message as it came in, without what signed it. */
export const RawMessage = z.object({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  query: z.record(z.string(), z.string()),
  body: z.custom<Buffer>((bytes) => Buffer.isBuffer(bytes)),
});
export type RawMessage = z.infer<typeof RawMessage>;

/** The same as it is stored, compressed; what is too large for an item is with the files. */
export type StoredRaw = Omit<RawMessage, 'body'> & ({ body: Uint8Array } | { bodyAt: string });

const PackedRaw = RawMessage.omit({ body: true }).extend({
  body: z.instanceof(Uint8Array).optional(),
  bodyAt: z.string().optional(),
});

/** What records of messages are marked by. */
export const INTAKE_ENTITY = 'intake';

const DAY_SECONDS = 24 * 60 * 60;

/** Senders repeat what was not answered for up to three days; a week is more than any of them. */
const MESSAGE_DAYS = 7;
const RAW_DAYS = 30;
const INTAKE_DAYS = 400;

/** Messages that came in: by which id, to which case, with what outcome. */
export interface IntakeStore {
  answered(scope: string, externalId: string): Promise<Answered | undefined>;
  /** The case that a conversation's key leads to. */
  caseOf(scope: string, key: string): Promise<string | undefined>;
  contacts(caseId: string): Promise<ChannelContact[]>;
  find(channelId: string, intakeId: string): Promise<Intake | undefined>;
  /** A message as it came in, for as long as it is kept; `fetch` gets what is with the files. */
  raw(intakeId: string, fetch: (bodyAt: string) => Promise<Uint8Array>): Promise<RawMessage | undefined>;
  /** Those of a channel, the newest first. */
  list(
    channelId: string,
    options: { from?: Instant; to?: Instant; limit: number; after?: string },
  ): Promise<Page<Intake>>;
  /** Adds one to the count of a window of time, and answers it. Windows are never counted down: they pass. */
  count(what: string, window: { start: Instant; seconds: number }): Promise<number>;
  /** Adds to a transaction that a message id is answered so; `again` when it was answered otherwise before. */
  answer(
    transaction: Transaction,
    id: { scope: string; externalId: string; forEver?: boolean },
    answered: Answered,
    options: { now: Instant; again: boolean },
  ): void;
  /** Adds to a transaction that a key leads to a case from now on; `before` is where it led, if anywhere. */
  lead(transaction: Transaction, scope: string, key: string, caseId: string, before: string | undefined): void;
  putContact(transaction: Transaction, contact: ChannelContact): void;
  put(transaction: Transaction, intake: Intake): void;
  putRaw(transaction: Transaction, intakeId: string, raw: StoredRaw, now: Instant): void;
}

const expiresAt = (now: Instant, days: number): number => Math.floor(toMs(now) / 1000) + days * DAY_SECONDS;

/** The store on a table. */
export const intakeStore = (table: Table): IntakeStore => ({
  async answered(scope, externalId) {
    const item = await table.get(messageKey(scope, externalId));
    return item && Answered.parse(item);
  },
  async caseOf(scope, key) {
    const item = await table.get(conversationKey(scope, key));
    return item && z.string().parse(item.caseId);
  },
  async contacts(caseId) {
    const partition = caseCollection(caseId);
    const items = await table.all({ partition, beginsWith: CHANNEL_CONTACT_PREFIX, consistent: true });
    return items.map((item) => ChannelContact.parse(item));
  },
  async find(channelId, intakeId) {
    const item = await table.get(intakeKey(channelId, intakeId));
    return item && Intake.parse(item);
  },
  async raw(intakeId, fetch) {
    const item = await table.get(rawMessageKey(intakeId));
    if (!item) return undefined;
    const { body, bodyAt = '', ...raw } = PackedRaw.parse(item);
    return { ...raw, body: gunzipSync(body ?? (await fetch(bodyAt))) };
  },
  async list(channelId, { from, to, ...options }) {
    const { items, next } = await table.page({
      partition: intakeCollection(channelId),
      descending: true,
      ...(from && { from: firstIdAt(from) }),
      ...(to && { upTo: firstIdAt(toInstant(toMs(to) + 1)) }),
      ...options,
    });
    return { items: items.map((item) => Intake.parse(item)), ...(next && { next }) };
  },
  count: (what, { start, seconds }) =>
    table.increment(rateKey(what, start), 'count', 1, { expiresAt: Math.floor(toMs(start) / 1000) + seconds + 60 }),
  answer(transaction, { scope, externalId, forEver = false }, answered, { now, again }) {
    const key = messageKey(scope, externalId);
    const item = { entity: 'message', ...answered, ...(!forEver && { expiresAt: expiresAt(now, MESSAGE_DAYS) }) };
    if (again) transaction.update(key, { set: item });
    else transaction.create({ ...key, ...item });
  },
  lead(transaction, scope, key, caseId, before) {
    if (before === caseId) return;
    transaction.update(conversationKey(scope, key), {
      set: { entity: 'conversation', caseId },
      conditions: [
        before === undefined
          ? { attribute: 'caseId', is: 'absent' }
          : { attribute: 'caseId', is: 'equal', value: before },
      ],
    });
  },
  putContact(transaction, contact) {
    const { caseId, channelId, revision } = contact;
    transaction.update(channelContactKey(caseId, channelId), {
      set: {
        entity: 'contact',
        ...Object.fromEntries(Object.entries(contact).filter(([, value]) => value !== undefined)),
      },
      conditions: [
        revision === 1
          ? { attribute: 'revision', is: 'absent' }
          : { attribute: 'revision', is: 'equal', value: revision - 1 },
      ],
    });
  },
  put(transaction, intake) {
    const key = intakeKey(intake.channelId, intake.intakeId);
    const item = { entity: INTAKE_ENTITY, ...intake, expiresAt: expiresAt(intake.receivedAt, INTAKE_DAYS) };
    if (intake.revision === 1) return transaction.create({ ...key, ...item });
    transaction.update(key, {
      set: item,
      remove: (['reason', 'detail', 'ruleId'] as const).filter((name) => intake[name] === undefined),
      conditions: [{ attribute: 'revision', is: 'equal', value: intake.revision - 1 }],
    });
  },
  putRaw(transaction, intakeId, raw, now) {
    transaction.create({ ...rawMessageKey(intakeId), entity: 'raw', ...raw, expiresAt: expiresAt(now, RAW_DAYS) });
  },
});

/** A UUIDv7 that sorts before all others of its millisecond (RFC 9562, 5.7). */
const firstIdAt = (instant: Instant): string => {
  const hex = toMs(instant).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-0000-000000000000`;
};
