import { z } from 'zod';
import { type Channel, mailAddressesOf } from '../../domain/channels/channel.ts';
import type { MessageTemplate } from '../../domain/channels/message-template.ts';
import { accept, type Decision, invalid, type Refusal } from '../../domain/refusal.ts';
import type { SettingsHead } from '../../domain/settings/kinds.ts';
import { MINUTE } from '../../domain/time.ts';
import type { Outcome, Request } from '../api/api.ts';
import { idempotently } from '../idempotently.ts';
import { findOwner } from '../people/owners.ts';
import { findCustomer, findQueue, findSubjectPath } from '../references.ts';
import type { Services } from '../services.ts';
import { deleteSetting, getSetting, putSetting } from '../settings/documents.ts';
import type { SecretHead, SecretOwner } from '../table/secret-store.ts';
import { Transaction } from '../table/transaction.ts';
import type { ChannelAdapter } from './adapters/adapter.ts';
import { adapterOf } from './adapters/adapters.ts';
import type { PutChannel, RotateSecret } from './channels.routes.ts';
import { whyNotMapping } from './mapping.ts';
import { whyNotTemplate } from './render-template.ts';
import { secretOwner } from './valid-secrets.ts';

export type ChannelServices = Pick<
  Services,
  'table' | 'settings' | 'secrets' | 'customers' | 'users' | 'ids' | 'now' | 'backOff'
>;
type IdRequest<Body = unknown> = Request<{ id: string }, unknown, Body>;

/** As Standard Webhooks writes it; without the signs that URLs and headers give a meaning to, for the others. */
const newSecret = ({ ids }: Pick<Services, 'ids'>, form: NonNullable<ChannelAdapter['ownSecret']>): string => {
  const secret = ids.secret();
  return form === 'whsec' ? secret : Buffer.from(secret.replace(/^whsec_/, ''), 'base64').toString('base64url');
};

/** Creates or replaces a channel. Its secret is made with it, and shown in that answer only. */
export const putChannel = async (services: ChannelServices, request: IdRequest<PutChannel>): Promise<Outcome> => {
  const { secrets: given = {}, ...channel } = request.body;
  let made: string | undefined;
  const outcome = await putSetting(
    services,
    services.settings.channels,
    { ...request, body: channel },
    async (id, _channel, transaction) => {
      const head = await services.settings.head();
      const adapter = adapterOf(channel.kind);
      if (!adapter) return invalid('kind', `there is no adapter for ${channel.kind}`);
      const refusal =
        whyNotFitting(channel, given, adapter) ??
        (channel.mapping && whyNotMapping(channel.mapping)) ??
        (await whyAddressTaken(services, transaction, head, id, channel)) ??
        (await whyNotFound(services, head, channel));
      if (refusal) return refusal;

      const before = await services.settings.channels.find(id, head);
      // Another kind is another channel: what the one before proved itself by opens nothing here.
      if (before && before.document.kind !== channel.kind) {
        return invalid('kind', `is ${before.document.kind}; remove the channel first, and make it anew`);
      }
      for (const name of adapter.givenSecrets) {
        const secret = given[name];
        const known = await services.secrets.head(secretOwner(id, name));
        if (!secret && !known?.live.length) return invalid(`secrets.${name}`, 'is required');
        if (secret) issue(services, transaction, secretOwner(id, name), secret, known);
      }
      const known = await services.secrets.head(secretOwner(id));
      made = adapter.ownSecret && !known?.live.length ? newSecret(services, adapter.ownSecret) : undefined;
      if (made) issue(services, transaction, secretOwner(id), made, known);
      return accept(undefined);
    },
  );
  return outcome.accepted && made ? { ...outcome, body: Object.assign({}, outcome.body, { secret: made }) } : outcome;
};

const issue = (
  { secrets, now }: ChannelServices,
  transaction: Transaction,
  owner: SecretOwner,
  secret: string,
  before: SecretHead | undefined,
  overlapMs = 0,
): void => {
  secrets.issue(transaction, owner, secret, { before, overlapMs, now: now() });
};

/** What a channel says of itself must be what its kind knows. */
const whyNotFitting = (
  { provider = {}, mapping, replyUrl, kind, address, aliases }: Channel,
  given: Readonly<Record<string, string>>,
  adapter: ChannelAdapter,
): Refusal | undefined => {
  const noMailbox =
    kind === 'email'
      ? whyNotMailbox(address, aliases)
      : aliases && invalid('aliases', 'are for channels of kind email');
  if (noMailbox) return noMailbox;
  const unknown = Object.keys(given).find((name) => !adapter.givenSecrets.includes(name));
  if (unknown) return invalid(`secrets.${unknown}`, `a ${kind} channel has no such secret`);
  if (mapping !== undefined && kind !== 'webhook') return invalid('mapping', 'is for channels of kind webhook');
  if (replyUrl !== undefined && kind !== 'webhook') return invalid('replyUrl', 'is for channels of kind webhook');
  const parsed = adapter.provider.safeParse(provider);
  const [issue] = parsed.error?.issues ?? [];
  return issue && invalid(['provider', ...issue.path].join('.'), issue.message);
};

const whyNotMailbox = (address: string | undefined, aliases: readonly string[] = []): Refusal | undefined => {
  const named = [['address', address], ...aliases.map((alias, n) => [`aliases.${n}`, alias])] as const;
  const [path] = named.find(([, one]) => !z.email().safeParse(one).success) ?? [];
  return path === undefined ? undefined : invalid(path, 'is to be a mail address');
};

