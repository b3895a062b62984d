import type { Broadcast } from '../../domain/broadcast/broadcast.ts';
import type { Told } from '../../domain/broadcast/tell-child.ts';
import type { Caller } from '../../domain/cases/case-file.ts';
import { queueReply } from '../../domain/replies/queue-reply.ts';
import type { Loaded } from '../cases/command.ts';
import { type AddressServices, addressMessage } from '../replies/address-message.ts';

/**
 * Puts what is broadcast in line to the customer of a child, on the channel that they wrote by last: a reply like any
 * other, by whoever started the broadcast. A customer who has written over none cannot be reached.
 */
export const sendToCustomer = async (
  services: AddressServices,
  { file, rules, head, now }: Omit<Loaded, 'also'>,
  { text, by }: Broadcast,
): Promise<Told> => {
  const caller: Caller = { userId: by, roles: ['agent'] };
  const message = await addressMessage(services, { file, head }, { text }, caller, services.ids.at(now), []);
  const reply = message.accepted ? queueReply(file, message.value, { rules, caller, now }) : message;
  return reply.accepted
    ? { outcome: 'done', change: reply.value }
    : { outcome: 'failed', reason: reply.detail ?? reply.code };
};
