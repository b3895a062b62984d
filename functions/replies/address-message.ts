import type { AttachedFile } from '../../domain/activities/activity.ts';
import type { Caller, CaseFile } from '../../domain/cases/case-file.ts';
import { type Channel, mailAddressesOf } from '../../domain/channels/channel.ts';
import { mergesOf } from '../../domain/merge/merges.ts';
import { accept, type Decision, invalid, type Refusal, refuse } from '../../domain/refusal.ts';
import type { QueuedMessage, SendReply } from '../../domain/replies/queue-reply.ts';
import { splitText } from '../../domain/replies/split-text.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import type { ChannelAdapter } from '../channels/adapters/adapter.ts';
import { adapterOf } from '../channels/adapters/adapters.ts';
import { renderTemplate } from '../channels/render-template.ts';
import type { Services } from '../services.ts';
import type { ChannelContact } from '../table/intake-store.ts';

export type AddressServices = Pick<Services, 'intake' | 'settings' | 'customers' | 'users' | 'ids'>;

/** Merged cases whose conversations go on with the survivor; more than these are not looked at. */
const MOST_MERGED = 20;

/** How a case's customer has been reached, the last one first: also by the cases that were merged into it. */
export const contactsOf = async ({ intake }: Pick<Services, 'intake'>, file: CaseFile): Promise<ChannelContact[]> => {
  const merged = mergesOf(file).received.slice(-MOST_MERGED);
  const all = await Promise.all([file.case, ...merged].map(({ caseId }) => intake.contacts(caseId)));
  return all.flat().sort((a, b) => (a.lastAt > b.lastAt ? -1 : 1));
};

/** A channel that can be sent by just now. */
export const findChannel = async (
  { settings }: Pick<Services, 'settings'>,
  head: SettingsHead,
  channelId: string,
  path = 'channelId',
): Promise<Decision<{ channel: Channel; adapter: ChannelAdapter }, 'VALIDATION_FAILED'>> => {
  const channel = (await settings.channels.find(channelId, head))?.document;
  const adapter = channel && adapterOf(channel.kind);
  if (!channel || !adapter) return invalid(path, `there is no channel ${channelId}`);
  return channel.enabled ? accept({ channel, adapter }) : invalid(path, `${channelId} is not enabled`);
};

/** Says by which channel a reply leaves, to whom, and how it reads. */
export const addressMessage = async (
  services: AddressServices,
  { file, head }: { file: CaseFile; head: SettingsHead },
  command: SendReply,
  caller: Caller,
  activityId: string,
  files: readonly AttachedFile[],
): Promise<Decision<QueuedMessage>> => {
  const contact = (await contactsOf(services, file)).find(
    ({ channelId }) => command.channelId === undefined || channelId === command.channelId,
  );
  const channelId = command.channelId ?? contact?.channelId;
  if (!channelId) return invalid('channelId', 'is required: the customer has not written over any channel');
  const found = await findChannel(services, head, channelId);
  if (!found.accepted) return found;
  const { channel, adapter } = found.value;
  if (!contact && !adapter.canInitiate(channel)) {
    return refuse('CHANNEL_CANNOT_INITIATE', `The customer has not written over ${channelId}, which cannot begin`);
  }
  const customer = await services.customers.find(file.case.customerId);
  const known =
    customer?.contactPoints?.find(({ channel: where }) => where === channelId)?.address ??
    (channel.kind === 'email' ? customer?.email : undefined);
  const to = command.to ?? [contact?.address ?? known].flatMap((address) => address ?? []);
  if (to.length === 0) return invalid('to', 'is required: the customer has no address on this channel');

  const { text = '', subject, html, cc, bcc, templateId } = command;
  const wrong = wrongAddress(adapter, { to, cc, bcc });
  if (wrong) return invalid(wrong, 'is not an address of this channel');
  const refused = whyFilesStay(adapter, channelId, files);
  if (refused) return refused;
  const template = templateId ? await services.settings.messageTemplates.find(templateId, head) : undefined;
  if (templateId && template?.document.kind !== 'reply') {
    return invalid('templateId', `there is no template ${templateId} for replies`);
  }
  if (!text && !template) return invalid('text', 'is required without a template');
  const agent = await services.users.find(caller.userId);
  const values = { ...valuesOf(file, channel, customer), agent: { id: caller.userId, name: agent?.name }, text };
  const rendered = template ? await renderTemplate(template.document, values) : { text };
  if (!partsOf(adapter, `${rendered.text}\n\n${channel.signature ?? ''}`)) {
    return invalid('text', `is too long for ${channelId}`);
  }
  return accept({
    activityId,
    channelId,
    type: adapter.replyType,
    to,
    cc,
    bcc,
    subject: subject ?? ('subject' in rendered ? rendered.subject : undefined) ?? contact?.subject,
    text: rendered.text,
    html,
    templateId,
    files,
    people: (await takingPart(services, head, adapter, [...to, ...(cc ?? [])])).filter(
      (one) => one !== contact?.address && one !== customer?.email?.toLowerCase(),
    ),
  });
};

/** Whom a message names, so that they may answer by the case's key: their addresses, where the channel has such. */
export const takingPart = async (
  { settings }: Pick<Services, 'settings'>,
  head: SettingsHead,
  { addressIn }: ChannelAdapter,
  addresses: readonly string[],
): Promise<string[]> => {
  if (!addressIn) return [];
  const own = (await settings.channels.all(head)).flatMap(({ document }) => mailAddressesOf(document));
  return [...new Set(addresses.flatMap((one) => addressIn(one) ?? []))].filter((one) => !own.includes(one));
};

/** A text as the parts in which it leaves by a channel; nothing when it is too long even so. */
export const partsOf = ({ parts }: ChannelAdapter, text: string): string[] | undefined => {
  if (!parts || text.length <= parts.longest) return [text];
  const split = splitText(text, parts.longest);
  return split.length <= parts.most ? split : undefined;
};

/** Which of the addresses is none that the channel knows, as its path in a body. */
export const wrongAddress = (
  { addressIn }: ChannelAdapter,
  fields: Readonly<Record<string, readonly string[] | undefined>>,
): string | undefined =>
  Object.entries(fields).flatMap(([field, all = []]) =>
    all.flatMap((one, n) => (!addressIn || addressIn(one) ? [] : `${field}.${n}`)),
  )[0];

/** Why files cannot leave with a message. */
const whyFilesStay = (
  { mostFileBytes: most }: ChannelAdapter,
  channelId: string,
  files: readonly AttachedFile[],
): Refusal<'VALIDATION_FAILED' | 'PAYLOAD_TOO_LARGE'> | undefined => {
  if (most === 0 && files.length > 0) return invalid('attachmentIds', `no files can be sent over ${channelId}`);
  const bytes = files.reduce((sum, { size = 0 }) => sum + size, 0);
  if (most === undefined || bytes <= most) return undefined;
  return refuse('PAYLOAD_TOO_LARGE', `Over ${channelId} all files have at most ${most} bytes together`);
};

/** What templates may speak of. */
export const valuesOf = (
  { case: subject }: CaseFile,
  { name, address, fromName }: Channel,
  customer: object | undefined,
): object => ({ case: subject, customer: customer ?? {}, channel: { name, address, fromName } });
