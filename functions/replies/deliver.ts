import type { Activity } from '../../domain/activities/activity.ts';
import type { CaseFile } from '../../domain/cases/case-file.ts';
import { withKeys } from '../../domain/intake/conversation.ts';
import { afterAttempt, attempted, maySend } from '../../domain/replies/after-attempt.ts';
import type { ChannelAdapter, OutboundMessage, Outlets, Sent } from '../channels/adapters/adapter.ts';
import { adapterOf } from '../channels/adapters/adapters.ts';
import { scopeOf } from '../channels/scope-of.ts';
import { validSecrets } from '../channels/valid-secrets.ts';
import type { FileStore } from '../files/file-store.ts';
import { REFERENCE_SCOPE } from '../intake/correlate.ts';
import { retryingLostRaces } from '../lost-races.ts';
import { unlessBusy } from '../reactions/faults.ts';
import type { Services } from '../services.ts';
import { caseIdOf, sendingShards } from '../table/keys.ts';
import { LostRace } from '../table/table.ts';
import type { Transaction } from '../table/transaction.ts';
import { contactsOf, partsOf } from './address-message.ts';
import { commitOutgoing, findOutgoing, type NamedMessage } from './outgoing.ts';

export type CourierServices = Pick<
  Services,
  'table' | 'cases' | 'settings' | 'secrets' | 'intake' | 'now' | 'backOff'
> &
  Outlets & { files: Pick<FileStore, 'get'> };

/**
 * Makes one attempt to send a message that stands in line. Whoever begins says so first, so that no two send the same;
 * a crash in between means that it is sent again, under the same id. Of a text that goes in parts each one is written
 * down before the next one leaves, so that no more than one is sent again.
 */
export const deliver = async (services: CourierServices, named: NamedMessage): Promise<Activity | undefined> => {
  const found = await findOutgoing(services, named);
  if (!found || !maySend(found.activity, services.now())) return undefined;
  let { file, activity } = found;
  activity = attempted(activity, services.now());
  try {
    await commitOutgoing(services, file, { activity, facts: [] });
  } catch (error) {
    if (error instanceof LostRace) return undefined;
    throw error;
  }
  for (;;) {
    const sent = await attempt(services, file, activity).catch((error: unknown): Sent & { isMore?: boolean } => {
      return { sent: false, reason: error instanceof Error ? error.name : 'unknown fault', isFinal: false };
    });
    const concluded = await conclude(services, named, sent);
    if (!concluded || !sent.isMore || concluded.activity.delivery !== 'queued') return concluded?.activity;
    ({ file, activity } = concluded);
  }
};

/** It has been sent or not: whatever else has changed meanwhile, that is written down, or it would be sent again. */
const conclude = (
  services: CourierServices,
  named: NamedMessage,
  sent: Sent & { isMore?: boolean },
): Promise<{ file: CaseFile; activity: Activity } | undefined> =>
  retryingLostRaces(services, async () => {
    const found = await findOutgoing(services, named);
    if (!found) return undefined;
    const { file } = found;
    const decided = afterAttempt(found.activity, sent, services.now());
    const follow = sent.sent ? await followers(services, file, decided.activity, sent) : undefined;
    await commitOutgoing(services, file, decided, follow);
    return { file, activity: decided.activity };
  }).then(unlessBusy);

/** Sends a message, or the next part of one; `isMore` when others follow. */
const attempt = async (
  services: CourierServices,
  file: CaseFile,
  activity: Activity,
): Promise<Sent & { isMore?: boolean }> => {
  const { channelId = '', to = [], cc, bcc, body, html, subject, isAutomatic = false, sending } = activity;
  const channel = (await services.settings.channels.find(channelId))?.document;
  const adapter = channel && adapterOf(channel.kind);
  if (!channel?.enabled || !adapter) return { sent: false, reason: 'there is no such channel', isFinal: true };
  if (!adapter.send) return { sent: false, reason: 'the channel has no way back', isFinal: true };
  const now = services.now();
  const contact = (await contactsOf(services, file)).find((one) => one.channelId === channelId);
  const { addressIn = (text: string) => text } = adapter;
  const isTheirs = contact !== undefined && to.some((one) => addressIn(one) === addressIn(contact.address));
  const { caseId, caseNumber, referenceKey } = file.case;
  const { signature } = channel;
  const parts = partsOf(adapter, signature ? `${body}\n\n${signature}` : body);
  if (!parts) return { sent: false, reason: 'the text is too long for the channel', isFinal: true };
  const part = Math.min(sending?.partsSent ?? 0, parts.length - 1);
  const message: OutboundMessage = {
    messageId: activity.activityId,
    caseId,
    caseNumber,
    referenceKey,
    to,
    cc,
    bcc,
    subject,
    text: parts[part] ?? '',
    html: html && signature ? `${html}${asHtml(signature)}` : html,
    ...(isTheirs && { thread: contact.thread, conversation: contact.conversation }),
    files: (activity.attachments ?? []).map(({ attachmentId, name, contentType, size }) => ({
      name,
      contentType,
      size,
      content: () => services.files.get(attachmentId),
    })),
    isAutomatic,
  };
  const secrets = await validSecrets(services, channelId, adapter, now);
  const { http, mail } = services;
  const sent = await adapter.send(message, { channelId, channel, secrets, now, http, mail });
  return sent.sent ? { ...sent, isMore: part + 1 < parts.length } : sent;
};

/** A text as HTML that looks the same. */
const asHtml = (text: string): string =>
  `<p>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', '<br>')}</p>`;

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
  const scope = scopeOf(adapter, channelId, channel);
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
      conversation: withKeys(contact?.conversation ?? [], becomes),
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
