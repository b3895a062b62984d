import type { z } from 'zod';
import { invalid, refuse } from '../../domain/refusal.ts';
import type { Outcome, Request } from '../api/api.ts';
import { adapterOf } from '../channels/adapters/adapters.ts';
import type { Reprocess } from '../channels/channels.routes.ts';
import { parseContext } from '../channels/own-addresses.ts';
import type { FileStore } from '../files/file-store.ts';
import { findCustomer } from '../references.ts';
import type { IntakeServices } from './carry-out.ts';
import { isCopyOf } from './copies.ts';
import { takeIn } from './take-in.ts';

/**
 * Takes in again what opened nothing: by the channel as it is now, and for the customer whom somebody has named. What
 * has led to a case already is answered as it is, so a repeat does nothing.
 */
export const reprocess = async (
  services: IntakeServices & { files: Pick<FileStore, 'get'> },
  {
    params: { channelId, intakeId },
    body: { customerId },
    caller,
    correlationId,
  }: Request<{ channelId: string; intakeId: string }, unknown, z.infer<typeof Reprocess>>,
): Promise<Outcome> => {
  const intake = await services.intake.find(channelId, intakeId);
  if (!intake) return refuse('NOT_FOUND', `There is no intake ${intakeId} of the channel ${channelId}`);
  if (intake.caseId) return { accepted: true, body: intake };
  const [channel, raw] = await Promise.all([
    services.settings.channels.find(channelId),
    services.intake.raw(intakeId, services.files.get),
  ]);
  const adapter = channel && adapterOf(channel.document.kind);
  if (!channel || !adapter) return refuse('NOT_FOUND', `There is no channel ${channelId}`);
  if (!raw) return refuse('NOT_FOUND', 'The message itself is not kept any more');
  const customer = customerId ? await findCustomer(services, customerId) : undefined;
  if (customer && !customer.accepted) return customer;

  const now = services.now();
  // What is parsed now was verified when it came in; its secrets may have gone since.
  const context = { channelId, channel: channel.document, secrets: { own: [], given: {} }, now };
  const parsed = await adapter.parse(raw, await parseContext(services, context));
  if (!parsed.accepted) return parsed;
  const isUnread = intake.externalId.startsWith('unread ');
  const found = parsed.value.find(({ externalId }) => isUnread || isCopyOf(intake, externalId));
  if (!found) return invalid('intakeId', 'the message is not among what was sent');
  // A copy that is to be taken in after all is a message of its own.
  const incoming = isUnread ? found : { ...found, externalId: intake.externalId };
  const entrance = { channelId, channel: channel.document, adapter, request: raw, correlationId };
  const again = { intake, by: caller.userId, ...(customer && { customer: customer.value }) };
  const taken = await takeIn(services, entrance, incoming, again);
  if (!taken.accepted) return taken;
  return { accepted: true, body: await services.intake.find(channelId, taken.value.intakeId) };
};
