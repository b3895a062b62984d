import type { Activity } from '../../domain/activities/activity.ts';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import { survivorOf } from '../../domain/merge/survivor-of.ts';
import { afterAttempt, attempted, maySend } from '../../domain/replies/after-attempt.ts';
import { withClocksLeft } from '../../domain/sla/followed-change.ts';
import type { ChannelAdapter, OutboundMessage, Sent } from '../channels/adapters/adapter.ts';
import { adapterOf } from '../channels/adapters/adapters.ts';
import { validSecrets } from '../channels/valid-secrets.ts';
import type { FileStore } from '../files/file-store.ts';
import type { GuardedHttp } from '../http/guarded-http.ts';
import { REFERENCE_SCOPE } from '../intake/correlate.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { caseIdOf, sendingShards } from '../table/keys.ts';
import { LostRace } from '../table/table.ts';
import type { Transaction } from '../table/transaction.ts';
import { contactsOf } from './address-message.ts';

export type CourierServices = Pick<
  Services,
  'table' | 'cases' | 'settings' | 'secrets' | 'intake' | 'now' | 'backOff'
> & { http: GuardedHttp; files: Pick<FileStore, 'get'> };

/** What a courier writes is written by nobody. */
const COURIER = { actor: 'system', cause: 'delivery', correlationId: 'courier' };

/**
 * Makes one attempt to send a message that stands in line. Whoever begins says so first, so that no two send the same;
 * a crash in between means that it is sent again, under the same id.
 */
export const deliver = async (
  services: CourierServices,
  named: { caseId: string; activityId: string },
): Promise<Activity | undefined> => {
  const found = await find(services, named);
  if (!found || !maySend(found.activity, services.now())) return undefined;
  const { file } = found;
  const begun = attempted(found.activity, services.now());
  try {
    await commit(services, file, begun, []);
  } catch (error) {
    if (error instanceof LostRace) return undefined;
    throw error;
  }
  const sent = await attempt(services, file, begun).catch((error: unknown): Sent => {
    return { sent: false, reason: error instanceof Error ? error.name : 'unknown fault', isFinal: false };
  });
  return conclude(services, named, sent);
};

/** It has been sent or not: whatever else has changed meanwhile, that is written down, or it would be sent again. */
const conclude = (
  services: CourierServices,
  named: { caseId: string; activityId: string },
  sent: Sent,
): Promise<Activity | undefined> =>
  retryingLostRaces(services, async () => {
    const found = await find(services, named);
    if (!found) return undefined;
    const { activity, facts } = afterAttempt(found.activity, sent, services.now());
    const follow = sent.sent ? await followers(services, found.file, activity, sent) : undefined;
    await commit(services, found.file, activity, facts, follow);
    return activity;
  }).then(unlessBusy);

/** The message, on its case or where a merge has taken it. */
const find = async (
  { cases }: CourierServices,
  { caseId, activityId }: { caseId: string; activityId: string },
): Promise<{ file: CaseFile; activity: Activity } | undefined> => {
  const named = await cases.load(caseId);
  const survivor = named && (await survivorOf(named, cases.load));
  for (const file of [named, survivor]) {
    const activity = file && (await cases.activity(file.case.caseId, activityId));
    if (activity) return { file, activity };
  }
  return undefined;
};

const commit = (
  { cases, now }: CourierServices,
  file: CaseFile,
  activity: Activity,
  facts: ReturnType<typeof afterAttempt>['facts'],
  also?: (transaction: Transaction) => void,
): Promise<void> =>
  cases.commit([withClocksLeft({ before: file, after: file, facts, activities: [activity] })], {
    ...COURIER,
    now: now(),
    also,
  });

const attempt = async (services: CourierServices, file: CaseFile, activity: Activity): Promise<Sent> => {
  const { channelId = '', to = [], cc, bcc, body, html, subject, isAutomatic = false } = activity;
  const channel = (await services.settings.channels.find(channelId))?.document;
  const adapter = channel && adapterOf(channel.kind);
  if (!channel?.enabled || !adapter) return { sent: false, reason: 'there is no such channel', isFinal: true };
  if (!adapter.send) return { sent: false, reason: 'the channel has no way back', isFinal: true };
  const now = services.now();
  const contact = (await contactsOf(services, file)).find((one) => one.channelId === channelId);
  const isTheirs = contact !== undefined && to.includes(contact.address);
  const { caseId, caseNumber, referenceKey } = file.case;
  const message: OutboundMessage = {
    messageId: activity.activityId,
    caseId,
    caseNumber,
    referenceKey,
    to,
    cc,
    bcc,
    subject,
    text: channel.signature ? `${body}\n\n${channel.signature}` : body,
    html,
    ...(isTheirs && { thread: contact.thread, conversation: contact.conversation }),
    files: (activity.attachments ?? []).map(({ attachmentId, name, contentType }) => ({
      name,
      contentType,
      content: () => services.files.get(attachmentId),
    })),
    isAutomatic,
  };
  const secrets = await validSecrets(services, channelId, adapter, now);
  return adapter.send(message, { channelId, channel, secrets, now, http: services.http });
};

/** Adds by what an answer will be known to belong to the case. */
const followers = async (
  services: CourierServices,
  { case: { caseId, referenceKey } }: CaseFile,
  { channelId = '', to = [], subject, occurredAt }: Activity,
  sent: Sent & { sent: true },
): Promise<(transaction: Transaction) => void> => {
  const { intake, settings } = services;
  const channel = (await settings.channels.find(channelId))?.document;
  const adapter: ChannelAdapter | undefined = channel && adapterOf(channel.kind);
  const scope = adapter?.scope ?? channelId;
  const becomes = sent.becomes ?? [];
  const [byReference, ...leads] = await Promise.all([
    intake.caseOf(REFERENCE_SCOPE, referenceKey),
    ...becomes.map((key) => intake.caseOf(scope, key)),
  ]);
  const contact = (await intake.contacts(caseId)).find((one) => one.channelId === channelId);
  const [address = ''] = to;
  return (transaction) => {
    intake.lead(transaction, REFERENCE_SCOPE, referenceKey, caseId, byReference);
    for (const [n, key] of becomes.entries()) intake.lead(transaction, scope, key, caseId, leads[n]);
    if (contact && becomes.length === 0 && !sent.thread) return;
    intake.putContact(transaction, {
      ...(contact ?? { caseId, channelId, address, lastAt: occurredAt, subject, conversation: [] }),
      ...(sent.thread && { thread: { ...sent.thread } }),
      conversation: [...new Set([...(contact?.conversation ?? []), ...becomes])].slice(-50),
      revision: (contact?.revision ?? 0) + 1,
    });
  };
};

/** So many of each part of the list in one turn; the next one goes on. */
const TURN = 25;

/** Sends what should have been tried by now: what failed and is due again, and what was lost on the way. */
export const deliverDue = async (
  services: CourierServices,
  onFailure: (partition: string, error: unknown) => void,
): Promise<number> => {
  const upTo = services.now();
  const pages = await Promise.all(
    sendingShards().map((partition) => services.table.page({ partition, index: 6, upTo, limit: TURN })),
  );
  let sent = 0;
  for (const { PK, SK } of pages.flatMap(({ items }) => items)) {
    const activityId = String(SK).slice(String(SK).indexOf('#') + 1);
    try {
      if (await deliver(services, { caseId: caseIdOf(String(PK)), activityId })) sent += 1;
    } catch (error) {
      onFailure(String(PK), error);
    }
  }
  return sent;
};
