import { composeMail } from '../../mail/compose-mail.ts';
import type { ChannelAdapter } from './adapter.ts';

/**
 * Sends a message as mail from its channel's mailbox. An answer is known by our `Message-ID` and by the one that Amazon
 * SES puts in its place; the tags say whose a bounce is.
 */
export const sendEmail: NonNullable<ChannelAdapter['send']> = async (message, { channel, now, mail }) => {
  const { address, fromName } = channel;
  const composed = await composeMail(message, { address, fromName, now });
  if ('refused' in composed) return { sent: false, reason: composed.refused, isFinal: true };
  const { messageId, ...outgoing } = composed;
  const handedOver = await mail({ ...outgoing, tags: { caseId: message.caseId, activityId: message.messageId } });
  if (!handedOver.taken) return { sent: false, reason: handedOver.reason, isFinal: handedOver.isFinal };
  const { externalId, messageId: delivered = messageId } = handedOver;
  return { sent: true, externalId, becomes: [...new Set([messageId, delivered])] };
};
