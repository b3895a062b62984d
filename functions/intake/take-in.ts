import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { AttachedFile } from '../../domain/activities/activity.ts';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import type { Channel } from '../../domain/channels/channel.ts';
import type { Customer } from '../../domain/customers/customer.ts';
import { withKeys } from '../../domain/intake/conversation.ts';
import { decideIntake, type Plan, type Situation } from '../../domain/intake/decide-intake.ts';
import { answerOf, type Intake, type IntakeAnswer } from '../../domain/intake/intake.ts';
import type { InboundFile, InboundMessage, Incoming } from '../../domain/intake/message.ts';
import { channelCaller } from '../../domain/intake/record-message.ts';
import { accept, type Decision, refuse } from '../../domain/refusal.ts';
import type { Instant } from '../../domain/time.ts';
import { clocksFollowing } from '../cases/follow-clocks.ts';
import type { ChannelAdapter, RawRequest } from '../channels/adapters/adapter.ts';
import { scopeOf } from '../channels/scope-of.ts';
import { lookedAtBySlas } from '../customers/looked-at.ts';
import { type FetchFile, keepFiles } from '../files/keep-files.ts';
import { retryingLostRaces } from '../lost-races.ts';
import type { RawMessage, StoredRaw } from '../table/intake-store.ts';
import { caseIdAt, customerCases } from '../table/keys.ts';
import { Transaction } from '../table/transaction.ts';
import { type Arriving, type Carried, carryOut, type IntakeServices } from './carry-out.ts';
import { recordCopy } from './copies.ts';
import { type Correlation, correlate, REFERENCE_SCOPE } from './correlate.ts';
import { packed } from './raw-message.ts';
import { alsoKnownAs, customerOf } from './senders.ts';

/** Where something came in. */
export interface Entrance {
  channelId: string;
  channel: Channel;
  adapter: ChannelAdapter;
  request: RawRequest;
  /** How files are had that a message only names; nobody can without the channel's secrets. */
  fetchFile?: FetchFile;
  correlationId: string;
}

/** Somebody takes a message in again that opened nothing the first time. */
export interface Again {
  intake: Intake;
  by: string;
  /** Whose it is, where nobody knew. */
  customer?: Customer;
}

/** What the sender is answered, and whether it is for the first time. */
export interface Taken {
  answer: IntakeAnswer;
  isNew: boolean;
  intakeId: string;
}

/**
 * Takes in one message: load, decide, commit. The id that its sender gave it, the case or activity, the conversation's
 * keys and the record of it all are one transaction, so that a message which comes five times, twice of them at once, is
 * taken in once: whoever loses the race reads the winner's answer.
 */
