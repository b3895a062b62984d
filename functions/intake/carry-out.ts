import type { AttachedFile } from '../../domain/activities/activity.ts';
import type { CaseChange, CaseFile } from '../../domain/cases/case-file.ts';
import { CreateCase } from '../../domain/cases/create-case.ts';
import { inOneStep } from '../../domain/cases/in-one-step.ts';
import type { Channel } from '../../domain/channels/channel.ts';
import type { Customer } from '../../domain/customers/customer.ts';
import type { Fact } from '../../domain/facts/fact.ts';
import type { Plan } from '../../domain/intake/decide-intake.ts';
import type { IntakeOutcome } from '../../domain/intake/intake.ts';
import type { InboundMessage } from '../../domain/intake/message.ts';
import {
  channelCaller,
  openedByMessage,
  type RecordContext,
  recordMessage,
  titleOf,
} from '../../domain/intake/record-message.ts';
import { possiblyRelated } from '../../domain/links/link-cases.ts';
import { accept, type Decision, type Refusal } from '../../domain/refusal.ts';
import { afterFeedback } from '../../domain/replies/after-feedback.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { withClocksFollowing } from '../../domain/sla/followed-change.ts';
import type { Instant } from '../../domain/time.ts';
import { type CreateServices, prepareCase } from '../cases/create-case.ts';
import { rulesOfCase } from '../cases/rules-of-case.ts';
import type { ChannelAdapter } from '../channels/adapters/adapter.ts';
import type { FileStore } from '../files/file-store.ts';
import { afterClosing, followingUp } from '../reopening/after-closing.ts';
import { autoReplied } from '../replies/auto-reply.ts';
import { findOutgoing } from '../replies/outgoing.ts';
import type { Services } from '../services.ts';
import type { Transaction } from '../table/transaction.ts';
import { newContact } from './senders.ts';

export type IntakeServices = CreateServices &
  Pick<Services, 'intake' | 'attachments'> & { files: Pick<FileStore, 'put'> };

/** A message on its way in. */
export interface Arriving {
  channelId: string;
  channel: Channel;
  adapter: ChannelAdapter;
  message: InboundMessage;
  activityId: string;
  occurredAt: Instant;
  files: readonly AttachedFile[];
  head: SettingsHead;
  now: Instant;
}

/** What a message leads to, ready to be committed. */
export interface Carried {
  outcome: IntakeOutcome;
  reason?: string;
  detail?: string;
  change?: CaseChange;
  customerId?: string;
  writes: ((transaction: Transaction) => void)[];
}

/** Makes of a plan what has to be written. It is refused only when trying again helps. */
export const carryOut = async (
  services: IntakeServices,
  arriving: Arriving,
  plan: Plan,
): Promise<Decision<Carried, 'TRY_AGAIN'>> => {
  switch (plan.action) {
    case 'skip':
      return accept({ outcome: plan.outcome, reason: plan.reason, writes: [] });
    case 'append':
      return append(services, arriving, plan);
    case 'create':
      return create(services, arriving, plan);
  }
};

const append = async (
  services: IntakeServices,
  arriving: Arriving,
  { file, how, besides }: Plan & { action: 'append' },
): Promise<Decision<Carried, 'TRY_AGAIN'>> => {
  const { channel, message, activityId, occurredAt, head, now } = arriving;
  const templateId = channel.autoReply?.templateId;
  const recordedOn = async (onto: CaseFile): Promise<CaseChange> => {
    const rules = await rulesOfCase(services, head, onto);
    return withClocksFollowing(recordMessage(onto, message, { ...arriving, rules }), rules, now);
  };
  const bounced = await bouncedBy(services, file, arriving);
  const appended = (change: CaseChange, reason?: string): Decision<Carried, 'TRY_AGAIN'> => {
    const told = besides ? [ambiguous(besides, activityId, now)] : [];
    const own = bounced?.activity.caseId === change.after.case.caseId ? bounced : undefined;
    const whole = {
      ...change,
      facts: [...change.facts, ...told, ...(own?.facts ?? [])],
      activities: [...(change.activities ?? []), ...(own ? [own.activity] : [])],
    };
    return accept({ outcome: 'appended', ...(reason && { reason }), change: whole, writes: [] });
  };
  const rejected = async (onto: CaseFile, because: string): Promise<Decision<Carried, 'TRY_AGAIN'>> => {
    const told = { type: 'activity.rejected' as const, occurredAt: now, activityId, because, autoReplyDue: true };
    const change = await recordedOn(onto);
    const turnedDown = { ...change, facts: [...change.facts, told] };
    return appended(await autoReplied(services, arriving, turnedDown, templateId, { isRejected: true }), 'rejected');
  };
  if (how === 'waiting') return appended(await recordedOn(file), 'waitAfterResolved');

  const { isAutomatic } = message;
  const destination = await afterClosing(services, file, { occurredAt, isAutomatic }, { head, now });
  if (!destination.accepted) return destination;
  const to = destination.value;
  switch (to.how) {
    case 'append': {
      const isClosed = to.file.case.status !== 'active';
      return appended(await recordedOn(to.file), isClosed ? 'automatic' : undefined);
    }
    case 'reject':
      return rejected(to.file, to.because);
    case 'reopen':
      return appended(inOneStep(to.change, await recordedOn(to.change.after)), 'reopened');
    case 'open': {
      const { customerId, subjectId, product, caseType } = to.previous.case;
      const customer = await services.customers.find(customerId);
      const fields = { ...channel.defaults, customerId, subjectId, product, caseType };
      const plan = { action: 'create' as const, trace: [], fields, customer, templateId };
      const opened = await create(services, arriving, plan, to.previous);
      if (!opened.accepted || opened.value.outcome === 'created') return opened;
      return rejected(to.previous, opened.value.reason ?? to.because);
    }
  }
};

