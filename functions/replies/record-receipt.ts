import type { NotArrived } from '../../domain/intake/message.ts';
import type { Services } from '../services.ts';
import { findOutgoing } from './outgoing.ts';
import { recordFeedback } from './record-feedback.ts';

/** Records that a provider could not deliver a message of ours, if it left by the channel that tells so. */
export const recordReceipt = async (
  services: Pick<Services, 'cases' | 'now' | 'backOff'>,
  channelId: string,
  { reason, ...named }: NotArrived,
): Promise<void> => {
  const found = await findOutgoing(services, named);
  if (found?.activity.channelId === channelId) await recordFeedback(services, named, { delivery: 'failed', reason });
};