export const takeIn = (
  services: IntakeServices,
  entrance: Entrance,
  incoming: Incoming,
  again?: Again,
): Promise<Decision<Taken, 'MESSAGE_ID_REUSED' | 'TRY_AGAIN'>> => {
  const { channelId, channel, adapter, request } = entrance;
  const scope = scopeOf(adapter, channelId, channel);
  // A receipt that comes again does nothing again, and there are several for each reply.
  const forEver = adapter.remembersForEver && !('ignored' in incoming);
  const id = { scope, externalId: incoming.externalId, forEver };
  const bytesHash = hashOf(request.body);
  const bodyHash = incoming.fingerprint === undefined ? bytesHash : hashOf(incoming.fingerprint);
  const first = { bytesHash, channelId };
  const delivery = incoming.delivery && !again ? `delivery ${incoming.delivery}` : undefined;
  let raw: Promise<StoredRaw> | undefined;
  let kept: Promise<AttachedFile[]> | undefined;
  const keep: Keep = (files) => {
    kept ??= keepFiles(services, files, entrance.fetchFile);
    return kept;
  };
  return retryingLostRaces(services, async () => {
    const earlier = await services.intake.answered(id.scope, id.externalId);
    const delivered = delivery ? await services.intake.answered(channelId, delivery) : undefined;
    if (delivered && delivered.bodyHash !== bytesHash) {
      return refuse('MESSAGE_ID_REUSED', `${incoming.delivery} came with another body`);
    }
    if (earlier && earlier.intakeId !== again?.intake.intakeId) {
      if (earlier.bodyHash !== bodyHash) {
        return refuse('MESSAGE_ID_REUSED', `${id.externalId} came with another body`);
      }
      if (earlier.first && !isDeepStrictEqual(earlier.first, first)) {
        await recordCopy(services, entrance, incoming, { earlier, first, id });
      }
      return accept({ answer: earlier.answer, isNew: false, intakeId: earlier.intakeId });
    }
    const now = services.now();
    const considered = await consider(services, entrance, incoming, { now, keep, again });
    if (!considered.accepted) return considered;
    const { carried, plan, correlation, arriving } = considered.value;
    const intake = recordOf(services, entrance, incoming, { carried, plan, now, again });
    const answer = answerOf(intake);
    const lookedAt = again?.customer && (await lookedAtBySlas(services, channelCaller(channelId).userId));
    raw ??= packed(services, rawOf(entrance));
    const whole = again ? undefined : await raw;
    const answered = {
      bodyHash,
      answer,
      intakeId: intake.intakeId,
      ...(incoming.fingerprint === id.externalId && { first }),
    };
    const record = (transaction: Transaction): void => {
      for (const write of carried.writes) write(transaction);
      services.intake.answer(transaction, id, answered, { now, again: !!earlier });
      if (delivery && !delivered) {
        const alsoAnswered = { bodyHash: bytesHash, answer, intakeId: intake.intakeId };
        services.intake.answer(transaction, { scope: channelId, externalId: delivery }, alsoAnswered, {
          now,
          again: false,
        });
      }
      services.intake.put(transaction, intake);
      if (whole) services.intake.putRaw(transaction, intake.intakeId, whole, now);
      if (again?.customer && 'message' in incoming) {
        const known = alsoKnownAs(again.customer, channelId, incoming.message.from, now);
        if (lookedAt) services.customers.update(transaction, again.customer, known, lookedAt);
      }
    };
    if (carried.change && arriving) {
      const { change } = carried;
      const followed = await clocksFollowing(services, arriving.head, change, now);
      const follow = await followers(services, id.scope, arriving, change.after, correlation);
      await services.cases.commit(
        [
          {
            ...followed,
            fences: [...(change.fences ?? []), ...(change.before ? [{ type: 'isNotMerged' } as const] : [])],
          },
        ],
        {
          now,
          actor: channelCaller(channelId).userId,
          cause: `channel:${channelId}`,
          correlationId: entrance.correlationId,
          also: (transaction) => {
            follow(transaction);
            attach(services, transaction, arriving, change.after);
            record(transaction);
          },
        },
      );
    } else {
      const transaction = new Transaction();
      record(transaction);
      await services.table.transact(transaction);
    }
    return accept({ answer, isNew: true, intakeId: intake.intakeId });
  });
};

const hashOf = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('base64');

/** Stores the files of a message, once however often it is tried. */
export type Keep = (files: readonly InboundFile[]) => Promise<AttachedFile[]>;

interface Considered {
  plan: Plan;
  carried: Carried;
  correlation?: Correlation;
  arriving?: Arriving;
}

/** What would become of something that came in; nothing is written yet. */
export const consider = async (
  services: IntakeServices,
  { channelId, channel, adapter }: Entrance,
  incoming: Incoming,
  { now, keep, again }: { now: Instant; keep: Keep; again?: Again },
): Promise<Decision<Considered, 'TRY_AGAIN'>> => {
  if ('ignored' in incoming) {
    const plan: Plan = { action: 'skip', outcome: 'ignored', reason: 'rule', trace: ['it is no message'] };
    return accept({ plan, carried: { outcome: 'ignored', reason: incoming.ignored, writes: [] } });
  }
  if ('failed' in incoming) {
    const { failed: reason, detail } = incoming;
    const plan: Plan = { action: 'skip', outcome: 'failed', reason: 'unreadable', trace: ['it cannot be read'] };
    return accept({ plan, carried: { outcome: 'failed', reason, ...(detail && { detail }), writes: [] } });
  }
  const { message } = incoming;
  const head = await services.settings.head();
  const correlation = await correlate(services, scopeOf(adapter, channelId, channel), message);
  const situation = await situationOf(services, channelId, channel, message, correlation, again);
  const plan = decideIntake(channel, message, situation, now);
  const occurredAt = believable(message.occurredAt, now);
  const arriving: Arriving = {
    channelId,
    channel,
    adapter,
    message,
    activityId: services.ids.at(occurredAt),
    occurredAt,
    files: plan.action === 'skip' ? [] : await keep(message.files ?? []),
    head,
    now,
  };
  const carried = await carryOut(services, arriving, plan);
  return carried.accepted ? accept({ plan, carried: carried.value, correlation, arriving }) : carried;
};

/** What a message is decided upon: everything is read here, and nothing is written. */
const situationOf = async (
  services: IntakeServices,
  channelId: string,
  channel: Channel,
  message: InboundMessage,
  { correlated, besides, related, isEcho }: Correlation,
  again?: Again,
): Promise<Situation> => {
  const customer = again?.customer ?? (await customerOf(services, channelId, message.from));
  const mayAttach = !correlated && channel.rules?.some((rule) => rule.then === 'attach');
  const newest = mayAttach && customer ? await newestOpenCase(services, customer.customerId) : undefined;
  return { customer, correlated, besides, related, newest, isEcho, isLookedAt: again !== undefined };
};