/** The message of ours that did not arrive after all, if this one tells so. */
const bouncedBy = async (
  services: IntakeServices,
  file: CaseFile,
  { message: { failedDelivery }, now }: Arriving,
): Promise<ReturnType<typeof afterFeedback>> => {
  const { activityId, status } = failedDelivery ?? {};
  if (!activityId) return undefined;
  const found = await findOutgoing(services, { caseId: file.case.caseId, activityId });
  const reason = `it came back${status ? ` (${status})` : ''}`;
  return found && afterFeedback(found.activity, { delivery: 'bounced', reason }, now);
};

/** Whoever asks later why it stands here finds where else it might have stood. */
const ambiguous = (
  { file, because }: { file: CaseFile; because: string },
  activityId: string,
  now: Instant,
): Extract<Fact, { type: 'activity.ambiguous' }> => ({
  type: 'activity.ambiguous',
  occurredAt: now,
  activityId,
  otherId: file.case.caseId,
  because: `${because} names ${file.case.caseNumber}`,
});

const create = async (
  services: IntakeServices,
  arriving: Arriving,
  { fields, customer, templateId, related }: Plan & { action: 'create' },
  previous?: CaseFile,
): Promise<Decision<Carried, 'TRY_AGAIN'>> => {
  const { channelId, channel, adapter, message, head, now } = arriving;
  const { customerId = customer?.customerId, queueId = channel.queueId, ...rest } = fields;
  const contact = customerId === undefined ? newContact(channelId, message.from, now) : undefined;
  const whose = customerId ?? contact?.customerId;
  const isForOthers = whose !== contact?.customerId && !customer;
  const participants = message.people ?? (isForOthers ? [message.from.email ?? message.from.id] : []);
  const body = CreateCase.safeParse({
    title: titleOf(message),
    origin: adapter.origin,
    description: message.text.slice(0, LONGEST_DESCRIPTION),
    ...rest,
    ...(!rest.ownerId && queueId && { queueId }),
    customerId: whose,
    ...(customer && customer.customerId !== whose && { contactId: customer.customerId }),
    ...(participants.length > 0 && { participants }),
    ...(previous && { previousCaseId: previous.case.caseId }),
  });
  if (!body.success) return failed(body.error.issues.map(({ path, message: why }) => `${path.join('.')}: ${why}`)[0]);
  const prepared = await prepareCase(services, {
    caller: channelCaller(channelId),
    body: body.data,
    now,
    head,
    ...(contact && { newcomer: contact }),
    ...(previous && { previous }),
  });
  if (!prepared.accepted) {
    if (isPassing(prepared)) return prepared;
    if (prepared.code === 'VALIDATION_FAILED') return failed(prepared.detail);
    return accept({ outcome: 'ignored', reason: prepared.code, detail: prepared.detail, writes: [] });
  }
  const { change, rules, uses } = prepared.value;
  if (channel.requireEntitlement && !change.after.case.entitlementId) {
    return accept({ outcome: 'ignored', reason: 'ENTITLEMENT_REQUIRED', writes: [] });
  }
  const context: RecordContext = { ...arriving, rules };
  const opened = openedByMessage(previous ? followingUp(change, previous) : change, message, context);
  return accept({
    outcome: 'created',
    ...(previous && { reason: 'newLinked' }),
    change: await autoReplied(
      services,
      arriving,
      related ? possiblyRelated(opened, related, { caller: channelCaller(channelId), now }) : opened,
      templateId,
      previous && { previous: previous.case },
    ),
    customerId: change.after.case.customerId,
    writes: [uses, ...(contact ? [createContact(services, contact)] : [])],
  });
};

const LONGEST_DESCRIPTION = 32_000;

const createContact =
  ({ customers }: IntakeServices, contact: Customer) =>
  (transaction: Transaction): void =>
    customers.create(transaction, contact);

/** Set-up that names what is no longer there: the message is kept, and taken in again when that is put right. */
const failed = (detail: string | undefined): Decision<Carried, 'TRY_AGAIN'> =>
  accept({ outcome: 'failed', reason: 'VALIDATION_FAILED', ...(detail && { detail }), writes: [] });

const isPassing = (refusal: Refusal): refusal is Refusal<'TRY_AGAIN'> => refusal.code === 'TRY_AGAIN';