/** A mail goes to one mailbox by its address. The head has not changed until it is written, so no two take one at once. */
const whyAddressTaken = async (
  { settings }: ChannelServices,
  transaction: Transaction,
  head: SettingsHead,
  id: string,
  channel: Channel,
): Promise<Refusal | undefined> => {
  const own = mailAddressesOf(channel);
  if (own.length === 0) return undefined;
  settings.unchanged(transaction, head, [settings.channels]);
  const twice = own.find((address, n) => own.indexOf(address) !== n);
  if (twice) return invalid('aliases', `${twice} is named twice`);
  for (const other of await settings.channels.all(head)) {
    const taken = other.id !== id && mailAddressesOf(other.document).find((address) => own.includes(address));
    if (taken) return invalid('address', `${taken} is an address of the channel ${other.id}`);
  }
  return undefined;
};

/** What a channel names must be there. */
const whyNotFound = async (
  services: ChannelServices,
  head: SettingsHead,
  { queueId, defaults, rules = [], autoReply }: Channel,
): Promise<Refusal | undefined> => {
  const opened = [
    { path: 'defaults', fields: defaults },
    ...rules.map(({ fields }, n) => ({ path: `rules.${n}.fields`, fields })),
  ];
  const checks: Promise<Decision<unknown>>[] = [
    findQueue(services, head, queueId),
    ...opened.flatMap(({ path, fields = {} }) => [
      findQueue(services, head, fields.queueId, `${path}.queueId`),
      findOwner(services, head, fields.ownerId, `${path}.ownerId`),
      findSubjectPath(services, head, fields.subjectId, { where: `${path}.subjectId` }),
      ...(fields.customerId ? [findCustomer(services, fields.customerId, `${path}.customerId`)] : []),
    ]),
    findAutoReply(services, head, autoReply?.templateId, 'autoReply.templateId'),
    ...rules.map(({ templateId }, n) => findAutoReply(services, head, templateId, `rules.${n}.templateId`)),
  ];
  for (const check of await Promise.all(checks)) if (!check.accepted) return check;
  return undefined;
};

const findAutoReply = async (
  { settings }: ChannelServices,
  head: SettingsHead,
  templateId: string | undefined,
  path: string,
): Promise<Decision<unknown>> => {
  const template = templateId ? await settings.messageTemplates.find(templateId, head) : undefined;
  if (!templateId || template?.document.kind === 'autoReply') return accept(template);
  return invalid(path, template ? `${templateId} is not an automatic answer` : `there is no template ${templateId}`);
};

/** Removes a channel and all that it proved itself by; what came over it stays. */
export const deleteChannel = (services: ChannelServices, request: IdRequest): Promise<Outcome> =>
  deleteSetting(services, services.settings.channels, request, async (id, transaction) => {
    const channel = await services.settings.channels.find(id);
    const names = (channel && adapterOf(channel.document.kind)?.givenSecrets) ?? [];
    for (const owner of [secretOwner(id), ...names.map((name) => secretOwner(id, name))]) {
      const known = await services.secrets.head(owner);
      if (known) services.secrets.revoke(transaction, owner, known);
    }
    return undefined;
  });

/**
 * Makes a channel a new secret. A repeat makes another one, because an answer that is kept would be a secret kept where
 * others may read; those until now hold on meanwhile.
 */
export const rotateSecret = (
  services: ChannelServices,
  request: IdRequest<z.infer<typeof RotateSecret>>,
): Promise<Outcome> =>
  idempotently(services, undefined, async () => {
    const { id } = request.params;
    const channel = await services.settings.channels.find(id);
    if (!channel) return getSetting(services.settings.channels, request);
    const form = adapterOf(channel.document.kind)?.ownSecret;
    if (!form) return invalid('id', `the secrets of a ${channel.document.kind} channel are its provider’s`);
    const { overlapMinutes } = request.body;
    const secret = newSecret(services, form);
    const transaction = new Transaction();
    const before = await services.secrets.head(secretOwner(id));
    issue(services, transaction, secretOwner(id), secret, before, overlapMinutes * MINUTE);
    await services.table.transact(transaction);
    return { accepted: true, body: { secret, overlapMinutes } };
  });

/** Creates or replaces a template of messages. */
export const putTemplate = (services: ChannelServices, request: IdRequest<MessageTemplate>): Promise<Outcome> =>
  putSetting(
    services,
    services.settings.messageTemplates,
    request,
    async (_id, template) => whyNotTemplate(template) ?? accept(template),
  );

/** Removes a template that no channel answers by. */
export const deleteTemplate = (services: ChannelServices, request: IdRequest): Promise<Outcome> =>
  deleteSetting(services, services.settings.messageTemplates, request, async (id, transaction) => {
    const { settings } = services;
    const head = await settings.head();
    settings.unchanged(transaction, head, [settings.channels]);
    const users = (await settings.channels.all(head)).filter(
      ({ document: { autoReply, rules = [] } }) =>
        autoReply?.templateId === id || rules.some(({ templateId }) => templateId === id),
    );
    return users.length > 0 ? `The template is used by ${users.map((channel) => channel.id).join(', ')}` : undefined;
  });
