import { type Channel, mailAddressesOf } from '../../domain/channels/channel.ts';
import type { IntakeServices } from '../intake/carry-out.ts';
import type { SettingsStore } from '../table/settings-store.ts';
import { adapterOf } from './adapters/adapters.ts';
import { parseContext } from './own-addresses.ts';
import { takeAll } from './receive.ts';

/** A mail that was received for us. */
export interface ReceivedMail {
  raw: Buffer;
  /** Whom it was for, by its envelope. */
  recipients: readonly string[];
  /** What whoever received it makes of it. */
  verdicts: Readonly<Record<string, string>>;
  correlationId: string;
}

/** What became of it at one mailbox. */
export interface Delivered {
  channelId: string;
  outcome?: string;
  reason?: string;
}

/**
 * Takes in a mail at each mailbox that it was for, in the order of its envelope: the first takes it, and the others have
 * it in their lists as what came before. Refused only when trying again helps.
 */
export const receiveMail = async (
  services: IntakeServices,
  { raw, recipients, verdicts, correlationId }: ReceivedMail,
): Promise<Delivered[]> => {
  const delivered: Delivered[] = [];
  for (const { channelId, channel } of await mailboxesOf(services, recipients)) {
    const adapter = adapterOf(channel.kind);
    if (!adapter) continue;
    const request = { method: 'POST', url: '', headers: { ...verdicts }, query: {}, body: raw };
    const context = { channelId, channel, secrets: { own: [], given: {} }, now: services.now() };
    const parsed = await adapter.parse(request, await parseContext(services, context));
    if (!parsed.accepted) throw new NotTakenIn(parsed.detail);
    const taken = await takeAll(services, { channelId, channel, adapter, request, correlationId }, parsed.value);
    if ('code' in taken) throw new NotTakenIn(taken.detail);
    const [answer] = taken.answers;
    delivered.push({ channelId, outcome: answer?.outcome, reason: answer?.reason });
  }
  return delivered;
};

/** Too much goes on just now: whoever called tries again. */
export class NotTakenIn extends Error {
  override name = 'NotTakenIn';
}

/** What stands behind a plus is the sender's own mark. */
const plain = (address: string): string => address.toLowerCase().replace(/\+[^@]*(?=@)/, '');

const mailboxesOf = async (
  { settings }: { settings: Pick<SettingsStore, 'channels'> },
  recipients: readonly string[],
): Promise<{ channelId: string; channel: Channel }[]> => {
  const all = (await settings.channels.all()).filter(({ document }) => document.enabled);
  const found = recipients.flatMap((recipient) => {
    const has = (address: string) => all.find(({ document }) => mailAddressesOf(document).includes(address));
    return has(recipient.toLowerCase()) ?? has(plain(recipient)) ?? [];
  });
  return [...new Map(found.map(({ id, document }) => [id, { channelId: id, channel: document }])).values()];
};
