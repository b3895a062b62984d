import type { Broadcast } from '../../domain/broadcast/broadcast.ts';
import type { Told } from '../../domain/broadcast/tell-child.ts';
import type { CaseFile } from '../../domain/cases/case-file.ts';

/** Sends what is broadcast to the customer of a child, on the channel that they wrote by last. */
export const sendToCustomer = async (_child: CaseFile, _broadcast: Broadcast): Promise<Told> => ({
  outcome: 'failed',
  reason: 'no channel',
});