/** So many of a customer's cases are looked at; who has more has closed most of them. */
const LOOKED_AT = 25;

const newestOpenCase = async (services: IntakeServices, customerId: string): Promise<CaseFile | undefined> => {
  const partition = customerCases(customerId);
  const { items } = await services.table.page({ index: 1, partition, descending: true, limit: LOOKED_AT });
  for (const { GSI1SK } of items) {
    const file = await services.cases.load(caseIdAt(String(GSI1SK)));
    if (file?.case.status === 'active') return file;
  }
  return undefined;
};

/** Adds whose the files are that came with a message. */
const attach = (
  { attachments }: IntakeServices,
  transaction: Transaction,
  { channelId, files, now }: Arriving,
  { case: { caseId } }: CaseFile,
): void => {
  for (const { state, reason: _why, ...file } of files) {
    if (state !== 'stored') continue;
    attachments.create(transaction, { ...file, caseId, createdOn: now, createdBy: channelCaller(channelId).userId });
  }
};

/** Clocks of senders go wrong; nothing has been written in the future, or before there were computers to send it. */
const believable = (occurredAt: Instant | undefined, now: Instant): Instant =>
  occurredAt === undefined || occurredAt > now || occurredAt < '1980' ? now : occurredAt;

/** Adds where later messages of the conversation lead, and how its customer is answered. */
const followers = async (
  services: IntakeServices,
  scope: string,
  { channelId, message, occurredAt }: Arriving,
  { case: { caseId, referenceKey } }: CaseFile,
  correlation: Correlation | undefined,
): Promise<(transaction: Transaction) => void> => {
  const { intake } = services;
  const contact = (await intake.contacts(caseId)).find((one) => one.channelId === channelId);
  const byReference = await intake.caseOf(REFERENCE_SCOPE, referenceKey);
  return (transaction) => {
    for (const key of [...message.becomes, ...(message.threads ?? [])])
      intake.lead(transaction, scope, key, caseId, correlation?.leads.get(key));
    intake.lead(transaction, REFERENCE_SCOPE, referenceKey, caseId, byReference);
    if (message.isAutomatic || (contact && contact.lastAt > occurredAt)) return;
    const { from, answersTo = from.id, subject, thread, becomes } = message;
    intake.putContact(transaction, {
      caseId,
      channelId,
      address: answersTo,
      ...(from.name && { name: from.name }),
      subject: contact?.subject ?? subject,
      thread: thread ?? contact?.thread,
      conversation: withKeys(contact?.conversation ?? [], becomes),
      lastAt: occurredAt,
      revision: (contact?.revision ?? 0) + 1,
    });
  };
};

const EXCERPT = 200;

const recordOf = (
  services: IntakeServices,
  { channelId }: Entrance,
  incoming: Incoming,
  { carried, plan, now, again }: { carried: Carried; plan: Plan; now: Instant; again?: Again },
): Intake => {
  const { outcome, reason, detail, change, customerId } = carried;
  const said = 'message' in incoming ? incoming.message : undefined;
  const activityId = change?.activities?.[0]?.activityId;
  return {
    ...(again
      ? {
          intakeId: again.intake.intakeId,
          receivedAt: again.intake.receivedAt,
          reprocessedBy: again.by,
          reprocessedAt: now,
        }
      : { intakeId: services.ids.at(now), receivedAt: now }),
    channelId,
    externalId: incoming.externalId,
    outcome,
    ...(reason && { reason }),
    ...(detail && { detail }),
    ...(plan.ruleId && { ruleId: plan.ruleId }),
    trace: plan.trace,
    ...(said && { from: said.from, excerpt: said.text.slice(0, EXCERPT).toWellFormed() }),
    ...(said?.subject && { subject: said.subject.slice(0, EXCERPT).toWellFormed() }),
    ...(customerId && { customerId }),
    ...(change && { caseId: change.after.case.caseId }),
    ...(activityId && { activityId }),
    revision: (again?.intake.revision ?? 0) + 1,
  };
};

/** Nothing that signs, and nothing that lets anybody in, is kept. */
const SECRET_HEADER = /signature|authorization|token|cookie|secret|key/;

/** A request as it is kept to be taken in again. */
export const rawOf = ({ adapter, request }: Pick<Entrance, 'adapter' | 'request'>): RawMessage => ({
  ...request,
  body: adapter.withoutSecrets?.(request) ?? request.body,
  headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => !SECRET_HEADER.test(name))),
});
